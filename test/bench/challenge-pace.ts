import { expectAnswer, type ChallengePlan } from './challenge-cost.js';
import type { VariantName } from './challenge-configurations.js';
import { startVariant, type Variant } from './challenge-variants.js';
import { spread, type Spread } from './figures.js';
import { paceWithin, type Pace } from './wrk.js';

/** How fast challenges are answered when they are asked for as fast as they are answered. */
export interface ChallengePace {
  readonly name: VariantName;
  readonly rate: Spread;
  readonly median: Spread;
  readonly p99: Spread;
}

export const paceThreads = 2;
const names: readonly VariantName[] = ['fixed', 'ours-map', 'spoe', 'standalone'];
const sliceSeconds = 2;

export async function measurePace(plan: ChallengePlan): Promise<readonly ChallengePace[]> {
  const slices = new Map<Variant, Pace[]>();
  try {
    for (const name of names) slices.set(await startVariant(plan.directory, { name, threads: paceThreads }), []);
    for (const variant of slices.keys()) await expectAnswer(variant);
    for (let round = 0; round <= plan.rounds; round += 1) {
      for (const [variant, paces] of slices) {
        plan.progress(`pace, round ${round} of ${plan.rounds}: ${variant.name}`);
        const pace = await paceWithin(sliceSeconds, variant.url);
        // The first round warms up.
        if (round > 0) paces.push(pace);
      }
    }
  } finally {
    await Promise.all([...slices.keys()].map(async ({ stop }) => await stop()));
  }
  return [...slices].map(([{ name }, paces]) => ({
    name,
    rate: spread(paces.map(({ rate }) => rate)),
    median: spread(paces.map(({ median }) => median)),
    p99: spread(paces.map(({ p99 }) => p99)),
  }));
}
