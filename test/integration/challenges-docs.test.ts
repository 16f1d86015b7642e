import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runOrThrow, startDaemon, until, type Daemon } from '../support/child.js';
import { documentedBlocks, type DocumentedBlock } from '../support/documented.js';
import { haproxyBin } from '../support/haproxy.js';
import { accepts } from '../support/http-raw.js';
import { freePort, loopback } from '../support/loopback.js';
import { startStage, type Stage, type StagePaths } from '../support/stage.js';

const root = resolve(import.meta.dirname, '../..');
const documented = documentedBlocks('challenges.md');
/** The thumbprint that the page has for an example. */
const thumbprint = '9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI';

it('docs/challenges.md has one configuration for each way that HAProxy takes part in', () => {
  const ways = documented.map(({ title }) => /`(--[a-z0-9-]+)`/.exec(title)?.[1] ?? title).sort();
  expect(ways).toEqual(['--runtime-map', '--spoe', '--standalone', '--stateless', '--tls-alpn-01', '--webroot']);
});

/** Something of the page, with its paths below the stage's directory and its ports among free ones. */
type Moved = (text: string) => string;

async function mover(): Promise<(paths: StagePaths) => Moved> {
  const ports = new Map<string, number>();
  for (const shown of ['8080', '8443', '8444', '8888', '12345']) ports.set(shown, await freePort());
  return ({ at, certDir, httpPort, httpsPort }) => {
    const port = (shown: string): string => String(ports.get(shown) ?? shown);
    return (text) =>
      text
        .replaceAll('/usr/local/share/haproxy-acme/', `${root}/dist/`)
        .replaceAll(/\/etc\/haproxy\/certs\/?/g, certDir)
        .replaceAll(/\/etc\/haproxy\//g, `${at('')}/`)
        .replaceAll(/(?<= )\/(?:run|var)\/[\w./-]+/g, at)
        .replaceAll('bind :80\n', `bind ${loopback}:${httpPort}\n`)
        .replaceAll('bind :443', `bind ${loopback}:${httpsPort}`)
        .replaceAll(/(?<=127\.0\.0\.1:|-port )\d+/g, port)
        .replaceAll('127.0.0.1', loopback);
  };
}

/** What the page takes for granted. */
function prepare({ at }: StagePaths): void {
  for (const path of ['run/haproxy', 'var/www/acme']) mkdirSync(at(path), { recursive: true });
  mkdirSync(at('run/haproxy-acme'), { mode: 0o700 });
  writeFileSync(at('acme.map'), '');
  copyFileSync(resolve(root, 'haproxy/spoe-acme.conf'), at('spoe-acme.conf'));
}

async function startSpoa(stage: Stage, config: string): Promise<Daemon> {
  const port = Number(/^ *server agent [\d.]+:(\d+)/m.exec(config)?.[1]);
  const agent = startDaemon(process.execPath, [
    ...[resolve(root, 'dist/haproxy-acme.js'), 'spoa', '--listen', `${loopback}:${port}`],
    ...['--spoe-control', stage.at('run/haproxy-acme/spoa.sock')],
  ]);
  await until('the agent listens', async () => await accepts(loopback, port));
  return agent;
}

/** The account is made, and HAProxy loaded anew with its thumbprint in place of the example's. */
async function giveThumbprint(stage: Stage): Promise<void> {
  const registered = await stage.command([
    ...['register', '-n', '--agree-tos', '--register-unsafely-without-email', '--json'],
    ...['--server', stage.pebble.directoryUrl],
  ]);
  const { account } = JSON.parse(registered.stdout) as { readonly account: { readonly thumbprint: string } };
  const config = readFileSync(stage.cfg, 'utf8');
  expect(config).toContain(thumbprint);
  writeFileSync(stage.cfg, config.replaceAll(thumbprint, account.thumbprint));
  const old = stage.pid();
  await runOrThrow(haproxyBin, ['-D', '-f', stage.cfg, '-p', stage.pidfile, '-sf', String(old)]);
  await until('the old process is gone', () => !stage.processes().includes(old));
}

describe.each(documented)('docs/challenges.md, $title', ({ title, config, commands }: DocumentedBlock) => {
  it('has a configuration and a command that issue, serve and renew a certificate', async () => {
    const move = await mover();
    let moved: Moved = (text) => text;
    const stage = await startStage({
      config: (paths) => {
        moved = move(paths);
        prepare(paths);
        return moved(config);
      },
    });
    const agent = title.includes('--spoe') ? await startSpoa(stage, moved(config)) : undefined;
    try {
      if (title.includes('--stateless')) await giveThumbprint(stage);
      const [, ...shown] = moved(commands.find((line) => line.startsWith('haproxy-acme certonly ')) ?? '').split(' ');
      expect(shown.at(-1)).toBe('...');
      const own = agent === undefined ? [] : ['--spoe-control', stage.at('run/haproxy-acme/spoa.sock')];
      const issued = await stage.command([
        ...[...shown.slice(0, -1), ...own, '-n', '--agree-tos', '--server', stage.pebble.directoryUrl],
        ...['--haproxy-pidfile', stage.pidfile, '--haproxy-bin', haproxyBin],
      ]);
      expect(issued, issued.stderr).toMatchObject({ code: 0 });
      expect(await stage.served('example.com')).toBe(stage.stored('example.com'));
      const renewed = await stage.command(['renew', '--force-renewal']);
      expect(renewed, renewed.stderr).toMatchObject({ code: 0 });
      expect(stage.version('example.com')).toBe(2);
      expect(await stage.served('example.com')).toBe(stage.stored('example.com'));
    } finally {
      await agent?.stop();
      await stage.stop();
    }
  });
});
