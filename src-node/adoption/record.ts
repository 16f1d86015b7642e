import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeFileAtomic } from '../platform/atomic-write.js';
import { systemCode, systemReason } from '../platform/coded-error.js';
import { AdoptionError } from './adoption-error.js';

/** A change as it is recorded before it is made, with what is needed to take it back. */
export type RecordedChange =
  | {
      readonly kind: 'file';
      readonly path: string;
      /** Name of its copy in the record's directory. */
      readonly original: string;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
      /** SHA-256 of the content. */
      readonly before: string;
      /** Null where the file was taken away. */
      readonly after: string | null;
    }
  /** A symbolic link that was taken away. */
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | {
      readonly kind: 'timer';
      readonly unit: string;
      readonly links: readonly { readonly path: string; readonly target: string }[];
      /** It was running. */
      readonly active: boolean;
    }
  /** A renewal configuration, which goes on being changed by renewals: only what was set is taken back. */
  | {
      readonly kind: 'lineage';
      readonly certName: string;
      readonly path: string;
      readonly original: string;
      /** Keys that were set or removed (null). */
      readonly after: readonly ConfChange[];
    };

export interface ConfChange {
  readonly section: string;
  readonly key: string;
  /** Its items, without quotes. */
  readonly value: readonly string[] | null;
}

/** What an adoption has changed, kept in CONFIG_DIR/haproxy-acme/adoption. */
export interface AdoptionRecord {
  readonly directory: string;
  readonly changes: readonly RecordedChange[];
}

export function recordDirectory(configDir: string): string {
  return join(configDir, 'haproxy-acme', 'adoption');
}

/** @throws AdoptionError `adoption-record` where there is one that cannot be read. */
export async function readRecord(configDir: string): Promise<AdoptionRecord> {
  const directory = recordDirectory(configDir);
  const file = manifestIn(directory);
  const broken = (reason: string, cause?: unknown): AdoptionError =>
    new AdoptionError('adoption-record', `The record of the adoption, ${file}, cannot be used: ${reason}.`, { cause });
  let manifest: unknown;
  try {
    manifest = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { directory, changes: [] };
    throw broken(error instanceof SyntaxError ? 'it is not JSON' : systemReason(error), error);
  }
  if (!isManifest(manifest)) throw broken('it is not of a form that this version knows');
  return { directory, changes: manifest.changes };
}

interface Manifest {
  readonly version: 1;
  readonly changes: readonly RecordedChange[];
}

const kinds = ['file', 'link', 'timer', 'lineage'];

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null || !('version' in value) || !('changes' in value)) return false;
  if (value.version !== 1 || !Array.isArray(value.changes)) return false;
  return value.changes.every(
    (change: unknown) =>
      typeof change === 'object' && change !== null && 'kind' in change && kinds.includes(String(change.kind)),
  );
}

/** Replaces the record's list of changes; the record goes away with the last of them. */
export async function writeRecord(record: AdoptionRecord): Promise<void> {
  const { directory, changes } = record;
  if (changes.length > 0) {
    const manifest: Manifest = { version: 1, changes };
    await writeFileAtomic(manifestIn(directory), `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: 0o600 });
    return;
  }
  // The list goes first: without it the copies mean nothing.
  await rm(manifestIn(directory), { force: true });
  await rm(directory, { recursive: true, force: true });
  // Its parent may hold more of ours.
  await rmdir(join(directory, '..')).catch(() => undefined);
}

/** Keeps what a file holds before it is changed. @returns the name of the copy. */
export async function keepOriginal(record: AdoptionRecord, path: string, content: Buffer): Promise<string> {
  await mkdir(record.directory, { recursive: true, mode: 0o700 });
  const numbers = record.changes.map((change) => ('original' in change ? Number.parseInt(change.original, 10) : 0));
  const name = `${Math.max(0, ...numbers) + 1}-${basename(path).replace(/^\.+/, '')}`;
  await writeFileAtomic(join(record.directory, name), content, { mode: 0o600 });
  return name;
}

export function digest(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function manifestIn(directory: string): string {
  return join(directory, 'manifest.json');
}
