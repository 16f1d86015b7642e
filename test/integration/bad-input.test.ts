import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../support/child.js';
import { freePort, loopback } from '../support/loopback.js';
import { errorCodes, jsonReport } from '../support/report.js';
import { startStage, withoutCapabilities, type CommandOptions, type Stage } from '../support/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(async () => await stage.stop());

/** An order that must fail with this code, without any at the CA and without a trace. */
async function refusedEarly(code: string, extra: readonly string[], options?: CommandOptions): Promise<RunResult> {
  const orders = stage.orders();
  const result = await stage.order(['early.test'], extra, options);
  expect(errorCodes(result), result.stderr).toEqual([code]);
  expect(result.code).toBe(1);
  expect(stage.orders()).toBe(orders);
  expect(existsSync(stage.renewalConf('early.test'))).toBe(false);
  expect(readdirSync(stage.certDir)).toEqual([]);
  return result;
}

describe('a webroot', () => {
  const webroot = (path: string): readonly string[] => ['-w', path, '-d', 'early2.test'];

  it('that is missing is named before anything is ordered', async () => {
    const result = await refusedEarly('webroot-missing', webroot(stage.at('nowhere')));
    expect(result.stderr).toContain(stage.at('nowhere'));
  });

  it('that is a file is named', async () => {
    await refusedEarly('webroot-missing', webroot(stage.cfg));
  });

  it('that may not be written to is named', async () => {
    mkdirSync(stage.at('closed'), { mode: 0o500 });
    const result = await refusedEarly('webroot-not-writable', webroot(stage.at('closed')), { by: withoutCapabilities });
    expect(result.stderr).toContain(stage.at('closed'));
    expect(readdirSync(stage.at('closed'))).toEqual([]);
  });

  it('whose challenge directory is a file is named', async () => {
    mkdirSync(stage.at('odd'));
    writeFileSync(stage.at('odd/.well-known'), '');
    await refusedEarly('webroot-not-writable', webroot(stage.at('odd')));
  });

  it('that is not given is asked for', async () => {
    const orders = stage.orders();
    const flags = ['certonly', '-n', '-d', 'early.test', '--agree-tos', '--server', stage.pebble.directoryUrl];
    const result = await stage.command(flags);
    expect(errorCodes(result)).toEqual(['webroot-unset']);
    expect(stage.orders()).toBe(orders);
  });
});

describe('a directory URL', () => {
  let server: Server;
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    server = createServer((request, response) => {
      if (request.url === '/missing') response.writeHead(404).end('not here');
      else if (request.url === '/json') response.writeHead(200, { 'content-type': 'application/json' }).end('{"a": 1}');
      else response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>');
    }).listen(port, loopback);
  });
  afterAll(() => server.close());

  it.each(['', 'json', 'missing'])('that is another page is said not to be ACME: /%s', async (path) => {
    const url = `http://${loopback}:${port}/${path}`;
    const result = await refusedEarly('acme-not-a-directory', ['--server', url]);
    expect(result.stderr).toContain(url);
  });

  it('that nobody listens at is said to be unreachable', async () => {
    const url = `https://${loopback}:${await freePort()}/dir`;
    const result = await refusedEarly('acme-unreachable', ['--server', url]);
    expect(result.stderr).toContain(url);
  });

  it('whose host is unknown is said to be unreachable', async () => {
    await refusedEarly('acme-unreachable', ['--server', 'https://ca.invalid/dir']);
  });

  it("whose server's certificate nobody vouches for is said to be untrusted, and is not asked a second time", async () => {
    const start = performance.now();
    await refusedEarly('acme-untrusted', [], { env: { NODE_EXTRA_CA_CERTS: undefined } });
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

describe('a wrong challenge answer', () => {
  it('reaches the user by name, with type and detail of each', async () => {
    mkdirSync(stage.at('unserved'));
    const result = await stage.order(
      ['wrong.test'],
      ['-d', 'www.wrong.test', '--json', '--force-renewal', '--self-check', 'off'].concat([
        ...['-w', stage.at('unserved'), '-d', 'lost.test', '-d', 'www.lost.test'],
      ]),
    );
    expect(result.code).toBe(1);
    const { outcomes } = jsonReport(result);
    expect(outcomes[0]?.error?.code).toBe('acme-authorization-failed');
    expect([...(outcomes[0]?.error?.details ?? [])].sort()).toEqual([
      expect.stringMatching(/^lost\.test: unauthorized: .*404/),
      expect.stringMatching(/^www\.lost\.test: unauthorized: .*404/),
    ]);
    expect(readdirSync(stage.at('unserved'))).toEqual([]);
    expect(readdirSync(stage.webroot)).toEqual([]);
  });
});

describe('terms of service', () => {
  it('that are not agreed to are shown, and no account is made', async () => {
    const flags = ['certonly', '-n', '-w', stage.webroot, '-d', 'early.test', '--server', stage.pebble.directoryUrl];
    const config = ['--config-dir', stage.at('fresh')];
    const result = await stage.command([...flags, ...config]);
    expect(errorCodes(result), result.stderr).toEqual(['acme-terms']);
    expect(result.code).toBe(1);
    // Where Pebble has its terms.
    expect(result.stderr).toContain('data:text/plain,');
    expect(existsSync(stage.at('fresh/accounts'))).toBe(false);
  });
});

describe('a command line that cannot be', () => {
  const certonly = (...args: string[]): readonly string[] => ['certonly', '-n', '--agree-tos', '-w', '/tmp', ...args];

  it.each([
    ['no command', 'usage', []],
    ['a command that there is not', 'usage', ['renewall']],
    ['two commands', 'usage', ['renew', 'certonly']],
    ['a flag that there is not', 'usage', ['renew', '--forse-renewal']],
    ['a flag without its value', 'usage', ['certonly', '-d']],
    ['no name', 'usage', certonly()],
    ['a key type that there is not', 'usage', certonly('-d', 'a.test', '--key-type', 'dsa')],
    ['a number that is none', 'usage', certonly('-d', 'a.test', '--rsa-key-size', 'big')],
    ['a lineage name that leaves its directory', 'usage', certonly('-d', 'a.test', '--cert-name', '../../etc')],
    ['an address that is none', 'email-invalid', certonly('-d', 'a.test', '-m', 'nobody')],
    ['a server that is no URL', 'server-invalid', certonly('-d', 'a.test', '--server', 'letsencrypt')],
    ['a URL for a name', 'name-invalid', certonly('-d', 'https://a.test/')],
    ['an underscore in a name', 'name-invalid', certonly('-d', 'a_b.test')],
    ['an IP address for a name', 'name-invalid', certonly('-d', '192.0.2.1')],
    ['a label that is too long', 'name-invalid', certonly('-d', `${'a'.repeat(64)}.test`)],
    ['a second name that is bad', 'name-invalid', certonly('-d', 'a.test,-b.test')],
    ['a wildcard', 'name-invalid', certonly('-d', '*.a.test')],
  ])('is refused with exit code 2, nothing made on disk: %s', async (_what, code, args) => {
    const fresh = stage.at('usage');
    const directories = ['config', 'work', 'logs'].flatMap((kind) => [`--${kind}-dir`, `${fresh}/${kind}`]);
    const result = await stage.command([...directories, ...args]);
    expect(result.code, result.stderr).toBe(2);
    expect(errorCodes(result), result.stderr).toEqual([code]);
    expect(result.stdout).toBe('');
    expect(existsSync(fresh)).toBe(false);
  });
});
