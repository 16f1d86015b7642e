import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until, type RunResult } from '../support/child.js';
import { challengeDirectory } from '../support/lua-service.js';
import { errorCodes } from '../support/report.js';
import { scriptedCa, type Reply, type ScriptedCa } from '../support/scripted-ca.js';
import { startStage, type Stage } from '../support/stage.js';

let stage: Stage;
let ca: ScriptedCa | undefined;
beforeAll(async () => {
  stage = await startStage();
  mkdirSync(challengeDirectory(stage.webroot), { recursive: true });
});
afterEach(async () => {
  await ca?.stop();
  ca = undefined;
});
afterAll(async () => await stage.stop());

const published = (): readonly string[] => readdirSync(challengeDirectory(stage.webroot));

interface Run {
  readonly child: ChildProcess;
  readonly result: Promise<RunResult>;
}

/** A run that has its challenge published and cannot go on, since the CA keeps silent on that. */
async function heldRun(name: string): Promise<Run> {
  ca = await scriptedCa(stage.pebble, ({ path }): Reply => (path.startsWith('/chalZ/') ? 'silence' : 'pebble'));
  const before = published().length;
  const run = start(name, ca);
  await until('the challenge is published and the CA told', () =>
    ca?.requests.some(({ path }) => path.startsWith('/chalZ/')),
  );
  expect(published()).toHaveLength(before + 1);
  return run;
}

function start(name: string, at: ScriptedCa): Run {
  let child: ChildProcess | undefined;
  const result = stage.order([name], ['--server', at.directoryUrl], { onStart: (started) => (child = started) });
  if (child === undefined) throw new Error('the command was not started');
  return { child, result };
}

describe('a signal', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s while a challenge is published takes it back, and the next run works', async (signal, code) => {
    const name = `${signal.toLowerCase()}.test`;
    const before = stage.processes();
    const { child, result } = await heldRun(name);
    const start = performance.now();
    child.kill(signal);
    const ended = await result;
    expect(ended, ended.stderr).toMatchObject({ code, signal: null });
    expect(errorCodes(ended)).toEqual(['interrupted']);
    expect(performance.now() - start).toBeLessThan(3_000);
    expect(published()).toEqual([]);
    expect(existsSync(stage.renewalConf(name))).toBe(false);
    expect(stage.processes()).toEqual(before);

    await stage.ordered([name]);
    expect(stage.version(name)).toBe(1);
    expect(await stage.served(name)).toBe(stage.stored(name));
  });

  it('ends a run that waits for a CA that keeps silent', async () => {
    ca = await scriptedCa(stage.pebble, () => 'silence');
    const { child, result } = start('silent.test', ca);
    await until('the CA is asked', () => ca?.requests.length === 1);
    child.kill('SIGINT');
    expect(await result).toMatchObject({ code: 130 });
  });

  it('that cannot be caught leaves nothing that keeps the next run from its work', async () => {
    const { child, result } = await heldRun('killed.test');
    child.kill('SIGKILL');
    expect(await result).toMatchObject({ signal: 'SIGKILL' });
    await stage.ordered(['killed.test']);
    expect(stage.version('killed.test')).toBe(1);
    expect(await stage.served('killed.test')).toBe(stage.stored('killed.test'));
  });
});

describe('a second run at the same time', () => {
  it('is told who holds the lock, and takes nothing from the first', async () => {
    const held = await heldRun('first.test');
    const second = await stage.order(['second.test'], ['--lock-wait', '0']);
    expect(errorCodes(second), second.stderr).toEqual(['locked']);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(String(held.child.pid));
    expect(second.stderr).toContain('.certbot.lock');
    const listed = await stage.command(['certificates']);
    expect(listed.code).toBe(0);
    expect(held.child.exitCode).toBeNull();
    expect(published().length).toBeGreaterThan(0);
    held.child.kill('SIGTERM');
    await held.result;
    await stage.ordered(['second.test']);
    expect(await stage.served('second.test')).toBe(stage.stored('second.test'));
  });
});
