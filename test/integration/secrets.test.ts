import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunResult } from '../support/child.js';
import { freePort, loopback } from '../support/loopback.js';
import { errorCodes, jsonReport } from '../support/report.js';
import { startStage, type Stage } from '../support/stage.js';

const hmacKey = Buffer.from('an HMAC key of the tests, long enough').toString('base64url');
const oldHmacKey = Buffer.from('another HMAC key, which was first').toString('base64url');
let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ pebble: { eab: { kid: hmacKey } } });
  mkdirSync(stage.at('unserved'));
});
afterAll(async () => await stage.stop());

const log = (): string => readFileSync(stage.at('logs/letsencrypt.log'), 'utf8');

/** The tokens of all challenges that the CA has asked for. */
const tokens = (): readonly string[] => [
  ...new Set(
    [...stage.pebble.output().matchAll(/acme-challenge\/([A-Za-z0-9_-]{20,})/g)].map((match) => match[1] ?? ''),
  ),
];

/** Lines of the keys, and the account's private exponent. */
function keys(): readonly string[] {
  const files = readdirSync(stage.configDir, { recursive: true, encoding: 'utf8' });
  const read = (file: string): string => readFileSync(join(stage.configDir, file), 'utf8');
  const account = files.find((file) => file.endsWith('private_key.json'));
  return [
    ...files.filter((file) => /privkey\d+\.pem$/.test(file)).flatMap((file) => read(file).split('\n').slice(1, -2)),
    ...(account === undefined ? [] : [(JSON.parse(read(account)) as { d: string }).d]),
  ];
}

function expectNoSecret(result: RunResult): void {
  const said = `${result.stdout}${result.stderr}${log()}`;
  expect(said).not.toContain('PRIVATE KEY');
  for (const secret of [...tokens(), ...keys(), hmacKey, oldHmacKey]) expect(said).not.toContain(secret);
}

const binding = ['--eab-kid', 'kid', `--eab-hmac-key=${oldHmacKey}`, '--eab-hmac-key', hmacKey];

it('an order with -vv shows each request on stderr, and no secret there or in the log', async () => {
  const result = await stage.order(['loud.test'], [...binding, '-vv']);
  expect(result, result.stderr).toMatchObject({ code: 0 });
  expect(tokens().length).toBeGreaterThan(0);
  expect(keys().length).toBeGreaterThan(2);
  expectNoSecret(result);
  for (const text of [result.stderr, log()]) expect(text).toMatch(/POST https:\/\/\S+\/finalize-order\/\S+ 200/);
  expect(log()).toContain('arguments: ');
  // What is told at any verbosity is told once.
  expect(result.stderr.match(/^loud\.test: validated$/gm)).toHaveLength(1);
});

it('without -v the requests are in the log alone', async () => {
  const result = await stage.order(['quiet.test']);
  expect(result.stderr).not.toContain('POST ');
  expect(log()).toMatch(/:DEBUG:\S*:POST https:/);
  expectNoSecret(result);
});

it('a challenge that fails shows no token, in words or in --json, however loud', async () => {
  for (const flags of [['-vv'], ['-vv', '--json']]) {
    const asked = tokens().length;
    const result = await stage.order(
      [],
      ['-w', stage.at('unserved'), '-d', 'lost.test', '--self-check', 'off', ...flags],
    );
    expect(result.code).toBe(1);
    expect(tokens().length).toBeGreaterThan(asked);
    expectNoSecret(result);
    if (flags.includes('--json')) expect(jsonReport(result).outcomes[0]?.error?.code).toBe('acme-authorization-failed');
    else expect(errorCodes(result)).toEqual(['acme-authorization-failed']);
  }
});

it('a self-check that fails shows no token, whatever answers', async () => {
  const asked = new Set<string>();
  const server = createServer(({ url = '' }, response) => {
    const token = url.split('/').at(-1) ?? '';
    asked.add(token);
    // Seen again by a redirect to another path: an answer that has the token and something like its key authorization.
    if (url.includes('acme-challenge')) response.writeHead(302, { location: `/login/${token}?${token}` }).end();
    else response.end(`<p>${token} ${token}.${'x'.repeat(43)} ${token.slice(0, 40)}`);
  });
  const port = await freePort();
  await once(server.listen(port, loopback), 'listening');
  const result = await stage.order(['shown.test'], ['-vv', '--self-check-port', String(port)]);
  server.close();
  expect(errorCodes(result)).toEqual(['self-check-failed']);
  expect(result.stderr).toContain('/login/TOKEN?TOKEN');
  expect(asked.size).toBe(2);
  for (const token of asked) expect(`${result.stdout}${result.stderr}${log()}`).not.toContain(token.slice(0, 40));
  expectNoSecret(result);
});

it('what a hook says of a challenge is not logged', async () => {
  const [hook, noted] = [stage.at('auth'), stage.at('noted')];
  const directory = join(stage.webroot, '.well-known/acme-challenge');
  mkdirSync(directory, { recursive: true });
  writeFileSync(hook, `#!/bin/sh\nprintf %s "$CERTBOT_VALIDATION" | tee ${noted} > ${directory}/$CERTBOT_TOKEN\n`);
  chmodSync(hook, 0o755);
  const flags = ['--manual', '--manual-auth-hook', hook, '--post-hook', `echo it was "$(cat ${noted})"`, '-q'];
  const result = await stage.order(['manual.test'], flags);
  expect(result, result.stderr).toMatchObject({ code: 0 });
  expect(tokens()).toContain(readFileSync(noted, 'utf8').split('.')[0]);
  expect(log()).toContain('it was ');
  expectNoSecret(result);
});
