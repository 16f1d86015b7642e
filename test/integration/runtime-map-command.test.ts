import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runOrThrow, until, type RunResult } from '../support/child.js';
import { documentedBlocks } from '../support/documented.js';
import { startGate, type Gate } from '../support/gate.js';
import { haproxyBin, haproxyHas, rawHttp } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { errorCodes, jsonReport } from '../support/report.js';
import { runtimeCommand } from '../support/runtime-socket.js';
import { startStage, type Stage, type StageOptions, type StagePaths } from '../support/stage.js';

const title = 'From a map: `--runtime-map`';
const documented = documentedBlocks('challenges.md').find((block) => block.title === title)?.config ?? '';
const lua = `
    .if version_atleast(3.2)
        tune.lua.bool-sample-conversion normal
    .endif
    lua-load-per-thread ${join(import.meta.dirname, '../../dist/acme-http01.lua')}
`;

/** The page's configuration, on ports and paths of the stage, with what a case has more; the CA asks at a gate before it. */
function configuration({ at, httpsPort, socket }: StagePaths, behind: number, answersByLua: boolean): string {
  writeFileSync(at('acme.map'), '');
  const moved = documented
    .replace(' :80', ` ${loopback}:${behind}`)
    .replace(' :443', ` ${loopback}:${httpsPort}`)
    .replaceAll('/etc/haproxy/', `${at('')}/`)
    .replace('/run/haproxy/admin.sock', socket)
    .replace('global\n', `global\n    nbthread 2\n    stats socket ${at('operator.sock')} mode 600 level operator\n`)
    .replace('    server application 127.0.0.1:8080', '    http-request return status 200');
  if (!answersByLua) return moved;
  return moved
    .replace('\ndefaults', `    setenv ACME_MAP ${at('acme.map')}${lua}\ndefaults`)
    .replace(/^ {4}http-request return .*\n/gm, '')
    .replace('    http-request redirect', '    http-request use-service lua.acme-http01 if acme_challenge\n$&');
}

/** So that whoever knocks at the gate is the CA. */
const unchecked: readonly string[] = ['--self-check', 'off'];

const cases: readonly (readonly [string, boolean, StageOptions])[] = [
  ['a native rule of one process', false, { haproxy: 'daemon' }],
  ['a native rule under a master', false, { haproxy: 'master' }],
  ['the Lua service of one process', true, { haproxy: 'daemon' }],
  ['the Lua service under a master', true, { haproxy: 'master' }],
];

describe.each(cases)('by %s', (_, answersByLua, options) => {
  let stage: Stage;
  let gate: Gate;
  let behind: number;
  let map: string;
  beforeAll(async () => {
    behind = await freePort();
    const config = (paths: StagePaths): string => {
      map = paths.at('acme.map');
      return configuration(paths, behind, answersByLua);
    };
    stage = await startStage({ ...options, config });
    gate = await startGate(stage.httpPort, behind);
  });
  afterAll(async () => {
    await gate.stop();
    await stage.stop();
  });

  const order = async (name: string, extra: readonly string[] = stage.haproxyFlags): Promise<RunResult> =>
    await stage.command([
      ...['certonly', '--runtime-map', map, '-n', '--agree-tos', '--server', stage.pebble.directoryUrl],
      ...['-d', name, ...extra],
    ]);
  const entries = async (): Promise<string> => (await runtimeCommand(stage.socket, `show map ${map}`)).trim();
  const reload = async (): Promise<void> => {
    const before = stage.processes();
    if (options.haproxy === 'master') process.kill(stage.pid(), 'SIGUSR2');
    else {
      const old = String(stage.pid());
      await runOrThrow(haproxyBin, [...['-D', '-f', stage.cfg, '-p', stage.pidfile, '-x', stage.socket, '-sf', old]]);
    }
    const master = options.haproxy === 'master' ? [stage.pid()] : [];
    await until('others serve', () => {
      const now = stage.processes();
      const kept = now.filter((pid) => before.includes(pid) && !master.includes(pid));
      return kept.length === 0 && now.length > master.length;
    });
  };

  it('a certificate is issued and served, and renewed by what the lineage keeps; the map is empty again', async () => {
    const issued = await order('one.test');
    expect(issued, issued.stderr).toMatchObject({ code: 0 });
    expect(await stage.served('one.test')).toBe(stage.stored('one.test'));
    const conf = readFileSync(stage.renewalConf('one.test'), 'utf8');
    expect(conf).toContain('authenticator = runtime-map\n');
    expect(conf).toContain(`runtime_map = ${map}\n`);
    expect(await entries()).toBe('');
    const renewed = await stage.command(['renew', '--force-renewal']);
    expect(renewed, renewed.stderr).toMatchObject({ code: 0 });
    expect(stage.version('one.test')).toBe(2);
    expect(readFileSync(map, 'utf8')).toBe('');
  });

  it('the CA that looks after a reload finds the answer', async () => {
    gate.shut();
    const ordered = order('late.test', [...stage.haproxyFlags, ...unchecked]);
    try {
      await gate.knocked();
      const entry = await entries();
      const [, token = '', answer = ''] = / ([\w-]+) ([\w.-]+)$/.exec(entry) ?? [];
      expect(answer.startsWith(`${token}.`)).toBe(true);
      await reload();
      const path = `/.well-known/acme-challenge/${token}`;
      await until('the answer is there again', async () => (await ask(behind, path)).endsWith(`\r\n\r\n${answer}`));
    } finally {
      gate.open();
    }
    const result = await ordered;
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(await entries()).toBe('');
  });

  it("a run that is killed leaves its entry, which is in nobody's way", async () => {
    gate.shut();
    const args = ['certonly', '--runtime-map', map, '-n', '--server', stage.pebble.directoryUrl, '-d', 'killed.test'];
    let kill = (): void => undefined;
    const killed = stage.command([...args, ...stage.haproxyFlags, ...unchecked], {
      onStart: (child) => {
        kill = () => void child.kill('SIGKILL');
      },
    });
    await gate.knocked();
    kill();
    expect(await killed).toMatchObject({ signal: 'SIGKILL' });
    gate.open();
    expect(await entries()).not.toBe('');
    const next = await order('killed.test');
    expect(next, next.stderr).toMatchObject({ code: 0 });
  });
});

async function ask(port: number, path: string): Promise<string> {
  return await rawHttp(loopback, port, `GET ${path} HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n`).catch(
    () => '',
  );
}

describe('which HAProxy is told', () => {
  let stage: Stage;
  let map: string;
  const master = (paths: Pick<Stage, 'at'>): string => paths.at('master.sock');
  beforeAll(async () => {
    stage = await startStage({ config: (paths) => configuration(paths, paths.httpPort, false) });
    map = stage.at('acme.map');
  });
  afterAll(async () => await stage.stop());

  const order = async (flags: readonly string[], name = 'told.test'): Promise<RunResult> =>
    await stage.command([
      ...['certonly', '-n', '--agree-tos', '--server', stage.pebble.directoryUrl, '-d', name, '--json', ...flags],
    ]);
  const failure = async (flags: readonly string[]): Promise<string | undefined> => {
    const orders = stage.orders();
    const result = await order(flags, 'never.test');
    expect(stage.orders()).toBe(orders);
    expect(existsSync(stage.renewalConf('never.test'))).toBe(false);
    const report = jsonReport(result);
    return report.error?.code ?? report.outcomes[0]?.error?.code;
  };

  it('by a socket or by a configuration alone, without giving it a certificate', async () => {
    for (const [name, flags] of [
      ['socket.test', ['--haproxy-socket', stage.socket]],
      ['cfg.test', ['--haproxy-cfg', stage.cfg, '--haproxy-pidfile', stage.pidfile]],
    ] as const) {
      const result = await order(['--runtime-map', map, ...flags], name);
      expect(result, result.stderr + result.stdout).toMatchObject({ code: 0 });
      expect(existsSync(stage.bundle(name))).toBe(false);
      expect(jsonReport(result)).toMatchObject({ reloads: [], sockets: [] });
    }
    const renewed = await stage.command(['renew', '--force-renewal', '--json']);
    expect(renewed, renewed.stderr).toMatchObject({ code: 0 });
    expect(jsonReport(renewed).outcomes.map(({ kind }) => kind)).toEqual(['issued', 'issued']);
    expect(jsonReport(renewed)).toMatchObject({ reloads: [], sockets: [] });
    expect(await stage.command(['deploy'])).toMatchObject({ code: 0 });
  });

  it('is said to be unknown where no flag tells', async () => {
    expect(await failure(['--runtime-map', map])).toBe('map-socket-unset');
    expect(await failure(['-a', 'runtime-map', '--haproxy-socket', stage.socket])).toBe('map-unset');
  });

  it('is not told of certificates by flags that are about these alone', async () => {
    for (const more of [
      ['--haproxy-bundle', 'a.pem'],
      ['--haproxy-deploy', 'runtime'],
      ['--haproxy-verify', 'none'],
    ]) {
      const flags = ['--runtime-map', map, '--haproxy-socket', stage.socket, ...more];
      expect(await order(flags, 'never.test')).toMatchObject({ code: 2 });
    }
    expect(await order(['--webroot', '-w', stage.webroot, '--haproxy-socket', stage.socket])).toMatchObject({
      code: 2,
    });
    // What the lineage has for a map is not enough for another way.
    const flags = ['--cert-name', 'socket.test', '--webroot', '-w', stage.webroot, '--haproxy-socket', stage.socket];
    const reconfigured = await stage.command(['reconfigure', ...flags]);
    expect(reconfigured.code).not.toBe(0);
    expect(errorCodes(reconfigured)).toEqual(['usage']);
  });

  it('is looked at before the order: socket, map, and what the map takes', async () => {
    const socket = ['--haproxy-socket', stage.socket];
    expect(await failure(['--runtime-map', map, '--haproxy-socket', stage.at('none.sock')])).toBe(
      'runtime-unreachable',
    );
    expect(await failure(['--runtime-map', stage.at('other.map'), ...socket])).toBe('map-not-loaded');
    const named = await order(['--runtime-map', stage.at('other.map'), ...socket], 'never.test');
    expect(jsonReport(named).outcomes[0]?.error?.message).toContain(map);
    const two = ['--haproxy-socket', stage.at('none.sock')];
    expect(await failure(['--runtime-map', map, ...socket, ...two])).toBe('runtime-unreachable');
    expect((await runtimeCommand(stage.socket, `show map ${map}`)).trim()).toBe('');
  });

  it('takes it from a socket of lower level up to the version that wants admin', async () => {
    const flags = ['--runtime-map', map, '--haproxy-socket', stage.at('operator.sock')];
    if (haproxyHas('3.3')) expect(await failure(flags)).toBe('runtime-denied');
    else expect(await order(flags, 'operator.test')).toMatchObject({ code: 0 });
  });

  it('wildcards are refused', async () => {
    const result = await order(['--runtime-map', map, '--haproxy-socket', stage.socket], '*.wild.test');
    expect(result.code).toBe(2);
  });

  it('a master hands the commands to its worker', async () => {
    const second = await startStage({
      ...{ haproxy: 'master', masterSocket: master(stage) },
      config: (paths) => configuration(paths, paths.httpPort, false),
    });
    try {
      const result = await second.command([
        ...['certonly', '-n', '--agree-tos', '--server', second.pebble.directoryUrl, '-d', 'master.test'],
        ...['--runtime-map', second.at('acme.map'), '--haproxy-socket', master(stage)],
      ]);
      expect(result, result.stderr).toMatchObject({ code: 0 });
    } finally {
      await second.stop();
    }
  });
});
