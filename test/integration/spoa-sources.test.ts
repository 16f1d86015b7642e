import { mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Challenge } from '../../src-node/challenge/challenge-publisher.js';
import { spoePublisher } from '../../src-node/challenge/spoe.js';
import { systemClock } from '../../src-node/platform/clock.js';
import { run, until, type RunResult } from '../support/child.js';
import { startHaproxy, type Haproxy } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { errorCodes } from '../support/report.js';
import { challengePath, get, spoeConfig, startSpoa, type Spoa } from '../support/spoa.js';
import { selfSigned } from '../support/self-signed.js';
import { temporaryDirectory } from '../support/temporary.js';

const program = resolve(import.meta.dirname, '../../dist/haproxy-acme.js');
const thumbprint = (letter: string): string => letter.repeat(43);

/** Two HAProxys that ask one agent: by TCP, and by a UNIX socket. */
const directory = temporaryDirectory();
const at = (path: string): string => join(directory.path, path);
const proxies: Haproxy[] = [];
const httpPorts: number[] = [];
let agent: Spoa;
let flags: readonly string[];
const control = at('run/spoa.sock');

beforeAll(async () => {
  const address = `${loopback}:${await freePort()}`;
  flags = ['--listen', address, '--listen', at('spop.sock'), '--spoe-control', control];
  for (const [name, agentAddress] of [
    ['one', address],
    ['two', `unix@${at('spop.sock')}`],
  ] as const) {
    const own = (path: string): string => at(join(name, path));
    mkdirSync(own('certs'), { recursive: true });
    const { path } = { path: own('') };
    await selfSigned(path, 'default', ['DNS:haproxy.selfsigned.invalid']);
    const [httpPort, httpsPort] = [await freePort(), await freePort()];
    httpPorts.push(httpPort);
    const places = { at: own, httpPort, httpsPort, webroot: '', certDir: own('certs'), socket: own('haproxy.sock') };
    const config = spoeConfig(places, agentAddress).replace(`crt ${own('certs')}`, '');
    proxies.push(await startHaproxy(path, config));
  }
  for (const webroot of ['web', 'other']) mkdirSync(at(`${webroot}/.well-known/acme-challenge`), { recursive: true });
  agent = await start();
});
afterAll(async () => {
  await agent.stop();
  for (const proxy of proxies) await proxy.stop();
  directory.remove();
});

async function start(): Promise<Spoa> {
  return await startSpoa([
    ...[...flags, '-w', at('web'), '-w', at('other')],
    ...['--thumbprint', `a.example=${thumbprint('a')}`, '--thumbprint', `192.0.2.1=${thumbprint('b')}`],
  ]);
}

const ask = async (path: string, host = 'x.example'): Promise<string> => {
  const answers = await Promise.all(httpPorts.map(async (port) => await get(port, path, host)));
  const [one, two] = answers.map(({ status, body }) => `${status} ${body}`);
  expect(two).toBe(one);
  return one ?? '';
};
const challenge = (token: string): Challenge => {
  const keyAuthorization = `${token}.${thumbprint('c')}`;
  return { type: 'http-01', name: 'x.example', token, keyAuthorization, validation: keyAuthorization };
};

describe('two HAProxys that ask one agent', () => {
  it('answer what a run publishes, for as long as it does', async () => {
    const publisher = spoePublisher([control], systemClock);
    expect(await ask(challengePath('run'))).toBe('404 ');
    await publisher.publish([challenge('run')]);
    expect(await ask(challengePath('run'))).toBe(`200 run.${thumbprint('c')}`);
    expect(await ask(`${challengePath('run')}?query`)).toBe(`200 run.${thumbprint('c')}`);
    await publisher.withdraw([challenge('run')]);
    expect(await ask(challengePath('run'))).toBe('404 ');
  });

  it('answer what is in a webroot, and nothing that a link leads to', async () => {
    const file = at('other/.well-known/acme-challenge/file');
    writeFileSync(file, `file.${thumbprint('d')}`);
    expect(await ask(challengePath('file'))).toBe(`200 file.${thumbprint('d')}`);
    rmSync(file);
    expect(await ask(challengePath('file'))).toBe('404 ');
    writeFileSync(at('outside'), `file.${thumbprint('d')}`);
    symlinkSync(at('outside'), file);
    expect(await ask(challengePath('file'))).toBe('404 ');
  });

  it.each([
    ['a.example', `200 tok.${thumbprint('a')}`],
    ['A.Example:80', `200 tok.${thumbprint('a')}`],
    ['192.0.2.1', `200 tok.${thumbprint('b')}`],
    ['b.example', '404 '],
  ])('answer by the thumbprint of the account that %s has', async (host, answer) => {
    expect(await ask(challengePath('tok'), host)).toBe(answer);
  });

  it.each(['', 'a/b', '..%2f..%2fetc%2fpasswd', 'a%20b', 'a.b', 'x'.repeat(129), 'x'.repeat(3_000), '<script>'])(
    'answer 404 for what is no token: %j',
    async (token) => {
      expect(await ask(challengePath(token), 'a.example')).toBe('404 ');
      expect(await ask('/', 'a.example')).toMatch(/^301 /);
    },
  );

  it('ask at a socket that every user may ask at', () => {
    expect(statSync(at('spop.sock')).mode & 0o777).toBe(0o666);
  });
});

describe('a second agent', () => {
  const second = async (...args: string[]): Promise<RunResult> =>
    await run(process.execPath, [program, 'spoa', ...args]);

  it.each([
    ['the control socket', ['--listen', at('second.sock'), '--spoe-control', control], 'control-in-use'],
    ['the socket', ['--listen', at('spop.sock'), '--spoe-control', at('second/c.sock')], 'spoe-address-in-use'],
  ])('is refused %s of the first', async (_, args, code) => {
    const result = await second(...args);
    expect(result, result.stderr).toMatchObject({ code: 1, stdout: '' });
    expect(errorCodes(result)).toEqual([code]);
  });

  it('is refused its port', async () => {
    const result = await second('--listen', flags[1] ?? '', '--spoe-control', at('second/c.sock'));
    expect(result, result.stderr).toMatchObject({ code: 1, stdout: '' });
    expect(errorCodes(result)).toEqual(['spoe-address-in-use']);
    expect(await ask(challengePath('tok'), 'a.example')).toBe(`200 tok.${thumbprint('a')}`);
  });

  it.each([['--json'], ['--listen', 'x'], ['--thumbprint', 'x'], ['-d', 'a.example']])(
    'that is told %s is none',
    async (...args) => {
      const result = await second(...args, '--spoe-control', at('second/c.sock'));
      expect(result).toMatchObject({ code: 2 });
    },
  );
});

it.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends the agent at once and in order, and HAProxy goes on',
  async (signal) => {
    const tidy = await run(
      process.execPath,
      [program, 'spoa', '-q', '--listen', at('q.sock'), '--spoe-control', at('q/c')],
      {
        onStart: (child) => {
          void until('it listens', async () => (await run('test', ['-S', at('q.sock')])).code === 0).then(() =>
            child.kill(signal),
          );
        },
      },
    );
    expect(tidy).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    for (const left of ['q.sock', 'q/c']) expect((await run('test', ['-e', at(left)])).code).toBe(1);

    process.kill(agent.pid, signal);
    await until('it is gone', agent.exited);
    expect(agent.output()).toMatch(/\nEnded\.\n$/);
    expect((await run('test', ['-e', dirname(control)])).code).toBe(0);
    expect(await ask(challengePath('tok'), 'a.example')).toBe('404 ');
    expect(await ask('/')).toMatch(/^301 /);
    agent = await start();
    await until('HAProxy asks it', async () => (await ask(challengePath('tok'), 'a.example')).startsWith('200 '));
  },
);
