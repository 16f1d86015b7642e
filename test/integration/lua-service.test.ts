import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtLua, packageVersion } from '../support/built-lua.js';
import { run, until } from '../support/child.js';
import { alive, haproxyBin } from '../support/haproxy.js';
import { loopback } from '../support/loopback.js';
import { challengeDirectory } from '../support/lua-service.js';
import { runtimeCommand } from '../support/runtime-socket.js';
import {
  parse,
  serviceConfig,
  startService,
  type LoadKeyword,
  type ServiceOptions,
  type ServiceUnderTest,
} from '../support/service-under-test.js';
import { temporaryDirectory } from '../support/temporary.js';

const prefix = '/.well-known/acme-challenge/';
const thumbprint = '9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI';

let built: { file: string; remove: () => void };
let directory: { path: string; remove: () => void };
let webroot: string;
let map: string;
beforeAll(async () => {
  built = await builtLua();
  directory = temporaryDirectory();
  webroot = join(directory.path, 'jail/webroot');
  map = join(directory.path, 'tokens.map');
  mkdirSync(challengeDirectory(webroot), { recursive: true });
  writeFileSync(map, '');
});
afterAll(() => {
  built.remove();
  directory.remove();
});

const file = (name: string, content: string): void => writeFileSync(join(challengeDirectory(webroot), name), content);

async function withService(
  options: Omit<ServiceOptions, 'lua'>,
  use: (service: ServiceUnderTest) => Promise<void>,
): Promise<void> {
  const service = await startService({ ...options, lua: built.file });
  try {
    await use(service);
    expect(service.haproxy.output()).not.toMatch(/runtime error|traceback/i);
  } finally {
    await service.stop();
  }
}

/** The statuses over as many connections, which HAProxy spreads over its threads. */
async function statuses(service: ServiceUnderTest, token: string, connections = 16): Promise<number[]> {
  const found = new Set<number>();
  for (let index = 0; index < connections; index += 1) found.add((await service.ask('GET', prefix + token)).status);
  return [...found];
}

describe.each<LoadKeyword>(['lua-load', 'lua-load-per-thread'])('HAProxy with %s', (load) => {
  it('answers from a map that the Runtime API fills and empties, on every thread at once', async () => {
    await withService({ load, threads: 4, settings: { ACME_MAP: map } }, async (service) => {
      expect(await statuses(service, 'fresh')).toEqual([404]);
      await runtimeCommand(service.socket, `add map ${map} fresh fresh.${thumbprint}`);
      await runtimeCommand(service.socket, `add map ${map} foreign fresh.${thumbprint}`);
      expect(await statuses(service, 'fresh')).toEqual([200]);
      expect((await service.ask('GET', `${prefix}fresh`)).body).toBe(`fresh.${thumbprint}`);
      expect(await statuses(service, 'foreign', 1)).toEqual([404]);
      await runtimeCommand(service.socket, `del map ${map} fresh`);
      expect(await statuses(service, 'fresh')).toEqual([404]);
    });
  });

  it('answers from the map, then the webroot, then the thumbprint', async () => {
    file('both', `both.webroot\n`);
    file('onlyfile', 'onlyfile.webroot');
    const settings = { ACME_MAP: map, ACME_WEBROOT: webroot, ACME_THUMBPRINT: thumbprint };
    await withService({ load, settings }, async (service) => {
      await runtimeCommand(service.socket, `add map ${map} both both.map`);
      const bodies = [];
      for (const token of ['both', 'onlyfile', 'neither']) {
        bodies.push((await service.ask('GET', prefix + token)).body);
      }
      expect(bodies).toEqual(['both.map', 'onlyfile.webroot', `neither.${thumbprint}`]);
    });
  });

  it('says version and sources in one line at its start', async () => {
    const settings = { ACME_MAP: map, ACME_WEBROOT: webroot };
    await withService({ load, threads: 4, settings }, async (service) => {
      await until('the start line', () => service.haproxy.output().includes('acme-http01'));
      await service.ask('GET', prefix);
      const lines = service.haproxy
        .output()
        .split('\n')
        .filter((line) => line.includes('acme-http01'));
      expect(lines.length).toBe(1);
      expect(lines[0]).toContain(packageVersion);
      expect(lines[0]).toContain(map);
      expect(lines[0]).toContain(webroot);
      expect(service.haproxy.output()).not.toMatch(/WARNING.*lua/i);
    });
  });

  it.skipIf(process.getuid?.() !== 0)('reads the webroot inside the chroot, and the map before it', async () => {
    file('jailed', 'jailed.webroot');
    const settings = { ACME_WEBROOT: '/webroot', ACME_MAP: map };
    const global = [`chroot ${join(directory.path, 'jail')}`];
    await withService({ load, settings, global }, async (service) => {
      expect((await service.ask('GET', `${prefix}jailed`)).body).toBe('jailed.webroot');
      await runtimeCommand(service.socket, `add map ${map} mapped mapped.map`);
      expect((await service.ask('GET', `${prefix}mapped`)).body).toBe('mapped.map');
      expect(service.haproxy.output()).not.toContain('warning');
    });
    await withService({ load, settings: { ACME_WEBROOT: webroot }, global }, async (service) => {
      expect((await service.ask('GET', `${prefix}jailed`)).status).toBe(404);
      await until('a warning that names the setting', () => /warning.*ACME_WEBROOT/.test(service.haproxy.output()));
    });
  });

  it('does not start with settings that cannot work, and names the setting', async () => {
    const cases: [Record<string, string>, string][] = [
      [{}, 'ACME_WEBROOT, ACME_MAP or ACME_THUMBPRINT'],
      [{ ACME_MAP: join(directory.path, 'absent.map') }, 'ACME_MAP'],
      [{ ACME_WEBROOT: 'relative/webroot' }, 'ACME_WEBROOT'],
      [{ ACME_THUMBPRINT: 'tooshort' }, 'ACME_THUMBPRINT'],
    ];
    for (const [settings, name] of cases) {
      const configFile = join(directory.path, 'refused.cfg');
      const config = serviceConfig({ lua: built.file, load, settings }, [`${loopback}:1`], '/nonexistent/unused.sock');
      writeFileSync(configFile, config);
      const cleared = { ACME_MAP: undefined, ACME_WEBROOT: undefined, ACME_THUMBPRINT: undefined };
      const { code, stderr } = await run(haproxyBin, ['-c', '-f', configFile], { env: cleared });
      expect({ settings, code }).toEqual({ settings, code: 1 });
      const said = stderr.split('\n').filter((line) => line.includes('acme-http01: '));
      expect(said.length).toBe(1);
      expect(said[0]).toContain(name);
    }
  });
});

describe('the service in HAProxy', () => {
  let service: ServiceUnderTest;
  const good = `good.${thumbprint}`;
  beforeAll(async () => {
    file('good', `${good}\n`);
    file('secret', 'root:x:0:0:root:/root:/bin/bash\n');
    mkdirSync(join(challengeDirectory(webroot), 'directory'));
    symlinkSync('/dev/zero', join(challengeDirectory(webroot), 'zero'));
    service = await startService({ lua: built.file, settings: { ACME_WEBROOT: webroot } });
  });
  afterAll(async () => await service.stop());

  it('answers GET and HEAD by the key authorization alone', async () => {
    const answer = await service.ask('GET', `${prefix}good`);
    expect(answer).toMatchObject({ status: 200, body: good });
    expect(answer.headers).toMatchObject({ 'content-length': String(good.length), 'content-type': 'text/plain' });
    expect(answer.headers).not.toHaveProperty('transfer-encoding');
    expect(await service.ask('GET', `${prefix}good?x=/../..`)).toMatchObject({ status: 200, body: good });
    const head = await service.ask('HEAD', `${prefix}good`);
    expect(head).toEqual({ ...answer, body: '' });
  });

  it('answers every other method by 405 with Allow', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND', 'get']) {
      const { status, headers } = await service.ask(method, `${prefix}good`);
      expect({ method, status, allow: headers['allow'] }).toEqual({ method, status: 405, allow: 'GET, HEAD' });
    }
  });

  it('answers every other target by 404 without an echo, a page of HAProxy or a word of Lua', async () => {
    const targets = [
      ...['/', '/echo-me', prefix, `${prefix}echo-me`, `${prefix}good/`, `${prefix}good.txt`, `/${prefix}good`],
      ...[`${prefix}../acme-challenge/good`, `${prefix}./good`, `${prefix}..%2f..%2fetc%2fpasswd`, `${prefix}good%00`],
      ...[`${prefix}../../../../../../etc/passwd`, `${prefix}%67ood`, `${prefix}secret`, `${prefix}directory`],
      ...[`${prefix}zero`, `${prefix}${'x'.repeat(129)}`, `${prefix}${'x'.repeat(12_000)}`, `${prefix}echo-<me>`],
      ...['http://a.example/', 'https://a.example/echo-me'],
    ];
    for (const target of targets) {
      const { status, body } = await service.ask('GET', target);
      expect({ target, status, body }).toEqual({ target, status: 404, body: 'Not Found\n' });
    }
    expect((await service.ask('GET', `http://a.example${prefix}good`)).body).toBe(good);
  });

  it('answers 404 to a target without a path, unless HAProxy refuses it first', async () => {
    const targets = [
      ['GET', 'http://a.example'],
      ['GET', '*'],
      ['GET', 'a.example'],
      ['OPTIONS', '*'],
      ['CONNECT', 'a.example:80'],
    ] as const;
    for (const [method, target] of targets) {
      const { status, body } = await service.ask(method, target);
      expect({ method, target, status }).toEqual({ method, target, status: body === 'Not Found\n' ? 404 : 400 });
    }
  });

  it('survives what HAProxy itself refuses', async () => {
    for (const target of [`${prefix}good\0`, `${prefix}go\u00f6d`, `${prefix}good#x`]) {
      const answer = await service.raw(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
      expect(answer).not.toMatch(/traceback|\.lua|acme-http01/);
      expect(answer).not.toContain(good);
    }
    expect((await service.ask('GET', `${prefix}good`)).status).toBe(200);
  });

  it('keeps a connection in step over HEAD, pipelined requests and bodies that nobody reads', async () => {
    const body = 'x'.repeat(200_000);
    const get = (extra = ''): string => `GET ${prefix}good HTTP/1.1\r\nHost: a\r\n${extra}\r\n`;
    const answer = await service.raw(
      get() +
        `HEAD ${prefix}good HTTP/1.1\r\nHost: a\r\n\r\n` +
        `POST ${prefix}good HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}` +
        get() +
        `POST ${prefix}good HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n30d40\r\n${body}\r\n0\r\n\r\n` +
        get('Content-Length: 5\r\n') +
        'hello' +
        get('Connection: close\r\n'),
    );
    const found = [...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1]);
    expect(found).toEqual(['200', '200', '405', '200', '405', '200', '200']);
    expect(answer.split(good).length - 1).toBe(4);
  });

  it('speaks HTTP/1.0 and HTTP/2', async () => {
    const old = parse(await service.raw(`GET ${prefix}good HTTP/1.0\r\n\r\n`));
    expect(old).toMatchObject({ status: 200, body: good });
    const session = connectHttp2(`http://${loopback}:${service.http2Port}`);
    const exchange = async (method: string, body?: string): Promise<{ status: unknown; text: string }> =>
      await new Promise((resolve, reject) => {
        const stream = session.request(
          { ':method': method, ':path': `${prefix}good` },
          { endStream: body === undefined },
        );
        let status: unknown;
        let text = '';
        stream.once('response', (headers) => (status = headers[':status']));
        stream.setEncoding('utf8').on('data', (part: string) => (text += part));
        stream.once('error', reject);
        stream.once('end', () => resolve({ status, text }));
        if (body !== undefined) stream.end(body);
      });
    try {
      expect(await exchange('GET')).toEqual({ status: 200, text: good });
      expect(await exchange('HEAD')).toEqual({ status: 200, text: '' });
      expect((await exchange('POST', 'x'.repeat(200_000))).status).toBe(405);
      expect(await exchange('GET')).toEqual({ status: 200, text: good });
    } finally {
      session.close();
    }
  });

  it('writes no line for a bad request and a bounded number for served ones in a flood', async () => {
    const flood = (target: string, count: number): string =>
      `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(count) +
      `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
    await withService({ threads: 2, settings: { ACME_THUMBPRINT: thumbprint } }, async (fresh) => {
      const lines = (): string[] => fresh.haproxy.output().split('\n');
      await until('the start line', () => fresh.haproxy.output().includes(packageVersion));
      const before = lines().length;
      for (let round = 0; round < 4; round += 1) {
        const answer = await fresh.raw(flood(`${prefix}bad.${round}`, 500));
        expect(answer.split('HTTP/1.1 404').length - 1).toBe(501);
      }
      // HAProxy's lines come in order: once this one is there, no earlier one is still under way.
      await fresh.ask('GET', `${prefix}marker`);
      await until('the line of a served challenge', () => fresh.haproxy.output().includes('marker'));
      expect(lines().length).toBe(before + 1);
      for (let round = 0; round < 4; round += 1) {
        const answer = await fresh.raw(flood(`${prefix}good`, 500));
        expect(answer.split('HTTP/1.1 200').length - 1).toBe(500);
      }
      // Ten lines for each of two threads, and a count for each where the flood crosses into another minute.
      await until('a line of the flood', () => fresh.haproxy.output().includes('good'));
      expect(lines().length - before).toBeLessThanOrEqual(42);
    });
  });

  it('lets HAProxy end at a soft stop, and had no Lua error until then', async () => {
    expect(service.haproxy.output()).not.toMatch(/runtime error|traceback/i);
    const pid = service.haproxy.pid();
    process.kill(pid, 'SIGUSR1');
    await until('HAProxy ends', () => !alive(pid));
  });
});
