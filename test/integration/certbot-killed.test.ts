import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunResult } from '../support/child.js';
import { challengeDirectory } from '../support/lua-service.js';
import { inLanes, sceneName, scenesOf, type Scene, type SceneFault, type Scenes } from '../support/scene.js';
import { startStage, type Stage } from '../support/stage.js';

let stage: Stage;
let scenes: Scenes;

beforeAll(async () => {
  stage = await startStage({ pebble: { authzReuse: 100 } });
  mkdirSync(challengeDirectory(stage.webroot), { recursive: true });
  scenes = await scenesOf(stage);
});
afterAll(async () => await stage.stop());

interface Killing {
  readonly name: string;
  readonly from?: Scene;
  readonly run: (scene: Scene, fault: SceneFault) => Promise<RunResult>;
  /** Whether live/ has to hold a whole version after the first look. */
  readonly hasVersion: boolean;
}

/** Kills certbot at each operation on accounts, versions, links and configurations; we go on from what it leaves. */
async function killEverywhere({ name, from, run, hasVersion }: Killing): Promise<void> {
  const counted = scenes(`${name}-counted`, from);
  expect(await run(counted, { mode: 'kill-halves', at: 0 })).toMatchObject({ code: 0 });
  // certbot writes one file after the other; halves are looked at where a reader could take them for a whole.
  const points = counted
    .operations()
    .map((operation, index) => ({ operation: operation.replace(counted.path, ''), point: index + 1 }))
    .filter(({ operation }) =>
      /^(?!half)\w+ \S+\/(accounts|archive|live|renewal)\/|^half\S+ \S+(fullchain|conf)/.test(operation),
    );
  const problems = await inLanes(points, async ({ operation, point }) => {
    const scene = scenes(`${name}-${point}`, from);
    const killed = await run(scene, { mode: 'kill-halves', at: point });
    const problems = killed.signal === 'SIGKILL' ? [] : [`not killed: ${killed.stderr}`];
    const before = scene.live();
    const renewal = await scene.command(['renew']);
    if (renewal.code !== 0) problems.push(`renew: ${renewal.stderr}`);
    const after = scene.live();
    if (hasVersion && !/^\d+$/.test(after)) problems.push(`live/ was ${before} and is ${after}`);
    if (before !== after && !renewal.stderr.includes(sceneName)) problems.push(`nothing said: ${renewal.stderr}`);
    const order = await scene.certonly();
    if (order.code !== 0) problems.push(`certonly: ${order.stderr}`);
    if (scene.names().join() !== `${sceneName}.conf`) problems.push(`renewal/ holds ${scene.names().join()}`);
    if (!/^\d+$/.test(scene.live())) problems.push(`live/ is ${scene.live()} in the end`);
    return problems.map((problem) => `${point} ${operation}: ${problem}`);
  });
  expect(problems).toEqual([]);
  expect(points.length).toBeGreaterThan(20);
}

it('what certbot leaves of a first issuance', { timeout: 900_000 }, async () => {
  const run: Killing['run'] = async (scene, fault) => await scene.certbot(['certonly', '-d', sceneName], fault);
  await killEverywhere({ name: 'first', run, hasVersion: false });
});

it('what certbot leaves of a renewal', { timeout: 900_000 }, async () => {
  const issued = scenes('issued');
  expect(await issued.certbot(['certonly', '-d', sceneName])).toMatchObject({ code: 0 });
  const run: Killing['run'] = async (scene, fault) =>
    await scene.certbot(['renew', '--force-renewal', '--no-random-sleep-on-renew'], fault);
  await killEverywhere({ name: 'renewal', from: issued, run, hasVersion: true });
});
