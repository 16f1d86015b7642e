import { X509Certificate } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  readdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCrtList } from '../../src-node/haproxy/crt-list.js';
import { readHaproxyConfig, type BindEndpoint, type HaproxyConfig } from '../../src-node/haproxy/haproxy-config.js';
import { bindsServing, candidateNames, listsHolding } from '../../src-node/haproxy/loaded-names.js';
import { handshake } from '../../src-node/haproxy/tls-handshake.js';
import { certificates, configCases, proxies, type ConfigCase } from '../support/config-cases.js';
import { haproxyHas, startHaproxy } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { runtimeCommand } from '../support/runtime-socket.js';
import { selfSigned } from '../support/self-signed.js';
import { temporaryDirectory } from '../support/temporary.js';

// What HAProxy itself makes of a configuration, against what we read in it.

const directory = temporaryDirectory();

beforeAll(async () => {
  for (const name of certificates) await selfSigned(directory.path, name, [`DNS:${name}.test`]);
});
afterAll(() => directory.remove());

/** HAProxy as it runs, and what we read of its configuration. */
interface Scene {
  readonly config: HaproxyConfig;
  readonly cwd: string;
  /** Absolute paths of the bundles, with the fingerprints and names of their certificates. */
  readonly bundles: readonly { readonly path: string; readonly fingerprint: string; readonly name: string }[];
  readonly crtLists: ReadonlyMap<string, readonly { readonly certificate: string }[]>;
  readonly listeners: readonly BindEndpoint[];
  readonly loaded: readonly string[];
  readonly lists: readonly string[];
}

async function withScene(wanted: ConfigCase, check: (scene: Scene) => Promise<void>): Promise<void> {
  const temporary = temporaryDirectory();
  const cwd = realpathSync(temporary.path);
  const text = await fillIn(wanted.config.join(''), cwd);
  const write = (path: string, put: (path: string) => void): void => {
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    put(join(cwd, path));
  };
  for (const [path, name] of Object.entries(wanted.bundles)) {
    write(path, (target) => copyFileSync(join(directory.path, `${name}.pem`), target));
  }
  const crtLists = new Map<string, ReturnType<typeof readCrtList>>();
  for (const [path, list] of Object.entries(wanted.crtLists ?? {})) {
    const content = list.replaceAll('{dir}', cwd);
    write(path, (target) => writeFileSync(target, content));
    for (const bindName of [path, path.replace(/^conf\//, '')]) crtLists.set(bindName, readCrtList(content, path));
  }
  for (const [path, target] of Object.entries(wanted.links ?? {})) symlinkSync(target, join(cwd, path));
  const head = `global\n stats socket ${cwd}/runtime.sock level admin expose-fd listeners\n${proxies}`;
  writeFileSync(join(cwd, 'second.cfg'), text);
  const haproxy = await startHaproxy(cwd, head, ['-C', cwd, '-f', join(cwd, 'second.cfg')]);
  try {
    const files = [haproxy.configFile, join(cwd, 'second.cfg')].map((path) => ({
      path,
      text: readFileSync(path, 'utf8'),
    }));
    const config = readHaproxyConfig(files, { env: process.env, cwd });
    const ask = async (command: string): Promise<readonly string[]> => {
      const reply = await runtimeCommand(config.statsSockets[0]?.address ?? '', command);
      return reply.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    };
    await check({
      config,
      cwd,
      crtLists,
      bundles: Object.entries(wanted.bundles).map(([path, name]) => ({
        path: join(cwd, path),
        fingerprint: new X509Certificate(readFileSync(join(cwd, path))).fingerprint256,
        name: `${name}.test`,
      })),
      listeners: listenersOf(haproxy.pid()),
      loaded: await ask('show ssl cert'),
      lists: await ask('show ssl crt-list'),
    });
  } finally {
    await haproxy.stop();
    temporary.remove();
  }
}

async function fillIn(template: string, cwd: string): Promise<string> {
  let text = template.replaceAll('{dir}', cwd);
  for (let number = 1; number <= 10; number += 1) {
    const port = String(await freePort('0.0.0.0'));
    text = text.replaceAll(`{${number}}`, `${loopback}:${port}`).replaceAll(`{p${number}}`, port);
  }
  return text;
}

/** The TCP sockets that a process listens on, as a client names them (proc(5), /proc/net/tcp). */
function listenersOf(pid: number): readonly BindEndpoint[] {
  const descriptors = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  const inodes = new Set(descriptors.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]));
  const found = ['tcp', 'tcp6'].flatMap((table) => {
    const lines = readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n').slice(1);
    const sockets = lines.map((line) => line.trim().split(/\s+/));
    return sockets.filter((fields) => fields[3] === '0A' && inodes.has(fields[9])).map((fields) => fields[1] ?? '');
  });
  return found.map((local) => {
    const [address = '', port = ''] = local.split(':');
    const bytes = [...Buffer.from(address, 'hex')].reverse();
    const host = bytes.length === 16 ? '::1' : bytes.every((byte) => byte === 0) ? '127.0.0.1' : bytes.join('.');
    return { host, port: Number.parseInt(port, 16) };
  });
}

function realpath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

async function leafAt(endpoint: BindEndpoint, name: string, acceptProxy: boolean): Promise<string | undefined> {
  const options = { servername: name, keyType: 'ecdsa', timeout: 5_000 } as const;
  const served = await handshake({ ...endpoint, acceptProxy }, options);
  return served.kind === 'served' ? served.leaf.fingerprint : undefined;
}

describe.each(configCases.filter(({ since = '2.4' }) => haproxyHas(since)))('$title', (wanted) => {
  it('is read as HAProxy reads it', async () => {
    await withScene(wanted, async ({ config, cwd, bundles, crtLists, listeners, loaded, lists }) => {
      const options = { realpath, crtLists };
      const owners = bundles.map(({ path }) => candidateNames(path, config, cwd, options));
      const known = owners.flatMap((names) => names.filter((name) => loaded.includes(name)));
      expect(known.toSorted()).toEqual(loaded.toSorted());
      expect(owners.filter((names) => !names.some((name) => loaded.includes(name)))).toEqual([]);

      const base = config.tlsBinds[0]?.directory ?? cwd;
      const files = [...bundles.map(({ path }) => path), ...[...crtLists.keys()].map((list) => resolve(base, list))];
      const holding = files.flatMap((path) => listsHolding(path, lists, base, { realpath }));
      expect([...new Set(holding)].toSorted()).toEqual(lists.filter((list) => !list.startsWith('@')).toSorted());

      for (const bind of config.tlsBinds) {
        for (const { path, fingerprint, name } of bundles) {
          const serves = bindsServing(path, undefined, config, options).includes(bind);
          for (const endpoint of bind.endpoints) {
            const leaf = await leafAt(endpoint, name, bind.acceptProxy);
            expect({ endpoint, name, served: leaf === fingerprint }).toEqual({ endpoint, name, served: serves });
          }
        }
      }
      const endpoints = config.tlsBinds.flatMap((bind) => bind.endpoints).filter((endpoint) => 'port' in endpoint);
      expect(listeners).toEqual(expect.arrayContaining(endpoints));
      for (const listener of listeners) {
        if (!endpoints.some((endpoint) => isSame(endpoint, listener))) {
          expect(await leafAt(listener, 'a.test', false)).toBeUndefined();
        }
      }
    });
  });
});

function isSame(one: BindEndpoint, other: BindEndpoint): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
