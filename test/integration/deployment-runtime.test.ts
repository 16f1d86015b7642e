import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort, loopback } from '../support/loopback.js';
import { errorCodes, jsonReport } from '../support/report.js';
import { startHaproxy as startOther, servedCertificate } from '../support/haproxy.js';
import { stageConfig, startStage, type Stage, type StageOptions } from '../support/stage.js';
import { temporaryDirectory } from '../support/temporary.js';

const name = 'shop.test';
let stage: Stage;
let echo: Server;
let tcpPort: number;
let echoPort: number;

beforeAll(async () => {
  [tcpPort, echoPort] = [await freePort(), await freePort()];
  echo = createServer((socket) => socket.pipe(socket)).listen(echoPort, loopback);
  await once(echo, 'listening');
});
afterAll(() => void echo.close());
afterEach(async () => await stage.stop());

const start = async (options: StageOptions = {}): Promise<Stage> =>
  await startStage({ pebble: { authzReuse: 100 }, ...options });
const socketLine = (socket: string): string => `  stats socket ${socket} mode 600 level admin expose-fd listeners\n`;

describe('where haproxy.cfg has a stats socket of level admin', () => {
  it('HAProxy takes first and renewed certificates while it runs, and long connections go on', async () => {
    const sections = `listen tcp\n  mode tcp\n  bind ${loopback}:${tcpPort}\n  server echo ${loopback}:${echoPort}\n`;
    stage = await start({ sections });
    const [pids, socket] = [stage.processes(), connect(tcpPort, loopback)];
    for (const args of [['a.test'], ['b.test']]) await stage.ordered(args);
    const result = await stage.command(['renew', '--force-renewal', '--json']);
    expect(result, result.stdout).toMatchObject({ code: 0 });
    expect(jsonReport(result)).toMatchObject({ reloads: [], sockets: [stage.socket], notes: [] });
    for (const certName of ['a.test', 'b.test']) expect(await stage.served(certName)).toBe(stage.stored(certName));
    expect(stage.processes()).toEqual(pids);
    socket.write('still here');
    expect(String((await once(socket, 'data'))[0])).toBe('still here');
    socket.destroy();
    expect(readdirSync(stage.certDir).sort()).toEqual(['a.test.pem', 'b.test.pem']);
    // What runs is on disk too.
    const reloaded = await stage.command(['deploy', '--haproxy-deploy', 'reload']);
    expect(reloaded, reloaded.stderr).toMatchObject({ code: 0 });
    expect((await stage.command(['verify'])).code).toBe(0);
  });
});

describe('where it has none', () => {
  it("the master's socket is taken, by itself or named", async () => {
    const directory = temporaryDirectory();
    const master = `${directory.path}/master.sock`;
    stage = await start({
      haproxy: 'master',
      masterSocket: master,
      config: (paths) => stageConfig(paths).replace(socketLine(paths.socket), ''),
    });
    const pids = stage.processes();
    const found = await stage.order([name], ['--json']);
    expect(jsonReport(found)).toMatchObject({ reloads: [], sockets: [master] });
    const named = ['--haproxy-socket', master, '--haproxy-deploy', 'runtime'];
    const renewed = await stage.order([name], ['--force-renewal', '--json', ...named]);
    expect(renewed, renewed.stdout).toMatchObject({ code: 0 });
    expect(await stage.served(name)).toBe(stage.stored(name));
    expect(stage.processes()).toEqual(pids);
    directory.remove();
  });

  it('HAProxy is reloaded, and why is told; by runtime alone it is refused, with everything as it was', async () => {
    stage = await start({ config: (paths) => stageConfig(paths).replace(socketLine(paths.socket), '') });
    const refused = await stage.order([name], ['--haproxy-deploy', 'runtime']);
    expect([refused.code, errorCodes(refused)]).toEqual([1, ['runtime-unreachable']]);
    expect(existsSync(stage.bundle(name))).toBe(false);
    const result = await stage.order([name], ['--haproxy-deploy', 'auto', '--json']);
    expect(result, result.stdout).toMatchObject({ code: 0 });
    const { reloads, notes } = jsonReport(result);
    expect([reloads.length, notes.length]).toEqual([1, 1]);
    expect(await stage.served(name)).toBe(stage.stored(name));
  });
});

describe('other ways', () => {
  it("'none' writes the bundle and tells HAProxy nothing", async () => {
    stage = await start();
    const result = await stage.order([name], ['--haproxy-deploy', 'none', '--json']);
    expect(result, result.stdout).toMatchObject({ code: 0 });
    expect(jsonReport(result)).toMatchObject({ outcomes: [{ deployment: { kind: 'bundle-only' } }], sockets: [] });
    expect(existsSync(stage.bundle(name))).toBe(true);
    expect(await stage.served(name)).not.toBe(stage.stored(name));
  });

  it('sockets alone are enough, of several HAProxys, over UNIX and TCP', async () => {
    const directory = temporaryDirectory();
    const [api, https] = [await freePort(), await freePort()];
    stage = await start();
    const other = await startOther(
      directory.path,
      `global\n  stats socket ${loopback}:${api} level admin\ndefaults\n  mode http\n  timeout client 5s\n` +
        `frontend https\n  bind ${loopback}:${https} ssl crt ${stage.at('default.pem')} crt ${stage.certDir}\n`,
    );
    try {
      const sockets = [stage.socket, `${loopback}:${api}`];
      const places = [stage.httpsPort, https].map((port) => `${loopback}:${port}`);
      const result = await stage.command([
        ...['certonly', '-n', '--agree-tos', '--server', stage.pebble.directoryUrl, '-w', stage.webroot, '-d', name],
        ...['--haproxy-cert-dir', stage.certDir, '--json'],
        ...sockets.flatMap((socket) => ['--haproxy-socket', socket]),
        ...places.flatMap((place) => ['--haproxy-verify', place]),
      ]);
      expect(result, result.stdout).toMatchObject({ code: 0 });
      expect(jsonReport(result)).toMatchObject({ sockets, outcomes: [{ deployment: { handshakes: 2 } }] });
      expect((await servedCertificate(loopback, https, name)).fingerprint).toBe(stage.stored(name));
      expect(await stage.served(name)).toBe(stage.stored(name));
    } finally {
      await other.stop();
      directory.remove();
    }
  });

  it('a second process on the same port, which nobody tells, is noticed', async () => {
    const directory = temporaryDirectory();
    stage = await start();
    const other = await startOther(
      directory.path,
      `defaults\n  mode http\n  timeout client 5s\n` +
        `frontend https\n  bind ${loopback}:${stage.httpsPort} ssl crt ${stage.at('default.pem')}\n`,
    );
    try {
      const names = Array.from({ length: 10 }, (_, index) => `n${index}.test`);
      const result = await stage.order(names, ['--json']);
      expect(jsonReport(result).outcomes[0]).toMatchObject({ kind: 'rolled-back', error: { code: 'not-served' } });
    } finally {
      await other.stop();
      directory.remove();
    }
  });

  it('a bind that does not load the directory yet is served by a reload', async () => {
    stage = await start();
    const more = stage.at('more');
    writeFileSync(
      stage.cfg,
      readFileSync(stage.cfg, 'utf8').replace(`crt ${stage.certDir}`, `crt ${stage.certDir} crt ${more}`),
    );
    mkdirSync(more);
    const result = await stage.order([name], ['--haproxy-cert-dir', more, '--json']);
    expect(result, result.stdout).toMatchObject({ code: 0 });
    const { reloads, notes } = jsonReport(result);
    expect([reloads.length, notes.length]).toEqual([1, 1]);
    expect(await stage.served(name)).toBe(stage.stored(name));
  });
});
