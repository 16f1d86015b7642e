import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, type RunResult } from './child.js';
import { startExample, type Example, type ExampleOptions } from './example.js';
import { shippedExample } from './example-files.js';
import { scheduledCommand } from './example-readme.js';
import { haproxyBin } from './haproxy.js';
import { underLoad } from './https-load.js';
import { loopback } from './loopback.js';
import { readmeCommands } from './readme-commands.js';
import { isRoot } from './stage.js';

/** A connection through HAProxy that stays open. */
export interface LongConnection {
  readonly roundTrip: (text: string) => Promise<string>;
  readonly close: () => void;
}

export interface ExampleSuite {
  /** Made before the example starts. */
  readonly options: () => Promise<ExampleOptions>;
  /** The command of its README that has HAProxy running. */
  readonly start: string;
  /** The command of its README that has the renewals running; its last one unless told. */
  readonly scheduled?: string;
  /** The names of the first certificate that its README orders. */
  readonly names: readonly string[];
  /** The bundle that HAProxy reads. */
  readonly bundle: string;
  /** What HAProxy's service finds in its environment, where it does not start without. */
  readonly env?: Readonly<Record<string, string>>;
  /** Its binds with `ssl`; 443 unless told. */
  readonly tls?: readonly number[];
  /** Those of them that the requests go to; all unless told. */
  readonly load?: readonly number[];
  readonly longConnections: (example: Example) => Promise<readonly LongConnection[]>;
  /** After the self-signed certificate is served, and before another is ordered. */
  readonly more?: (example: () => Example) => void;
}

/**
 * The story that every example tells: by the commands of its README HAProxy starts without a certificate, gets one,
 * serves it on every TLS bind, and renews it while it is used.
 */
export function exampleSuite(name: string, suite: ExampleSuite): void {
  let example: Example;
  beforeAll(async () => {
    example = await startExample(name, await suite.options());
  });
  afterAll(async () => await example.stop());
  const [certName = ''] = suite.names;

  const servedEverywhere = async (): Promise<readonly string[]> => {
    const all = example.tlsPorts.flatMap((port) => suite.names.map(async (host) => await example.served(port, host)));
    return [...new Set(await Promise.all(all))];
  };

  it('is installed as README.md tells', () => {
    const [front = '', ...rest] = readmeCommands(join(shippedExample(name), 'README.md')).slice(1);
    expect(readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8')).toContain(`    ${front}`);
    expect(rest.length).toBeGreaterThan(0);
  });

  it('starts before there is a certificate', async () => {
    await example.readme.to(suite.start);
    expect(example.tlsPorts).toEqual(suite.tls ?? [443]);
    const [served, ...others] = await servedEverywhere();
    expect(others).toEqual([]);
    expect(served).toBe(leafOf(example.at(join(suite.bundle, '../../default.pem'))));
  });

  it('is valid as shipped, without a warning', async () => {
    const result = await checkAsShipped(name, example, suite.env ?? {});
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(result.stdout + result.stderr).not.toMatch(/\[(?:WARNING|ALERT)\]/);
  });

  describe('running', () => suite.more?.(() => example));

  it('is given its certificate on every TLS bind', async () => {
    const processes = example.processes();
    await example.readme.to('haproxy-acme certonly');
    expect(example.processes()).toEqual(processes);
    expect(await servedEverywhere()).toEqual([example.stored(certName)]);
    expect(leafOf(example.at(suite.bundle))).toBe(example.stored(certName));
  });

  it('renews it by its timer or cron line, while requests and long connections go on', async () => {
    const before = { processes: example.processes(), fingerprint: example.stored(certName) };
    if (suite.scheduled === undefined) await example.readme.toEnd();
    else await example.readme.to(suite.scheduled);
    const renew = scheduledCommand(example);
    const long = await suite.longConnections(example);
    let renewed: RunResult | undefined;
    const load = await underLoad(loopback, (suite.load ?? example.tlsPorts).map(example.port), certName, async () => {
      for (const connection of long) expect(await connection.roundTrip('before')).toBe('before');
      renewed = await example.shell(`${renew} --force-renewal`);
    });
    expect(renewed, renewed?.stderr).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(example.stored(certName)).not.toBe(before.fingerprint);
    expect(await servedEverywhere()).toEqual([example.stored(certName)]);
    expect(leafOf(example.at(suite.bundle))).toBe(example.stored(certName));
    for (const connection of long) {
      expect(await connection.roundTrip('after')).toBe('after');
      connection.close();
    }
    expect(long.length).toBeGreaterThan(0);
    expect(load.asked).toBeGreaterThan(20);
    expect(load.failures).toEqual([]);
    expect(example.processes()).toEqual(before.processes);
  }, 120_000);
}

function leafOf(bundle: string): string {
  return new X509Certificate(readFileSync(bundle)).fingerprint256;
}

/**
 * `haproxy -c` of the very file that is shipped, at the paths that it names: what the example has made below its
 * directory is laid over /etc and /usr of a mount namespace.
 */
async function checkAsShipped(
  name: string,
  example: Example,
  env: Readonly<Record<string, string>>,
): Promise<RunResult> {
  const layer = example.at('shipped');
  mkdirSync(layer, { recursive: true });
  const script = [
    `mkdir -p ${layer}/etc ${layer}/usr`,
    `cp -R ${example.at('etc/haproxy')} ${layer}/etc/`,
    `if [ -d ${example.at('usr')} ]; then cp -R ${example.at('usr')}/. ${layer}/usr/; fi`,
    `cp ${shippedExample(name)}/haproxy.cfg ${layer}/etc/haproxy/haproxy.cfg`,
    `for place in etc usr; do mount -t overlay overlay -o lowerdir=${layer}/$place:/$place /$place; done`,
    `exec ${haproxyBin} -dW -c -f /etc/haproxy/haproxy.cfg`,
  ];
  const asRoot = isRoot ? [] : ['--map-root-user'];
  return await run('unshare', [...asRoot, '--mount', 'sh', '-e', '-c', script.join('\n')], { env });
}
