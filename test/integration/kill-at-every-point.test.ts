import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunResult } from '../support/child.js';
import { challengeDirectory } from '../support/lua-service.js';
import { atEveryPoint, sceneName, scenesOf, type Scene, type SceneFault, type Scenes } from '../support/scene.js';
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

interface Killing {
  readonly name: string;
  readonly from?: () => Scene;
  readonly run: (scene: Scene, fault: SceneFault) => Promise<RunResult>;
  /** What live/ may hold after the kill. */
  readonly live: readonly string[];
}

/** Kills a run at each of its points; each time the directories are of use to HAProxy and to the runs that follow. */
async function killEverywhere({ name, from, run, live }: Killing): Promise<number> {
  const { points, problems } = await atEveryPoint(async (point) => {
    const scene = scenes(`${name}-${point}`, from?.());
    const killed = await run(scene, { mode: 'kill', at: point });
    const problems = killed.signal === 'SIGKILL' || killed.code === 0 ? [] : [killed.stderr];
    const operation = scene.operations().at(-1) ?? '';
    if (!live.includes(scene.live())) problems.push(`live/ is ${scene.live()}`);
    problems.push(await scene.haproxyProblem());
    const renewal = await scene.command(['renew']);
    if (renewal.code !== 0) problems.push(`renew: ${renewal.stderr}`);
    // What is live already is kept; now and then it is renewed, to see that also that goes on.
    const order = await scene.certonly(point % 4 === 0 ? ['--force-renewal'] : []);
    if (order.code !== 0) problems.push(`certonly: ${order.stderr}`);
    if (scene.names().join() !== `${sceneName}.conf`) problems.push(`renewal/ holds ${scene.names().join()}`);
    if (!/^\d+$/.test(scene.live())) problems.push(`live/ is ${scene.live()} in the end`);
    problems.push(await scene.haproxyProblem());
    const found = problems.filter((problem) => problem !== '').map((problem) => `${operation}: ${problem}`);
    return { disturbed: killed.signal === 'SIGKILL', problems: found };
  });
  expect(problems).toEqual([]);
  return points;
}

it('a first issuance', { timeout: 900_000 }, async () => {
  const run: Killing['run'] = async (scene, fault) => await scene.certonly([], fault);
  const points = await killEverywhere({ name: 'first', run, live: ['none', '1'] });
  expect(points).toBeGreaterThan(60);
});

it('a renewal', { timeout: 900_000 }, async () => {
  const run: Killing['run'] = async (scene, fault) => await scene.command(['renew', '--force-renewal'], fault);
  const points = await killEverywhere({ name: 'renewal', from: () => issued, run, live: ['1', '2'] });
  expect(points).toBeGreaterThan(50);
});

it('a removal', { timeout: 900_000 }, async () => {
  const run: Killing['run'] = async (scene, fault) => await scene.onStore(`store.remove('${sceneName}')`, fault);
  const points = await killEverywhere({ name: 'removal', from: () => issued, run, live: ['1', 'none'] });
  expect(points).toBeGreaterThan(8);
});
