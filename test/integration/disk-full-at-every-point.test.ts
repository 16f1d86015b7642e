import { mkdirSync } from 'node:fs';
import { constants } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunResult } from '../support/child.js';
import { challengeDirectory } from '../support/lua-service.js';
import { errorCodes } from '../support/report.js';
import { atEveryPoint, scenesOf, type Scene, type SceneFault, type Scenes } from '../support/scene.js';
import { startStage, type Stage } from '../support/stage.js';

let stage: Stage;
let scenes: Scenes;
let issued: Scene;

beforeAll(async () => {
  stage = await startStage({ pebble: { authzReuse: 100 } });
  mkdirSync(challengeDirectory(stage.webroot), { recursive: true });
  scenes = await scenesOf(stage);
  issued = scenes('issued');
  expect(await issued.certonly()).toMatchObject({ code: 0 });
});
afterAll(async () => await stage.stop());

interface Filling {
  readonly name: string;
  readonly from?: () => Scene;
  readonly run: (scene: Scene, fault?: SceneFault) => Promise<RunResult>;
  readonly live: readonly string[];
}

/** Lets each operation that takes room fail; what is live stays whole, the run says so, and with room the next one works. */
async function fillEverywhere({ name, from, run, live }: Filling): Promise<number> {
  const { points, problems } = await atEveryPoint(async (point) => {
    const scene = scenes(`${name}-${point}`, from?.());
    const failed = await run(scene, { mode: constants.errno.ENOSPC, at: point });
    const operations = scene.operations();
    const problems: string[] = [];
    const disturbed = operations.length >= point;
    if (!live.includes(scene.live())) problems.push(`live/ is ${scene.live()}`);
    problems.push(await scene.haproxyProblem());
    const told = errorCodes(failed).filter((code) => /-not-writable$/.test(code));
    if (failed.code === 1 && told.length !== 1) problems.push(failed.stderr);
    if (failed.code === 1 && !failed.stderr.includes('ENOSPC')) problems.push(`no reason: ${failed.stderr}`);
    if (failed.code !== 0 && failed.code !== 1) problems.push(`exit ${String(failed.code)}: ${failed.stderr}`);
    const healed = await scene.command(['renew']);
    if (healed.code !== 0) problems.push(`renew: ${healed.stderr}`);
    const next = point % 4 === 0 || scene.live() === 'none' ? await run(scene) : undefined;
    if (next !== undefined && next.code !== 0) problems.push(`next: ${next.stderr}`);
    if (!/^\d+$/.test(scene.live())) problems.push(`live/ is ${scene.live()} in the end`);
    const operation = operations[point - 1] ?? '';
    // What can be done without: a user's files are moved where they cannot be linked, links renamed in place of the exchange.
    // So can the directories for a user's hooks.
    const harmless = /^(link|exchange) |^mkdir \S+\/config(\/renewal-hooks\S*)?$/.test(operation);
    if (disturbed && failed.code === 0 && !harmless) problems.push(`exit 0`);
    return {
      disturbed,
      problems: problems.filter((problem) => problem !== '').map((problem) => `${operation}: ${problem}`),
    };
  });
  expect(problems).toEqual([]);
  return points;
}

it('a first issuance', { timeout: 900_000 }, async () => {
  const run: Filling['run'] = async (scene, fault) => await scene.certonly([], fault);
  expect(await fillEverywhere({ name: 'first', run, live: ['none', '1'] })).toBeGreaterThan(40);
});

it('a renewal', { timeout: 900_000 }, async () => {
  const run: Filling['run'] = async (scene, fault) => await scene.command(['renew', '--force-renewal'], fault);
  expect(await fillEverywhere({ name: 'renewal', from: () => issued, run, live: ['1', '2'] })).toBeGreaterThan(40);
});
