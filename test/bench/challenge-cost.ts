import { setTimeout as sleep } from 'node:timers/promises';
import {
  keyAuthorization,
  startVariant,
  variantNames,
  writeSources,
  type Variant,
  type VariantName,
} from './challenge-variants.js';
import { cpuOfProcess } from './cpu-time.js';
import { spread, type Spread } from './figures.js';
import { answersWithin } from './wrk.js';

export interface ChallengePlan {
  readonly directory: string;
  readonly rounds: number;
  /** Told before each slice. */
  readonly progress: (text: string) => void;
}

/** What a challenge costs HAProxy in one way to answer. */
export interface ChallengeCost {
  readonly name: VariantName;
  readonly threads: number;
  /** Microseconds of CPU. */
  readonly cost: Spread;
  /** Over the cost of the fixed return in the same round. */
  readonly ratio: Spread;
}

export const threadCounts: readonly number[] = [1, 2];
const sliceSeconds = 1;

/**
 * The CPU of the HAProxy process over the answers it gave. Every way to answer runs as a process of its own throughout; they
 * are loaded in turn, a slice each, so that whatever else the machine does meets all alike.
 */
export async function measureChallenges(plan: ChallengePlan): Promise<readonly ChallengeCost[]> {
  const sources = writeSources(plan.directory);
  const variants: Variant[] = [];
  try {
    for (const threads of threadCounts) {
      for (const name of variantNames) variants.push(await startVariant(plan.directory, { name, threads }, sources));
    }
    for (const variant of variants) await expectAnswer(variant);
    const slices = new Map(variants.map((variant) => [variant, [] as number[]]));
    for (let round = 0; round <= plan.rounds; round += 1) {
      for (const variant of rotated(variants, round)) {
        plan.progress(`challenges, round ${round} of ${plan.rounds}: ${variant.name}, nbthread ${variant.threads}`);
        const slice = await measureSlice(variant);
        // The first round warms up: pools, caches and the clock of the CPU.
        if (round > 0) slices.get(variant)?.push(slice);
      }
    }
    for (const variant of variants) await expectAnswer(variant);
    return variants.map((variant) => costOf(variant, slices));
  } finally {
    await Promise.all(variants.map(async (variant) => await variant.stop()));
  }
}

/** Microseconds of CPU for one answer. */
async function measureSlice({ pid, url }: Variant): Promise<number> {
  const before = cpuOfProcess(pid);
  const answers = await answersWithin(sliceSeconds, url);
  // What HAProxy has left to do is closing wrk's connections.
  await sleep(50);
  return (cpuOfProcess(pid) - before) / 1000 / answers;
}

function costOf(variant: Variant, slices: ReadonlyMap<Variant, readonly number[]>): ChallengeCost {
  const own = slices.get(variant) ?? [];
  const fixed = [...slices].find(([{ name, threads }]) => name === 'fixed' && threads === variant.threads)?.[1] ?? [];
  return {
    name: variant.name,
    threads: variant.threads,
    cost: spread(own),
    ratio: spread(own.map((cost, round) => cost / (fixed[round] ?? Number.NaN))),
  };
}

async function expectAnswer({ name, url }: Variant): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  const body = await response.text();
  if (response.status !== 200 || body !== keyAuthorization) {
    throw new Error(`${name} answers ${response.status} with '${body}', and not the key authorization`);
  }
}

/** No way to answer always follows the same neighbour. */
function rotated<T>(items: readonly T[], by: number): readonly T[] {
  const start = (by * 3) % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
