import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ChallengePublisher, ChallengeType } from '../../src-node/challenge/challenge-publisher.js';
import { manualPublisher } from '../../src-node/challenge/manual.js';
import { runShell } from '../../src-node/platform/run-shell.js';
import { startDaemon, type Daemon, until } from '../support/child.js';
import { accepts } from '../support/http-raw.js';
import { freePort, loopback } from '../support/loopback.js';
import { order } from '../support/order.js';
import { startPebble, type Pebble } from '../support/pebble.js';
import { temporaryDirectory } from '../support/temporary.js';

const directory = temporaryDirectory();
const at = (path: string): string => join(directory.path, path);
let pebble: Pebble;
let web: Daemon;
let warnings: string[];

beforeAll(async () => {
  const httpPort = await freePort();
  mkdirSync(at('www'));
  web = startDaemon('python3', ['-m', 'http.server', '-b', loopback, '-d', at('www'), String(httpPort)]);
  pebble = await startPebble({ directory: directory.path, httpPort });
  await until('the web server answers', async () => await accepts(loopback, httpPort));
  script(
    'http-auth.sh',
    `mkdir -p ${at('www')}/.well-known/acme-challenge
     printf %s "$CERTBOT_VALIDATION" >${at('www')}/.well-known/acme-challenge/"$CERTBOT_TOKEN"`,
  );
  script('http-cleanup.sh', `rm ${at('www')}/.well-known/acme-challenge/"$CERTBOT_TOKEN"`);
  const set = `{\\"host\\": \\"_acme-challenge.$CERTBOT_DOMAIN.\\"`;
  script(
    'dns-auth.sh',
    `curl -fsS -d "${set}, \\"value\\": \\"$CERTBOT_VALIDATION\\"}" ${pebble.dnsManagementUrl}/set-txt && echo made`,
  );
  script(
    'dns-cleanup.sh',
    `echo "$CERTBOT_DOMAIN $CERTBOT_AUTH_OUTPUT" >>${at('cleaned')}
     curl -fsS -d "${set}}" ${pebble.dnsManagementUrl}/clear-txt`,
  );
});
afterAll(async () => {
  await pebble.stop();
  await web.stop();
  directory.remove();
});
beforeEach(() => {
  warnings = [];
});

function script(name: string, text: string): void {
  writeFileSync(at(name), `#!/bin/sh\nset -eu\n${text}\n`, { mode: 0o755 });
}

function manual(kind: string, challenges: readonly ChallengeType[]): ChallengePublisher {
  return manualPublisher(
    { challenges, authHook: at(`${kind}-auth.sh`), cleanupHook: at(`${kind}-cleanup.sh`) },
    {
      runHook: async (command, env, signal) => await runShell(command, { env: { ...process.env, ...env }, signal }),
      terminal: undefined,
      signal: new AbortController().signal,
      warn: (sentence) => warnings.push(sentence),
      onOutput: () => undefined,
    },
  );
}

it('validates names over HTTP by scripts', async () => {
  const certificate = await order(pebble, manual('http', []), ['web.test', 'www.web.test']);
  expect(certificate.subjectAltName).toBe('DNS:web.test, DNS:www.web.test');
  expect(warnings).toEqual([]);
});

it('validates a name and its wildcard by two TXT records of one name', async () => {
  const certificate = await order(pebble, manual('dns', ['dns-01']), ['zone.test', '*.zone.test']);
  expect(certificate.subjectAltName?.split(', ').sort()).toEqual(['DNS:*.zone.test', 'DNS:zone.test']);
  expect(warnings).toEqual([]);
  expect(readFileSync(at('cleaned'), 'utf8')).toBe('zone.test made\nzone.test made\n');
});

it('cleans up after a hook that did nothing and a CA that is not satisfied', async () => {
  script('nothing-auth.sh', 'echo "no zone" >&2; exit 7');
  script('nothing-cleanup.sh', `echo "$CERTBOT_DOMAIN" >>${at('cleaned-nothing')}`);
  const failing = order(pebble, manual('nothing', ['dns-01']), ['one.test', 'two.test']);
  await expect(failing).rejects.toMatchObject({ code: 'acme-authorization-failed' });
  expect(warnings.filter((sentence) => sentence.includes('7:\n  no zone'))).toHaveLength(2);
  expect(readFileSync(at('cleaned-nothing'), 'utf8').split('\n').sort()).toEqual(['', 'one.test', 'two.test']);
});
