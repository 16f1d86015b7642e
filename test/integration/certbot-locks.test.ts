import type { ChildProcess } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until, type RunResult } from '../support/child.js';
import { certbotOn, commandOn, must, type Program } from '../support/certbot.js';
import { errorCodes } from '../support/report.js';
import { startStage, type Stage } from '../support/stage.js';

/** Both programs in one directory, at the same time. */
let stage: Stage;
let certbot: Program;
let ours: Program;
const gate = (): string => stage.at('gate');
/** What has been started and not been waited for. */
const running: { readonly child: ChildProcess; readonly result: Promise<RunResult> }[] = [];

beforeAll(async () => {
  stage = await startStage();
  [certbot, ours] = [certbotOn(stage), commandOn(stage)];
  await must(ours)(['certonly', '--webroot', '-w', stage.webroot, '-d', 'shared.test']);
});
afterAll(async () => {
  // What a killed program has left in its hook waits for this.
  writeFileSync(gate(), '');
  await ended();
  await stage.stop();
});

/** A forced renewal, whose pre hook keeps it, and its locks, until the gate is open. */
async function held(program: Program): Promise<ChildProcess> {
  const reached = stage.at('reached');
  for (const path of [reached, gate()]) rmSync(path, { force: true });
  const hook = `touch ${reached}; until [ -e ${gate()} ]; do sleep 0.05; done`;
  const child = start(program, ['renew', '--force-renewal', '--pre-hook', hook]);
  await until('the hook runs', () => existsSync(reached) || child.exitCode !== null);
  return child;
}

function start(program: Program, args: readonly string[]): ChildProcess {
  let child: ChildProcess | undefined;
  const result = program(args, { onStart: (started) => (child = started) });
  if (child === undefined) throw new Error('the program was not started');
  running.push({ child, result });
  return child;
}

/** What the programs that were started have come to, in their order. */
async function ended(): Promise<readonly RunResult[]> {
  return await Promise.all(running.splice(0).map(async ({ result }) => await result));
}

const webroot = (): readonly string[] => ['certonly', '--webroot', '-w', stage.webroot];

describe('while certbot renews', () => {
  it('we say who holds the lock and change nothing when we are not to wait, but list what is there', async () => {
    const certbotRun = await held(certbot);
    const second = await ours([...webroot(), '-d', 'second.test', '--lock-wait', '0']);
    expect(second.code, second.stderr).toBe(1);
    expect(errorCodes(second)).toEqual(['locked']);
    expect(second.stderr).toContain(String(certbotRun.pid));
    expect(existsSync(stage.renewalConf('second.test'))).toBe(false);
    expect((await ours(['certificates'])).stdout).toContain('Certificate Name: shared.test');
    expect(certbotRun.exitCode).toBeNull();
  });

  it('and is killed, its lock dies with it, though its hook lives on', async () => {
    running.at(-1)?.child.kill('SIGKILL');
    const next = await ours([...webroot(), '-d', 'second.test', '--lock-wait', '0']);
    expect(next, next.stderr).toMatchObject({ code: 0 });
    writeFileSync(gate(), '');
    await ended();
  });
});

it('our lock dies with us too, and certbot goes on', async () => {
  (await held(ours)).kill('SIGKILL');
  const listed = await certbot(['certificates']);
  expect(listed, listed.stderr).toMatchObject({ code: 0 });
  expect(listed.stdout).toContain('Certificate Name: shared.test');
});
