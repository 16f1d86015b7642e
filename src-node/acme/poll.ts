import type { Clock } from '../platform/clock.js';
import type { Polled } from './acme-connection.js';
import { AcmeError } from './acme-error.js';

/** Time, and the wish to stop. */
export interface Waiting {
  readonly clock: Clock;
  /** Milliseconds that the CA may take for an authorization, and for an order. */
  readonly issuanceTimeout: number;
  readonly signal: AbortSignal;
}

/** Pauses in milliseconds between polls where the CA names none, the last one repeated. */
const pollPauses = [100, 250, 500, 1_000, 2_000, 3_000] as const;
const longestPause = 60_000;

/** @throws AcmeError `acme-timeout` where `done` stays false. */
export async function pollUntil<T>(
  poll: () => Promise<Polled<T>>,
  done: (value: T) => boolean,
  waiting: Waiting & { readonly subject: string },
): Promise<T> {
  const end = waiting.clock.now() + waiting.issuanceTimeout;
  for (let turn = 0; ; turn += 1) {
    const { value, retryAfter } = await poll();
    if (done(value)) return value;
    const own = pollPauses[Math.min(turn, pollPauses.length - 1)] ?? 3_000;
    const pause = retryAfter === undefined ? own : Math.min(Math.max(retryAfter * 1_000, 100), longestPause);
    if (waiting.clock.now() + pause > end) {
      const after = `${waiting.issuanceTimeout / 1000} s`;
      throw new AcmeError('acme-timeout', `The CA has not finished ${waiting.subject} after ${after}.`);
    }
    await waiting.clock.sleep(pause, waiting.signal);
  }
}

/** As Promise.all, but aborts `others` at the first error and throws it once all have ended. */
export async function settled<T>(promises: readonly Promise<T>[], others?: AbortController): Promise<readonly T[]> {
  const errors: unknown[] = [];
  const values: T[] = [];
  await Promise.all(
    promises.map(async (promise, index) => {
      try {
        values[index] = await promise;
      } catch (error) {
        errors.push(error);
        others?.abort();
      }
    }),
  );
  if (errors.length > 0) throw errors[0];
  return values;
}
