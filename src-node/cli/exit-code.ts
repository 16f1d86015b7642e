import { hasFailed, type Outcome } from '../renewal/outcome.js';

/** As certbot's: 0, 1 when anything failed, 2 for a wrong command line, 128 + N when signal N ended the run. */
export type ExitCode = number;

export const exitUsage: ExitCode = 2;

export function exitCodeOf(outcomes: readonly Outcome[], interruptedBy: number | undefined): ExitCode {
  if (interruptedBy !== undefined) return 128 + interruptedBy;
  return outcomes.some(hasFailed) ? 1 : 0;
}
