import { residentMemory } from '../support/flood.js';
import type { ChallengePlan } from './challenge-cost.js';
import type { VariantName } from './challenge-configurations.js';
import { startVariant, type Variant } from './challenge-variants.js';
import { spread, type Spread } from './figures.js';
import { answersDuring, paceWithin, type Pace } from './wrk.js';

/** What ordinary traffic and HAProxy suffer from a flood of the challenge path. */
export interface FloodCost {
  /** undefined: no flood. */
  readonly name: VariantName | undefined;
  /** Milliseconds, of ordinary requests over one connection. */
  readonly median: Spread;
  readonly p99: Spread;
  /** Requests of the flood that were answered. */
  readonly requests: number;
  /** Bytes that HAProxy grew by from the end of the first round to that of the last. */
  readonly growth: number;
  readonly logLines: number;
}

export const floodThreads = 2;
const names: readonly VariantName[] = ['native-map', 'ours-map', 'ours-file', 'file-and-log'];
const sliceSeconds = 2;

interface Slice {
  readonly pace: Pace;
  readonly requests: number;
  readonly logLines: number;
  readonly memory: number;
}

/** Tokens that are none, asked for as fast as they are refused, and beside them one client of another frontend. */
export async function measureFloods(plan: ChallengePlan): Promise<readonly FloodCost[]> {
  const quiet: Slice[] = [];
  const flooded = new Map<Variant, Slice[]>();
  try {
    for (const name of names) flooded.set(await startVariant(plan.directory, { name, threads: floodThreads }), []);
    for (let round = 0; round <= plan.rounds; round += 1) {
      for (const [variant, slices] of flooded) {
        plan.progress(`floods, round ${round} of ${plan.rounds}: ${variant.name}`);
        if (slices === [...flooded.values()][0])
          quiet.push(await slice(variant, async (ask) => ({ pace: await ask(), answers: 0 })));
        slices.push(await slice(variant, async (ask) => await under(variant.badUrl, ask)));
      }
    }
  } finally {
    await Promise.all([...flooded.keys()].map(async ({ stop }) => await stop()));
  }
  return [costOf(undefined, quiet), ...[...flooded].map(([{ name }, slices]) => costOf(name, slices))];
}

type Asking = () => Promise<Pace>;

async function under(url: string, ask: Asking): Promise<{ pace: Pace; answers: number }> {
  let pace: Pace | undefined;
  const { answers } = await answersDuring(url, async () => {
    pace = await ask();
  });
  if (pace === undefined) throw new Error('wrk has ended before the ordinary traffic');
  return { pace, answers };
}

async function slice(
  { ordinaryUrl, logLines, pid }: Variant,
  load: (ask: Asking) => Promise<{ pace: Pace; answers: number }>,
): Promise<Slice> {
  const before = logLines();
  const { pace, answers } = await load(async () => await paceWithin(sliceSeconds, ordinaryUrl, 1));
  return { pace, requests: answers, logLines: logLines() - before, memory: residentMemory(pid) };
}

/** The first round warms up. */
function costOf(name: VariantName | undefined, [first, ...slices]: readonly Slice[]): FloodCost {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    name,
    median: spread(slices.map(({ pace }) => pace.median)),
    p99: spread(slices.map(({ pace }) => pace.p99)),
    requests: sum(slices.map(({ requests }) => requests)),
    growth: (slices.at(-1)?.memory ?? 0) - (first?.memory ?? 0),
    logLines: sum(slices.map(({ logLines }) => logLines)),
  };
}
