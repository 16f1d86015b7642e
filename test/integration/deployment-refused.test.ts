import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunResult } from '../support/child.js';
import { freePort, loopback } from '../support/loopback.js';
import { errorCodes } from '../support/report.js';
import { startStage, withoutCapabilities, type Stage } from '../support/stage.js';

const name = 'shop.test';
let stage: Stage;

/** What must be the same after a deployment that HAProxy did not take. */
interface Serving {
  readonly processes: readonly number[];
  readonly fingerprint: string;
  readonly bundle: string;
  readonly files: readonly string[];
}

async function serving(): Promise<Serving> {
  return {
    processes: stage.processes(),
    fingerprint: await stage.served(name),
    bundle: readFileSync(stage.bundle(name), 'utf8'),
    files: readdirSync(stage.certDir),
  };
}

/** A forced renewal that must fail with this code, store the new version, and be made good by the next `renew` without an order. */
async function refused(code: string, extra: readonly string[] = []): Promise<RunResult> {
  const version = stage.version(name);
  const result = await stage.command(['renew', '--force-renewal', ...extra]);
  expect(errorCodes(result), result.stderr).toEqual([code]);
  expect(result.code).toBe(1);
  expect(stage.version(name)).toBe(version + 1);
  return result;
}

async function resumed(): Promise<void> {
  const [version, orders] = [stage.version(name), stage.orders()];
  const result = await stage.command(['renew']);
  expect(result, result.stderr).toMatchObject({ code: 0 });
  expect([stage.version(name), stage.orders()]).toEqual([version, orders]);
  expect(await stage.served(name)).toBe(stage.stored(name));
}

let config: string;
beforeAll(async () => {
  stage = await startStage({ deploy: 'reload', pebble: { authzReuse: 100 } });
  await stage.ordered([name]);
  config = readFileSync(stage.cfg, 'utf8');
});
afterAll(async () => await stage.stop());

describe('a configuration that HAProxy rejects', () => {
  afterEach(() => writeFileSync(stage.cfg, config));

  it('leaves bundle and process as they were, and tells what HAProxy says', async () => {
    const before = await serving();
    writeFileSync(stage.cfg, `${config}  no-such-keyword\n`);
    const result = await refused('haproxy-config-broken-before');
    expect(result.stderr).toContain("unknown keyword 'no-such-keyword'");
    expect(await serving()).toEqual(before);
    writeFileSync(stage.cfg, config);
    await resumed();
  });

  it('for want of Lua says so', async () => {
    const before = await serving();
    // Stands in for a HAProxy built without Lua, whose words these are; it is real HAProxy for all else.
    const bin = stage.at('haproxy-without-lua');
    const alert =
      "[ALERT]    (1) : config : parsing [haproxy.cfg:9] : unknown keyword 'lua-load-per-thread' in 'global' section";
    writeFileSync(bin, `#!/bin/sh\necho "${alert}" >&2\nexit 1\n`, { mode: 0o755 });
    await refused('haproxy-without-lua', ['--haproxy-bin', bin]);
    expect(await serving()).toEqual(before);
    await stage.ordered([name]);
    expect(await stage.served(name)).toBe(stage.stored(name));
  });

  it('at its start only, for a port in use, leaves the old process serving and puts the bundle back', async () => {
    const before = await serving();
    const port = await freePort();
    const holder = createServer().listen(port, loopback);
    await once(holder, 'listening');
    writeFileSync(stage.cfg, `${config}\nfrontend more\n  bind ${loopback}:${port}\n`);
    const result = await refused('haproxy-reload-failed');
    expect(result.stderr).toContain(`${loopback}:${port}`);
    expect(await serving()).toEqual(before);
    holder.close();
    await once(holder, 'close');
    await resumed();
  });

  it('because it is not there says which file', async () => {
    const before = await serving();
    renameSync(stage.cfg, stage.at('moved.cfg'));
    const result = await refused('haproxy-config-missing');
    expect(result.stderr).toContain(stage.cfg);
    expect(await serving()).toEqual(before);
    renameSync(stage.at('moved.cfg'), stage.cfg);
    await resumed();
  });
});

describe('a pidfile', () => {
  let pidfile: string;
  beforeEach(() => {
    pidfile = readFileSync(stage.pidfile, 'utf8');
  });
  afterEach(async () => {
    writeFileSync(stage.pidfile, pidfile);
    await resumed();
  });

  it.each([
    ['that is missing', 'haproxy-not-running', undefined],
    // No process has this number: it is over the kernel's limit.
    ['that is stale', 'haproxy-not-running', '999999999\n'],
    ['of garbage', 'haproxy-pidfile', 'no number\n'],
    ['that is empty', 'haproxy-pidfile', ''],
  ])('%s is reported, HAProxy is left alone, and the bundle waits for its next start', async (_what, code, text) => {
    const before = await serving();
    rmSync(stage.pidfile);
    if (text !== undefined) writeFileSync(stage.pidfile, text);
    const result = await refused(code);
    expect(result.stderr).toContain(stage.pidfile);
    const after = await serving();
    expect([after.processes, after.fingerprint]).toEqual([before.processes, before.fingerprint]);
    expect(after.bundle).not.toBe(before.bundle);
  });

  it('of another program brings no signal to it', async () => {
    const other: ChildProcess = spawn('sleep', ['300'], { stdio: 'ignore' });
    const ended = once(other, 'exit');
    writeFileSync(stage.pidfile, `${other.pid ?? 0}\n`);
    const result = await refused('haproxy-not-ours');
    expect(result.stderr).toContain('sleep');
    expect([other.exitCode, other.signalCode]).toEqual([null, null]);
    other.kill();
    await ended;
  });
});

describe('before anything is ordered, certonly finds', () => {
  const extra = (flag: string, value: string): readonly string[] => [flag, value];
  it.each([
    ['a HAProxy that is not there', 'haproxy-not-found', () => extra('--haproxy-bin', '/nonexistent')],
    ['a configuration that is not there', 'haproxy-config-missing', () => extra('--haproxy-cfg', '/nonexistent.cfg')],
    [
      'a certificate directory that is not there',
      'cert-dir-missing',
      () => extra('--haproxy-cert-dir', '/nonexistent'),
    ],
    ['a certificate directory that is a file', 'cert-dir-missing', () => extra('--haproxy-cert-dir', stage.cfg)],
  ])('%s', async (_what, code, flags) => {
    const orders = stage.orders();
    const result = await stage.order(['early.test'], flags());
    expect(errorCodes(result), result.stderr).toEqual([code]);
    expect(result.code).toBe(1);
    expect(stage.orders()).toBe(orders);
    expect(existsSync(stage.renewalConf('early.test'))).toBe(false);
  });

  it('a certificate directory that may not be written to', async () => {
    const closed = stage.at('closed');
    mkdirSync(closed, { mode: 0o500 });
    const orders = stage.orders();
    const result = await stage.order(['early.test'], ['--haproxy-cert-dir', closed], { by: withoutCapabilities });
    expect(errorCodes(result), result.stderr).toEqual(['cert-dir-not-writable']);
    expect(result.code).toBe(1);
    expect(stage.orders()).toBe(orders);
  });
});
