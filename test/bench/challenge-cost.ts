import { setTimeout as sleep } from 'node:timers/promises';
import { keyAuthorization, variantNames, type VariantName } from './challenge-configurations.js';
import { startVariant, type Variant } from './challenge-variants.js';
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
  /** Microseconds of CPU of HAProxy. */
  readonly cost: Spread;
  /** The same of the process that HAProxy asks, where it asks one. */
  readonly otherCost: Spread | undefined;
  /** Over the cost of the fixed return in the same round. */
  readonly ratio: Spread;
  /** Over the cost of our service with a map in the same round. */
  readonly mapRatio: Spread;
}

export const threadCounts: readonly number[] = [1, 2];
const sliceSeconds = 1;

/**
 * The CPU of the HAProxy process over the answers it gave. Every way to answer runs as a process of its own throughout; they
 * are loaded in turn, a slice each, so that whatever else the machine does meets all alike.
 */
export async function measureChallenges(plan: ChallengePlan): Promise<readonly ChallengeCost[]> {
  const variants: Variant[] = [];
  try {
    for (const threads of threadCounts) {
      for (const name of variantNames) variants.push(await startVariant(plan.directory, { name, threads }));
    }
    for (const variant of variants) await expectAnswer(variant);
    const slices = new Map(variants.map((variant) => [variant, [] as Slice[]]));
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
interface Slice {
  readonly haproxy: number;
  readonly other: number;
}

async function measureSlice({ pid, otherPid, url }: Variant): Promise<Slice> {
  const used = (): Slice => ({
    haproxy: cpuOfProcess(pid),
    other: otherPid === undefined ? 0 : cpuOfProcess(otherPid),
  });
  const before = used();
  const answers = await answersWithin(sliceSeconds, url);
  // What HAProxy has left to do is closing wrk's connections.
  await sleep(50);
  const after = used();
  const each = (nanoseconds: number): number => nanoseconds / 1000 / answers;
  return { haproxy: each(after.haproxy - before.haproxy), other: each(after.other - before.other) };
}

function costOf(variant: Variant, slices: ReadonlyMap<Variant, readonly Slice[]>): ChallengeCost {
  const own = slices.get(variant) ?? [];
  const over = (reference: VariantName): Spread => {
    const others = [...slices].find(([{ name, threads }]) => name === reference && threads === variant.threads)?.[1];
    return spread(own.map(({ haproxy }, round) => haproxy / (others?.[round]?.haproxy ?? Number.NaN)));
  };
  return {
    name: variant.name,
    threads: variant.threads,
    cost: spread(own.map(({ haproxy }) => haproxy)),
    otherCost: variant.otherPid === undefined ? undefined : spread(own.map(({ other }) => other)),
    ratio: over('fixed'),
    mapRatio: over('ours-map'),
  };
}

export async function expectAnswer({ name, url }: Variant): Promise<void> {
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
