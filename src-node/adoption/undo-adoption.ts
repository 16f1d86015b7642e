import { mkdir, lstat, readFile, readlink, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory, writeFileAtomic } from '../platform/atomic-write.js';
import { systemCode, systemReason } from '../platform/coded-error.js';
import { AdoptionError } from './adoption-error.js';
import type { AdoptionStep } from './apply-adoption.js';
import { restoreConf } from './conf-changes.js';
import { digest, readRecord, writeRecord, type RecordedChange } from './record.js';
import type { Systemd } from './systemd.js';

/** What became of one recorded change. */
export type Undone =
  | { readonly kind: 'undone'; readonly change: RecordedChange }
  /** It had not been made, or has been taken back. */
  | { readonly kind: 'already'; readonly change: RecordedChange }
  /** Somebody has changed it since: it is left. */
  | { readonly kind: 'left'; readonly change: RecordedChange; readonly error: AdoptionError };

/**
 * Takes back what adoptions have changed, the last change first. What was changed since is left, and stays recorded.
 * @throws AdoptionError `adoption-record`.
 */
export async function undoAdoption(
  configDir: string,
  rooms: { readonly systemd: Systemd | undefined; readonly onStep: (step: AdoptionStep) => void },
): Promise<readonly Undone[]> {
  const record = await readRecord(configDir);
  const results: Undone[] = [];
  for (const change of record.changes.toReversed()) {
    const result = await undo(change, record.directory, rooms.systemd).catch((error: unknown): Undone => {
      return { kind: 'left', change, error: asAdoptionError(change, error) };
    });
    results.push(result);
    rooms.onStep({ kind: 'undone', change });
  }
  const left = results.filter(({ kind }) => kind === 'left').map(({ change }) => change);
  if (record.changes.length > 0) await writeRecord({ ...record, changes: left.toReversed() });
  return results;
}

function asAdoptionError(change: RecordedChange, error: unknown): AdoptionError {
  if (error instanceof AdoptionError) return error;
  const what = change.kind === 'timer' ? change.unit : change.path;
  return new AdoptionError('adoption-failed', `Cannot put ${what} back: ${systemReason(error)}.`, { cause: error });
}

async function undo(change: RecordedChange, directory: string, systemd: Systemd | undefined): Promise<Undone> {
  switch (change.kind) {
    case 'file':
      return await undoFile(change, directory);
    case 'lineage':
      return await undoLineage(change, directory);
    case 'link':
      return { kind: (await putLink(change)) ? 'undone' : 'already', change };
    case 'timer': {
      const put: boolean[] = [];
      for (const link of change.links) put.push(await putLink(link));
      await systemd?.reload();
      if (change.active) await systemd?.start(change.unit);
      return { kind: put.includes(true) ? 'undone' : 'already', change };
    }
  }
}

async function undoFile(change: Extract<RecordedChange, { kind: 'file' }>, directory: string): Promise<Undone> {
  const { path, mode, uid, gid, before, after } = change;
  const current = await readIfThere(path);
  const now = current === undefined ? null : digest(current);
  if (now === before) return { kind: 'already', change };
  const original = join(directory, change.original);
  if (now !== after) throw changedSince(path, original);
  await writeFileAtomic(path, await readFile(original), { mode, owner: { uid, gid } });
  return { kind: 'undone', change };
}

async function undoLineage(change: Extract<RecordedChange, { kind: 'lineage' }>, directory: string): Promise<Undone> {
  const { path, after } = change;
  const current = await readIfThere(path);
  // A lineage that was deleted since has nothing to be put back.
  if (current === undefined) return { kind: 'already', change };
  const original = join(directory, change.original);
  const restored = restoreConf(current.toString(), await readFile(original, 'utf8'), after);
  if (restored.kind === 'changed-since') throw changedSince(path, original, restored.keys);
  if (restored.kind === 'already') return { kind: 'already', change };
  const { mode, uid, gid } = await stat(path);
  await writeFileAtomic(path, restored.text, { mode: mode & 0o777, owner: { uid, gid } });
  return { kind: 'undone', change };
}

/** @returns false where it is there already. */
async function putLink({ path, target }: { readonly path: string; readonly target: string }): Promise<boolean> {
  const found = await lstat(path).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (found?.isSymbolicLink() === true && (await readlink(path)) === target) return false;
  if (found !== undefined) throw changedSince(path, `a link to ${target}`);
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path);
  await syncDirectory(dirname(path));
  return true;
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  return await readFile(path).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
}

function changedSince(path: string, original: string, keys: readonly string[] = []): AdoptionError {
  const where = keys.length === 0 ? '' : ` (${keys.join(', ')})`;
  const message = `${path} was changed since the adoption${where} and is left as it is; before, it was ${original}.`;
  return new AdoptionError('adoption-changed-since', message);
}
