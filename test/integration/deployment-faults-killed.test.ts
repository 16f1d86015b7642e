import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, until, type RunResult } from '../support/child.js';
import { faultInjection, operationsIn, type Fault } from '../support/fault-injection.js';
import { haproxyBin } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { jsonReport } from '../support/report.js';
import { runtimeCommand } from '../support/runtime-socket.js';
import { startStage, type Stage } from '../support/stage.js';

const name = 'shop.test';
let stage: Stage;
let injection: Awaited<ReturnType<typeof faultInjection>>;
/** Each has a certificate of its own for the name, and HAProxy is given now the one's, now the other's. */
const configs: string[] = [];

beforeAll(async () => {
  stage = await startStage({ pebble: { authzReuse: 100 } });
  injection = await faultInjection(stage.at(''));
  for (const directory of ['one', 'two']) {
    configs.push(stage.at(directory));
    await stage.ordered([name], ['--config-dir', stage.at(directory)]);
  }
});
afterAll(async () => await stage.stop());

const conf = (config: string): string => join(config, 'renewal', `${name}.conf`);
const leafOf = (config: string): X509Certificate =>
  new X509Certificate(readFileSync(join(config, 'live', name, 'cert.pem')));
const say = async (command: string): Promise<string> => await runtimeCommand(stage.socket, command);

/** As a run leaves it that has stored a version and did not come to deploy it. */
function undeploy(config: string): void {
  writeFileSync(conf(config), readFileSync(conf(config), 'utf8').replace(/^deployed_version = .*\n/m, ''));
}

/** As before the first certificate. */
async function forget(): Promise<void> {
  rmSync(stage.bundle(name));
  await say(`del ssl crt-list ${stage.certDir} ${stage.bundle(name)}`);
  expect(await say(`del ssl cert ${stage.bundle(name)}`)).toContain('deleted!');
}

/** What is wrong with HAProxy and its files, once a certificate is to be deployed. */
async function wrongAfter(config: string): Promise<readonly string[]> {
  const leaf = leafOf(config);
  const problems: string[] = [];
  if ((await stage.served(name)) !== leaf.fingerprint256) problems.push('it is not served');
  if (new X509Certificate(readFileSync(stage.bundle(name))).fingerprint256 !== leaf.fingerprint256) {
    problems.push('it is not on disk');
  }
  const memory = await say(`show ssl cert ${stage.bundle(name)}`);
  if (!memory.includes(leaf.fingerprint.replaceAll(':', ''))) problems.push(`memory: ${memory}`);
  const files = readdirSync(stage.certDir);
  if (files.join() !== `${name}.pem`) problems.push(`there is ${files.join()}`);
  const transaction = await say('abort ssl cert /dev/null');
  if (!transaction.includes('No ongoing transaction!')) problems.push(transaction);
  const verified = await stage.command(['verify', '--config-dir', config]);
  if (verified.code !== 0) problems.push(`verify: ${verified.stdout}`);
  return problems;
}

/** What a killed run must not have done: HAProxy serves, and would start again. */
async function wrongMeanwhile(served: readonly string[]): Promise<readonly string[]> {
  const check = await run(haproxyBin, ['-c', '-f', stage.cfg]);
  const problems = check.code === 0 ? [] : [`haproxy -c: ${check.stderr}`];
  const now = await stage.served(name);
  return served.includes(now) ? problems : [...problems, `${now} is served`];
}

interface Killing {
  readonly mode: 'runtime' | 'reload';
  readonly fault: (config: string) => Pick<Fault, 'root' | 'talk'>;
  /** Before each run. */
  readonly prepare: (config: string) => Promise<void> | void;
  readonly command?: string;
}

/** Kills a run at each of its points; each time the next `renew` ends with the certificate deployed. Returns the points. */
async function killEverywhere({ mode, fault, prepare, command = 'renew' }: Killing): Promise<readonly string[]> {
  const log = stage.at('operations');
  const problems: string[] = [];
  for (let at = 1; ; at += 1) {
    const config = configs[at % 2] ?? '';
    await prepare(config);
    const before = await stage.served(name);
    writeFileSync(log, '');
    const flags = ['--config-dir', config, ...(command === 'deploy' ? ['--haproxy-deploy', mode] : [])];
    const env = injection.env({ ...fault(config), mode: 'kill', at, log });
    const killed = await stage.command([command, ...flags], { env });
    const point = `${at} ${operationsIn(log).at(-1) ?? ''}`;
    if (killed.signal !== 'SIGKILL') {
      problems.push(...(killed.code === 0 ? [] : [killed.stderr]), ...(await wrongAfter(config)));
      expect(problems).toEqual([]);
      return operationsIn(log);
    }
    const found = [...(await wrongMeanwhile([before, leafOf(config).fingerprint256]))];
    // Killed before it has begun, a run over what was deployed leaves that and its note.
    const isBegun = !readFileSync(conf(config), 'utf8').includes('deployed_version');
    const renewal = await stage.command(['renew', '--config-dir', config]);
    if (renewal.code !== 0) found.push(`renew: ${renewal.stderr}`);
    if (isBegun) found.push(...(await wrongAfter(config)));
    await until('there is one HAProxy', () => stage.processes().length === 1);
    problems.push(...found.map((problem) => `${point}: ${problem}`));
  }
}

function give(mode: Killing['mode']): void {
  for (const config of configs) {
    const text = readFileSync(conf(config), 'utf8').replace(/^deploy = .*\n/m, '');
    writeFileSync(conf(config), text.replace(/^\[haproxy\]\n/m, `[haproxy]\ndeploy = ${mode}\n`));
  }
}

const fault = (): Pick<Fault, 'root' | 'talk'> => ({ root: stage.certDir, talk: true });
const asAtFirst = async (config: string): Promise<void> => {
  undeploy(config);
  if (existsSync(stage.bundle(name))) await forget();
};

describe('killed at each of its points, a deployment is ended by the next renew:', { timeout: 900_000 }, () => {
  it.each([
    ['runtime', 25],
    ['reload', 14],
  ] as const)('by %s, of a new version', async (mode, least) => {
    give(mode);
    const points = await killEverywhere({ mode, fault, prepare: undeploy });
    expect(points.length).toBeGreaterThan(least);
  });

  it.each([
    ['runtime', 25],
    ['reload', 11],
  ] as const)('by %s, of a first certificate', async (mode, least) => {
    give(mode);
    const points = await killEverywhere({ mode, fault, prepare: asAtFirst });
    expect(points.length).toBeGreaterThan(least);
  });

  it('of what was deployed already, by `deploy`', async () => {
    const prepare = (config: string): void => expect(readFileSync(conf(config), 'utf8')).toContain('deployed_version');
    const notes: Killing['fault'] = (config) => ({ root: join(config, 'renewal') });
    const points = await killEverywhere({ mode: 'runtime', fault: notes, prepare, command: 'deploy' });
    expect(points.filter((point) => point.startsWith('rename'))).toHaveLength(2);
  });
});

it('a first certificate that HAProxy has of a killed run is taken out of it where the next run goes back', async () => {
  give('runtime');
  const [config = ''] = configs;
  await asAtFirst(config);
  const before = [await say('show ssl cert'), await stage.served(name), readdirSync(stage.certDir)];
  const log = stage.at('operations');
  const killed = async (at: number): Promise<RunResult> => {
    writeFileSync(log, '');
    const env = injection.env({ ...fault(), mode: 'kill', at, log });
    return await stage.command(['renew', '--config-dir', config], { env });
  };
  expect(await killed(0)).toMatchObject({ code: 0 });
  const handshake = operationsIn(log).lastIndexOf('connect ') + 1;
  await asAtFirst(config);
  expect(await killed(handshake)).toMatchObject({ signal: 'SIGKILL' });
  expect(await stage.served(name)).toBe(leafOf(config).fingerprint256);
  const nobody = `${loopback}:${await freePort()}`;
  const back = await stage.command(['deploy', '--json', '--config-dir', config, '--haproxy-verify', nobody]);
  expect(jsonReport(back).outcomes.map(({ kind }) => kind)).toEqual(['rolled-back']);
  expect([await say('show ssl cert'), await stage.served(name), readdirSync(stage.certDir)]).toEqual(before);
});
