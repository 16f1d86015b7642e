import type { Clock } from '../platform/clock.js';
import type { Output } from './context.js';

/** What an agent says that runs for months: no more than some lines a minute, whatever is asked of it, but for -vv. */
export interface SpoaLines {
  /** At once. */
  readonly say: (sentence: string) => void;
  /** At once by -v, unless there have been too many, and by -vv; counted anyway. */
  readonly tell: (what: Counted, sentence: string) => void;
  readonly count: (what: Counted) => void;
  /** Says every minute what was counted in it, if anything was, until `signal` aborts. */
  readonly summarize: (clock: Clock, signal: AbortSignal) => Promise<void>;
}

/** In the order and the words of the summary. */
const counted = [
  'answered',
  'without an answer',
  'published',
  'withdrawn',
  'dropped by runs that ended',
  'refused to runs',
  'connections of HAProxy',
  'of them ended by an error',
  'faults',
] as const;
export type Counted = (typeof counted)[number];

const minute = 60_000;

export function spoaLines(
  { write }: Output,
  level: { readonly quiet: boolean; readonly verbosity: number },
): SpoaLines {
  const counts = new Map<Counted, number>();
  const mostLines = [0, 30][level.verbosity] ?? Number.POSITIVE_INFINITY;
  let lines = 0;
  const say = (sentence: string): void => {
    if (!level.quiet) write(`${sentence}\n`);
  };
  const count = (what: Counted): void => void counts.set(what, (counts.get(what) ?? 0) + 1);
  const summary = (): void => {
    const parts = counted.flatMap((what) => (counts.has(what) ? [`${counts.get(what) ?? 0} ${what}`] : []));
    if (parts.length > 0) say(`In the last minute: ${parts.join(', ')}.`);
    counts.clear();
    lines = 0;
  };
  return {
    say,
    count,
    tell: (what, sentence) => {
      count(what);
      if (mostLines === 0 || lines > mostLines) return;
      lines += 1;
      say(lines > mostLines ? 'More is counted until the minute is over.' : sentence);
    },
    summarize: async (clock, signal) => {
      while (!signal.aborted) {
        await clock.sleep(minute, signal).catch(() => undefined);
        summary();
      }
    },
  };
}
