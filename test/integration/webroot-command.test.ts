import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDaemon, until, type Daemon, type RunResult } from '../support/child.js';
import { accepts } from '../support/http-raw.js';
import { freePort, loopback } from '../support/loopback.js';
import { errorCodes } from '../support/report.js';
import { scriptedCa } from '../support/scripted-ca.js';
import { stageConfig, startStage, type CommandOptions, type Stage } from '../support/stage.js';

let stage: Stage;
let web: Daemon;
/** Names that begin with `shop` are answered from here, by a web server behind HAProxy. */
let shop: string;

beforeAll(async () => {
  const port = await freePort();
  const service = 'http-request use-service lua.acme-http01';
  stage = await startStage({
    config: (paths) =>
      `${stageConfig(paths).replace(service, `${service} unless { hdr(host) -m beg shop }\n  default_backend shop`)}
backend shop
  server shop ${loopback}:${port}
`,
  });
  shop = stage.at('shop');
  mkdirSync(shop);
  web = startDaemon('python3', ['-m', 'http.server', '-b', loopback, '-d', shop, String(port)]);
  await until('the web server answers', async () => await accepts(loopback, port));
});
afterAll(async () => {
  await web.stop();
  await stage.stop();
});

const order = async (flags: readonly string[], options?: CommandOptions): Promise<RunResult> =>
  await stage.command(
    ['certonly', '-n', '--agree-tos', '--server', stage.pebble.directoryUrl, ...stage.haproxyFlags, ...flags],
    options,
  );
/** The webroot of each name that a renewal configuration holds. */
const mapOf = (conf: string): Readonly<Record<string, string>> => {
  const [, section = ''] = /^\[\[webroot_map\]\]\n([^[]*)/m.exec(readFileSync(conf, 'utf8')) ?? [];
  const entries = [...section.matchAll(/^(\S+) = (.*)$/gm)].map(([, name = '', path = '']) => [name, path] as const);
  return Object.fromEntries(entries);
};
const valueOf = (conf: string, key: string): string | undefined =>
  new RegExp(`^${key} = (.*)$`, 'm').exec(readFileSync(conf, 'utf8'))?.[1];

describe('--webroot', () => {
  it('gives each name the directory before it, and makes what is below for everybody to read', async () => {
    const modes: Record<string, string> = {};
    const ca = await scriptedCa(stage.pebble, ({ path, payload }) => {
      const below = ['', '.well-known', '.well-known/acme-challenge'].flatMap((part) => [
        join(stage.webroot, part),
        join(shop, part),
      ]);
      if (!path.startsWith('/chalZ/') || payload === undefined) return 'pebble';
      for (const directory of below) modes[directory] = (statSync(directory).mode & 0o777).toString(8);
      return 'pebble';
    });
    const names = ['-w', stage.webroot, '-d', 'one.test', '-d', 'www.one.test', '-w', shop, '-d', 'shop.one.test'];
    const result = await order([...names, '--server', ca.directoryUrl], {
      by: ['/bin/sh', '-c', 'umask 077 && exec "$@"', 'sh'],
    });
    await ca.stop();
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(mapOf(stage.renewalConf('one.test'))).toEqual({
      'one.test': stage.webroot,
      'www.one.test': stage.webroot,
      'shop.one.test': shop,
    });
    expect(Object.values(modes)).toEqual(Array.from({ length: 6 }, () => '755'));
    expect(existsSync(join(shop, '.well-known'))).toBe(false);
    expect(await stage.served('shop.one.test')).toBe(stage.stored('one.test'));
  });

  it('takes a map, which counts before -w and -d and may hold addresses', async () => {
    const map = JSON.stringify({ 'shop.two.test,shop.three.test': shop, [loopback]: stage.webroot });
    const result = await order(['--webroot-map', map, '-w', stage.webroot, '-d', 'two.test', '-d', 'shop.two.test']);
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(mapOf(stage.renewalConf('two.test'))).toEqual({
      'two.test': stage.webroot,
      'shop.two.test': shop,
      'shop.three.test': shop,
      [loopback]: stage.webroot,
    });
    const renewed = await stage.command(['renew', '--force-renewal', '--cert-name', 'two.test']);
    expect(renewed, renewed.stderr).toMatchObject({ code: 0 });
    expect(stage.version('two.test')).toBe(2);
  });

  it('given after other ways to answer is the one that counts, and before them it is not', async () => {
    const flags = ['-a', 'standalone', '-a', 'manual', '--webroot', '-w', stage.webroot, '-d', 'last.test'];
    const result = await order(flags);
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(valueOf(stage.renewalConf('last.test'), 'authenticator')).toBe('webroot');
    const port = String(stage.httpPort);
    const other = await order([
      '--webroot',
      '-w',
      shop,
      '-a',
      'webroot',
      '-a',
      'standalone',
      '-d',
      'x.test',
      '--http-01-port',
      port,
    ]);
    expect(errorCodes(other), other.stderr).toEqual(['port-in-use']);
  });
});

it('renew -w moves all names of the lineages with a webroot, and leaves one that answers otherwise', async () => {
  const other = ['--config-dir', stage.at('other')];
  const challenges = join(stage.webroot, '.well-known/acme-challenge');
  const hook = `mkdir -p ${challenges}; printf %s "$CERTBOT_VALIDATION" >${challenges}/$CERTBOT_TOKEN`;
  const lineages = [
    ['-w', shop, '-d', 'shop.four.test', '-w', `${shop}/.`, '-d', 'shop.five.test'],
    ['--manual', '--manual-auth-hook', hook, '-d', 'manual.test'],
  ];
  for (const flags of lineages) {
    const result = await order([...flags, ...other]);
    expect(result, result.stderr).toMatchObject({ code: 0 });
  }
  const moved = stage.at('moved');
  symlinkSync(shop, moved);
  const renewed = await stage.command(['renew', '--force-renewal', '-w', moved, ...other]);
  expect(renewed, renewed.stderr).toMatchObject({ code: 0 });
  const conf = (name: string): string => join(stage.at('other/renewal'), `${name}.conf`);
  expect(mapOf(conf('shop.four.test'))).toEqual({ 'shop.four.test': moved, 'shop.five.test': moved });
  expect(valueOf(conf('manual.test'), 'authenticator')).toBe('manual');
  expect(mapOf(conf('manual.test'))).toEqual({});
});
