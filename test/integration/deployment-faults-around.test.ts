import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, chmodSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { constants } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/child.js';
import { faultInjection, operationsIn } from '../support/fault-injection.js';
import {
  deploy,
  expectMadeGood,
  expectSettled,
  haproxyState,
  refusedAs,
  storeVersion,
} from '../support/faulty-stage.js';
import { haproxyBin } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { jsonReport } from '../support/report.js';
import { startStage, withoutCapabilities, type CommandOptions, type Stage } from '../support/stage.js';

const name = 'shop.test';
let stage: Stage;
let config: string;

beforeAll(async () => {
  stage = await startStage({ pebble: { authzReuse: 100 } });
  await stage.ordered([name]);
  config = readFileSync(stage.cfg, 'utf8');
});
afterAll(async () => await stage.stop());
beforeEach(async () => await storeVersion(stage));

/** A deployment that is refused, with all as it was, and nothing left of the way. */
async function refused(code: string, flags: readonly string[], options?: CommandOptions): Promise<string> {
  const before = await haproxyState(stage, name);
  const result = await deploy(stage, flags, options);
  expect(refusedAs(result), result.stdout).toBe(code);
  expect(await haproxyState(stage, name)).toEqual(before);
  return result.stdout;
}

const absent = (): readonly string[] => ['--haproxy-socket', stage.at('absent.sock')];

describe('the bundle directory', () => {
  it('that is full at whichever operation leaves all as it was', async () => {
    const injection = await faultInjection(stage.at(''));
    const log = stage.at('operations');
    for (let at = 1; ; at += 1) {
      writeFileSync(log, '');
      const env = injection.env({ root: stage.certDir, mode: constants.errno.ENOSPC, at, log });
      const before = await haproxyState(stage, name);
      const result = await deploy(stage, [], { env });
      if (operationsIn(log).length < at) {
        expect(at).toBeGreaterThan(6);
        expect(result, result.stdout).toMatchObject({ code: 0 });
        break;
      }
      const operation = operationsIn(log)[at - 1];
      expect(refusedAs(result), `${operation ?? ''}: ${result.stdout}`).toBe('cert-dir-not-writable');
      expect(await haproxyState(stage, name), operation).toEqual(before);
    }
    await expectSettled(stage, name);
  });

  it('that is read-only leaves all as it was', async () => {
    chmodSync(stage.certDir, 0o500);
    await refused('cert-dir-not-writable', [], { by: withoutCapabilities });
    chmodSync(stage.certDir, 0o755);
    await expectMadeGood(stage, name);
  });

  it('takes its bundle back where there is no room for the line in the crt-list', async () => {
    const list = stage.at('lists/crt-list.txt');
    mkdirSync(stage.at('lists'));
    writeFileSync(list, '# mine\n');
    const injection = await faultInjection(stage.at(''));
    const env = injection.env({ root: stage.at('lists'), mode: constants.errno.ENOSPC, at: 2 });
    await refused('crt-list-not-writable', ['--haproxy-crt-list', list], { env });
    expect(readFileSync(list, 'utf8')).toBe('# mine\n');
    await expectMadeGood(stage, name);
  });

  it('stays as it was where there is no room for what HAProxy is to check', async () => {
    await refused('haproxy-check-failed', [], { env: { TMPDIR: stage.at('nowhere') } });
    await expectMadeGood(stage, name);
  });
});

describe('a key that is not that of the certificate', () => {
  it('gets nowhere', async () => {
    const file = realpathSync(join(stage.configDir, 'live', name, 'privkey.pem'));
    const key = readFileSync(file);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await refused('bundle-invalid', []);
    writeFileSync(file, key);
    await expectMadeGood(stage, name);
  });
});

describe('a configuration that the user has broken since the last reload', () => {
  it('does not keep the certificate from going live, and no reload is tried by it', async () => {
    appendFileSync(stage.cfg, '  no-such-keyword\n');
    const result = await deploy(stage, []);
    writeFileSync(stage.cfg, config);
    expect(result, result.stdout).toMatchObject({ code: 0 });
    const { reloads, sockets } = jsonReport(result);
    expect([reloads, sockets]).toEqual([[], [stage.socket]]);
    await expectSettled(stage, name);
  });

  it('ends the fallback to a reload, with all as it was', async () => {
    appendFileSync(stage.cfg, '  no-such-keyword\n');
    await refused('haproxy-config-broken-before', absent());
    writeFileSync(stage.cfg, config);
    await expectMadeGood(stage, name);
  });

  it('by a port that is in use ends the fallback to a reload, with all as it was', async () => {
    const port = await freePort();
    const holder = createServer().listen(port, loopback);
    await once(holder, 'listening');
    appendFileSync(stage.cfg, `frontend more\n  bind ${loopback}:${port}\n`);
    expect(await refused('haproxy-reload-failed', absent())).toContain(`${loopback}:${port}`);
    writeFileSync(stage.cfg, config);
    holder.close();
    await expectMadeGood(stage, name);
  });
});

describe('an old process that nobody reaps', () => {
  it('has ended, and does not count as draining', async () => {
    for (const pid of stage.processes()) process.kill(pid, 'SIGKILL');
    await until('HAProxy is gone', () => stage.processes().length === 0);
    // The shell becomes a program that never asks after its children.
    const script = '"$0" -db -f "$1" & echo $! > "$2"; exec sleep 600';
    const parent = spawn('sh', ['-c', script, haproxyBin, stage.cfg, stage.pidfile], { stdio: 'ignore' });
    const ended = once(parent, 'exit');
    await until('HAProxy serves', async () => await stage.served(name).catch(() => undefined));
    const old = stage.pid();
    try {
      const result = await deploy(stage, ['--haproxy-deploy', 'reload']);
      expect(result, result.stdout).toMatchObject({ code: 0 });
      expect(readFileSync(`/proc/${old}/stat`, 'utf8')).toContain(') Z ');
      const { reloads } = jsonReport(result);
      expect(reloads.map(({ started, draining }) => [started, draining])).toEqual([[[stage.pid()], []]]);
      await expectSettled(stage, name);
    } finally {
      process.kill(old, 'SIGKILL');
      parent.kill('SIGKILL');
      await ended;
    }
  });
});
