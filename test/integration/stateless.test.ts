import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, runOrThrow, until, type RunResult } from '../support/child.js';
import { documentedBlocks } from '../support/documented.js';
import { alive, haproxyBin } from '../support/haproxy.js';
import { exchange } from '../support/http-raw.js';
import { loopback } from '../support/loopback.js';
import { runtimeCommand } from '../support/runtime-socket.js';
import { startStage, type Stage, type StagePaths } from '../support/stage.js';

const blocks = documentedBlocks('challenges.md');
const documented = (title: string): string => blocks.find((block) => block.title === title)?.config ?? '';
const thumbprint = '9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI';

/** The page's configuration on ports and paths of the stage. */
function moved(config: string, { at, httpPort, httpsPort, socket }: StagePaths): string {
  writeFileSync(at('acme.map'), '');
  return config
    .replace(' :80', ` ${loopback}:${httpPort}`)
    .replace(' :443', ` ${loopback}:${httpsPort}`)
    .replaceAll('/etc/haproxy/', `${at('')}/`)
    .replace('/run/haproxy/admin.sock', socket)
    .replace('    server application 127.0.0.1:8080', '    http-request return status 200');
}

interface Account {
  readonly thumbprint: string;
  readonly stateless: { readonly lua: string; readonly native: readonly string[] };
}

describe('--stateless', () => {
  let stage: Stage;
  let account: Account;
  let shown: RunResult;
  beforeAll(async () => {
    stage = await startStage({ config: (paths) => moved(documented('Without publishing: `--stateless`'), paths) });
    const ca = ['--server', stage.pebble.directoryUrl];
    await stage.command(['register', '-n', '--agree-tos', '--register-unsafely-without-email', ...ca]);
    account = (JSON.parse((await stage.command(['show_account', '--json', ...ca])).stdout) as { account: Account })
      .account;
    shown = await stage.command(['show_account', ...ca]);
  });
  afterAll(async () => await stage.stop());

  /** As an administrator does it: the configuration is written and a new process takes it. */
  const configure = async (config: string): Promise<void> => {
    writeFileSync(stage.cfg, config);
    const old = stage.pid();
    await runOrThrow(haproxyBin, ['-D', '-f', stage.cfg, '-p', stage.pidfile, '-sf', String(old)]);
    await until('the old process is gone', () => !alive(old));
  };
  const order = async (name: string): Promise<RunResult> =>
    await stage.command([
      ...['certonly', '--stateless', '-n', '--server', stage.pebble.directoryUrl, '-d', name, ...stage.haproxyFlags],
    ]);

  it('is told what to paste, in words and as fields, and so does the page', () => {
    const lines = [account.stateless.lua, ...account.stateless.native];
    for (const line of lines) expect(shown.stdout).toContain(`\n    ${line}\n`);
    expect(account.stateless.lua).toBe(`setenv ACME_THUMBPRINT ${account.thumbprint}`);
    const page = documented('Without publishing: `--stateless`').replace(thumbprint, account.thumbprint);
    expect(page).toContain(account.stateless.native.map((line) => `    ${line}\n`).join(''));
  });

  it('a wrong thumbprint does not pass for the right one', async () => {
    expect(await order('wrong.test')).toMatchObject({ code: 1 });
  });

  it.each<[string, (account: Account, config: string) => string]>([
    [
      'a native rule',
      ({ stateless }, config) =>
        config
          .replace(/^ {4}(?:acl acme_|http-request return .* acme_).*\n/gm, '')
          .replace('    http-request redirect', `${stateless.native.map((line) => `    ${line}\n`).join('')}$&`),
    ],
    [
      'the Lua service',
      ({ stateless }, config) =>
        config
          .replace(
            /^/,
            `global
  ${stateless.lua}
  .if version_atleast(3.2)
    tune.lua.bool-sample-conversion normal
  .endif
  lua-load-per-thread ${join(import.meta.dirname, '../../dist/acme-http01.lua')}
`,
          )
          .replace(/^ {4}http-request return .*acme_.*\n/gm, '')
          .replace('    http-request redirect', '    http-request use-service lua.acme-http01 if acme_challenge\n$&'),
    ],
  ])('by %s with the lines that are printed, a certificate is issued and renewed', async (way, paste) => {
    const name = `${way.split(' ')[1] ?? ''}.test`.toLowerCase();
    await configure(paste(account, moved(documented('Without publishing: `--stateless`'), stage)));
    const issued = await order(name);
    expect(issued, issued.stderr).toMatchObject({ code: 0 });
    expect(await stage.served(name)).toBe(stage.stored(name));
    expect(readFileSync(stage.renewalConf(name), 'utf8')).toContain('authenticator = stateless\n');
    const renewed = await stage.command(['renew', '--force-renewal', '--cert-name', name]);
    expect(renewed, renewed.stderr).toMatchObject({ code: 0 });
  });

  it('wildcards are refused', async () => {
    expect(await order('*.wild.test')).toMatchObject({ code: 2 });
  });
});

const base = '/.well-known/acme-challenge/';

describe.each([
  ['From a map: `--runtime-map`', 'value-of-the-map'],
  ['Without publishing: `--stateless`', `known.${thumbprint}`],
])('the native rule of %s', (title, answer) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage({ config: (paths) => moved(documented(title), paths) });
    if (title.includes('map')) await runtimeCommand(stage.socket, `add map ${stage.at('acme.map')} known ${answer}`);
  });
  afterAll(async () => await stage.stop());

  const ask = async (
    method: string,
    target: string,
    more = '',
  ): Promise<{ status: number; head: string; body: string }> => {
    const request = `${method} ${target} HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n${more}\r\n`;
    const [head = '', body = ''] = (await exchange(loopback, stage.httpPort, request)).split(/\r\n\r\n([^]*)/);
    return { status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]), head, body };
  };

  it('is without a warning', async () => {
    const { code, stdout, stderr } = await run(haproxyBin, ['-c', '-f', stage.cfg]);
    expect([code, stdout + stderr]).toEqual([0, expect.not.stringMatching(/\[(?:WARNING|ALERT)\]/)]);
  });

  it('answers GET and HEAD with the answer alone, whatever the query', async () => {
    for (const target of [`${base}known`, `${base}known?a=/b`, `http://a.test${base}known`]) {
      expect(await ask('GET', target)).toMatchObject({ status: 200, body: answer });
    }
    const { status, head, body } = await ask('HEAD', `${base}known`);
    expect([status, body]).toEqual([200, '']);
    expect(head).toMatch(new RegExp(`^content-length: ${answer.length}$`, 'im'));
    expect(head).toMatch(/^content-type: text\/plain$/im);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'BREW'])('refuses %s', async (method) => {
    const { status, head } = await ask(method, `${base}known`, 'Content-Length: 0\r\n');
    expect(status).toBe(405);
    expect(head).toMatch(/^allow: GET, HEAD$/im);
  });

  it.each([
    ...[
      '',
      '%2f',
      '..',
      '.',
      '../known',
      'known/',
      'known/..',
      '/known',
      'known%00',
      'known;x',
      'kno%77n',
      'known\u00e9',
    ],
    ...[
      '<script>alert(1)</script>',
      '%3Cb%3E',
      'a.b',
      'a'.repeat(129),
      'a'.repeat(300),
      'known%0d%0aSet-Cookie:%20a=b',
      '"',
      '%[path]',
    ],
  ])('sends nothing of %j back', async (token) => {
    const { status, head, body } = await ask('GET', base + token);
    expect([400, 404]).toContain(status);
    if (status === 404) expect(body).toBe('');
    expect(head.toLowerCase()).not.toContain('set-cookie');
    if (token.length > 2) expect(body).not.toContain(token);
  });

  it('leaves what is no challenge to the rest of the configuration', async () => {
    for (const target of ['/', '/x/.well-known/acme-challenge/known', '//.well-known/acme-challenge/known']) {
      expect(await ask('GET', target)).toMatchObject({ status: 301 });
    }
  });
});

it('a token that is not known to the map is not found, and 128 characters are a token', async () => {
  const stage = await startStage({ config: (paths) => moved(documented('From a map: `--runtime-map`'), paths) });
  const long = '-_aZ09'.repeat(22).slice(0, 128);
  try {
    await runtimeCommand(stage.socket, `add map ${stage.at('acme.map')} ${long} ${long}.x`);
    const get = async (token: string): Promise<string> =>
      await exchange(loopback, stage.httpPort, `GET ${base}${token} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect(await get(long)).toMatch(new RegExp(`\r\n\r\n${long}\\.x$`));
    expect(await get('unknown')).toMatch(/^HTTP\/1\.1 404 [^]*\r\n\r\n$/);
  } finally {
    await stage.stop();
  }
});
