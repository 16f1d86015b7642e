import { readdirSync, renameSync, rmSync, type Dirent } from 'node:fs';
import { join } from 'node:path';

/** certbot's name, so that what reads its log reads ours. */
export const logName = 'letsencrypt.log';

/** A number of up to seven digits: what logrotate names by a date has eight. */
const backupName = /^letsencrypt\.log\.([1-9]\d{0,6})$/;

interface RotationPlan {
  /** In the order in which they can be renamed. */
  readonly renames: readonly (readonly [from: string, to: string])[];
  readonly removals: readonly string[];
}

/**
 * Makes room for a new letsencrypt.log: the one that there is becomes letsencrypt.log.1, that one .2, up to `backups`;
 * what is beyond is removed. With 0 nothing is moved or removed: the log goes on in one file, and the numbers beside it
 * are another's (Debian's certbot sets 0 and leaves them to logrotate).
 * @throws the system's error. What is left then has no file lost but the oldest.
 */
export function rotateLogs(directory: string, backups: number): void {
  if (backups <= 0) return;
  const { renames, removals } = planRotation(readdirSync(directory, { withFileTypes: true }), backups);
  for (const name of removals) rmSync(join(directory, name), { force: true });
  for (const [from, to] of renames) renameSync(join(directory, from), join(directory, to));
}

function planRotation(entries: readonly Dirent[], backups: number): RotationPlan {
  const ours: number[] = [];
  const taken = new Set<number>();
  let hasLog = false;
  for (const entry of entries) {
    // A link is moved as itself; nothing is done to what it points to.
    const movable = entry.isFile() || entry.isSymbolicLink();
    if (entry.name === logName) hasLog = movable;
    const number = Number(backupName.exec(entry.name)?.[1] ?? '0');
    if (number === 0) continue;
    if (movable) ours.push(number);
    else taken.add(number);
  }
  // Without a log there is nothing to make room for: a log that can never be opened must not push out the old ones.
  if (!hasLog) return { renames: [], removals: [] };
  const moves = [0, ...ours].map((from) => ({ from, to: nextFree(from, taken) })).sort((a, b) => b.from - a.from);
  return {
    renames: moves.filter(({ to }) => to <= backups).map(({ from, to }) => [nameOf(from), nameOf(to)]),
    removals: moves.filter(({ to }) => to > backups).map(({ from }) => nameOf(from)),
  };
}

function nextFree(number: number, taken: ReadonlySet<number>): number {
  let next = number + 1;
  while (taken.has(next)) next += 1;
  return next;
}

function nameOf(number: number): string {
  return number === 0 ? logName : `${logName}.${number}`;
}
