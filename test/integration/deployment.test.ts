import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/child.js';
import { rawHttp } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { jsonReport } from '../support/report.js';
import { startHaproxy, startStage, type Stage, type StageOptions } from '../support/stage.js';

const name = 'shop.test';
let stage: Stage;
let tcpPort: number;
let echo: Server;

beforeAll(async () => {
  const echoPort = await freePort();
  tcpPort = await freePort();
  echo = createServer((socket) => socket.pipe(socket)).listen(echoPort, loopback);
  const sections = `listen tcp\n  mode tcp\n  bind ${loopback}:${tcpPort}\n  server echo ${loopback}:${echoPort}\n`;
  stage = await startStage({ deploy: 'reload', pebble: { authzReuse: 100 }, sections });
  await stage.ordered([name]);
});
afterAll(async () => {
  await stage.stop();
  echo.close();
});

/** Renews by force and expects that the new version is served. */
async function renewed(extra: readonly string[] = []): Promise<ReturnType<typeof jsonReport>> {
  const result = await stage.command(['renew', '--force-renewal', '--json', ...extra]);
  expect(result, result.stdout).toMatchObject({ code: 0 });
  expect(await stage.served(name)).toBe(stage.stored(name));
  return jsonReport(result);
}

describe('the bundle', () => {
  it('keeps the owner of the one that it replaces, and stays closed to others', async () => {
    const before = statSync(stage.bundle(name));
    await renewed();
    const { uid, gid, mode } = statSync(stage.bundle(name));
    expect([uid, gid, mode & 0o777]).toEqual([before.uid, before.gid, 0o600]);
  });
});

describe('a soft reload (-sf)', () => {
  it('gives way to a new process that the pidfile names, and sees the old one end', async () => {
    const old = stage.pid();
    const { reloads } = await renewed();
    expect(stage.pid()).not.toBe(old);
    expect(reloads).toEqual([{ way: 'successor', started: [stage.pid()], draining: [], hints: [] }]);
    expect(stage.processes()).toEqual([stage.pid()]);
  });

  it('refuses no connection while it takes the listeners over by the socket (-x)', async () => {
    let running = true;
    let [asked, failed] = [0, 0];
    const knock = async (): Promise<void> => {
      while (running) {
        asked += 1;
        const answer = await rawHttp(loopback, stage.httpPort, 'GET / HTTP/1.0\r\n\r\n').catch(() => '');
        if (!/^HTTP.1.[01] 404 /.test(answer)) failed += 1;
      }
    };
    const knocking = [knock(), knock(), knock()];
    await renewed(['--haproxy-socket', stage.socket]).finally(() => (running = false));
    await Promise.all(knocking);
    expect(asked).toBeGreaterThan(50);
    expect(failed).toBe(0);
    expect(readFileSync(`/proc/${stage.pid()}/cmdline`, 'utf8').split('\0')).toContain('-x');
    expect(readFileSync(stage.renewalConf(name), 'utf8')).toContain(`socket = ${stage.socket}`);
  });

  it('reports the old process as draining while a long connection keeps it, which goes on working', async () => {
    const old = stage.pid();
    const socket = connect(tcpPort, loopback);
    expect(await roundTrip(socket, 'before')).toBe('before');
    const [before, former] = [Date.now(), serialOf(stage.bundle(name))];
    const { reloads } = await renewed();
    expect(reloads[0]?.draining.map(({ pid }) => pid)).toEqual([old]);
    const since = Date.parse(reloads[0]?.draining[0]?.since ?? '');
    expect(since).toBeGreaterThan(before);
    expect(since).toBeLessThan(Date.now());
    expect(reloads[0]?.draining[0]?.serving).toMatchObject([{ certName: name, serial: former }]);
    expect(stage.processes()).toContain(old);
    expect(await roundTrip(socket, 'after')).toBe('after');
    socket.destroy();
    await until('the old process ends with its last connection', () => !stage.processes().includes(old));
  });
});

function serialOf(bundle: string): string {
  return new X509Certificate(readFileSync(bundle)).serialNumber.toLowerCase();
}

async function roundTrip(socket: Socket, text: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    socket.once('data', (data) => resolve(data.toString()));
    socket.once('error', reject);
    socket.write(text);
  });
}

describe('HAProxy started in another way', () => {
  const others: Stage[] = [];
  const another = async (options: StageOptions = {}): Promise<Stage> => {
    const made = await startStage({ deploy: 'reload', ...options });
    others.push(made);
    return made;
  };
  afterEach(async () => {
    for (const made of others.splice(0)) await made.stop();
  });

  it('as a master with workers (-W) is told by SIGUSR2, and its new worker serves', async () => {
    const other = await another({ haproxy: 'master' });
    const master = other.pid();
    const worker = other.processes().find((pid) => pid !== master);
    const result = await other.order([name], ['--json']);
    expect(result, result.stdout).toMatchObject({ code: 0 });
    expect(await other.served(name)).toBe(other.stored(name));
    expect(other.pid()).toBe(master);
    expect(other.processes()).toContain(master);
    expect(jsonReport(result).reloads[0]?.started).not.toContain(worker);
    await until('the old worker ends', () => worker === undefined || !other.processes().includes(worker));
  });

  it('as a master whose new worker finds a port in use goes on with the old one, and gets the certificate later', async () => {
    const other = await another({ haproxy: 'master' });
    await other.ordered([name]);
    const [fingerprint, bundle] = [await other.served(name), readFileSync(other.bundle(name), 'utf8')];
    const config = readFileSync(other.cfg, 'utf8');
    const port = await freePort();
    const holder = createServer().listen(port, loopback);
    await once(holder, 'listening');
    writeFileSync(other.cfg, `${config}\nfrontend more\n  bind ${loopback}:${port}\n`);
    const refused = await other.command(['renew', '--force-renewal', '--json']);
    holder.close();
    expect(refused, refused.stdout).toMatchObject({ code: 1 });
    expect(jsonReport(refused).outcomes[0]?.error?.code).toBe('haproxy-reload-failed');
    expect(await other.served(name)).toBe(fingerprint);
    expect(readFileSync(other.bundle(name), 'utf8')).toBe(bundle);
    writeFileSync(other.cfg, config);
    const resumed = await other.command(['renew']);
    expect(resumed, resumed.stderr).toMatchObject({ code: 0 });
    expect(await other.served(name)).toBe(other.stored(name));
  });

  it('with a configuration that reads its environment keeps that environment', async () => {
    const port = await freePort();
    const sections = `frontend tenant\n  bind ${loopback}:${port}\n  http-request return status 200 content-type text/plain string "\${TENANT}"\n`;
    const other = await another({ sections, env: { TENANT: 'acme' } });
    await other.ordered([name]);
    expect(await other.served(name)).toBe(other.stored(name));
    expect(await rawHttp(loopback, port, 'GET / HTTP/1.0\r\n\r\n')).toMatch(/\r\n\r\nacme$/);
  });

  it('with several configuration files is checked and reloaded with all of them, in their order', async () => {
    const other = await another();
    const [global = '', defaults = ''] = readFileSync(other.cfg, 'utf8').split(/^(?=defaults)/m);
    const second = other.at('frontends.cfg');
    // Alone, neither file would do: the second has no Lua service, the first no frontend.
    writeFileSync(other.cfg, global);
    writeFileSync(second, defaults);
    const before = other.processes();
    for (const pid of before) process.kill(pid, 'SIGKILL');
    await until('HAProxy is gone', () => other.processes().length === 0);
    await startHaproxy(other.cfg, other.pidfile, { files: [second] });
    await other.ordered([name], ['--haproxy-cfg', second]);
    expect(await other.served(name)).toBe(other.stored(name));
    expect(readFileSync(other.renewalConf(name), 'utf8')).toContain(`cfg = ${other.cfg}, ${second}\n`);
    const result = await other.command(['renew', '--force-renewal']);
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(await other.served(name)).toBe(other.stored(name));
  });
});
