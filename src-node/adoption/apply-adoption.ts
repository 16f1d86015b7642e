import { lstat, readFile, readlink, realpath, rm, stat } from 'node:fs/promises';
import type { LineageStore } from '../lineage/lineage-store.js';
import { parseRenewalConf, serializeRenewalConf } from '../lineage/renewal-conf.js';
import { writeHaproxySettings } from '../lineage/haproxy-settings.js';
import { writeDeployedVersion } from '../lineage/renewal-settings.js';
import { writeFileAtomic } from '../platform/atomic-write.js';
import { systemReason } from '../platform/coded-error.js';
import { AdoptionError } from './adoption-error.js';
import { adoptedConf, confDifference } from './conf-changes.js';
import type { AdoptionPlan } from './plan-adoption.js';
import type { PlannedLineage } from './plan-lineages.js';
import { digest, keepOriginal, readRecord, writeRecord, type AdoptionRecord, type RecordedChange } from './record.js';
import type { SchedulePlace } from './schedule.js';
import type { Systemd } from './systemd.js';

/** What an adoption works with. */
export interface AdoptionRooms {
  readonly store: LineageStore;
  /** Undefined where systemd does not run. */
  readonly systemd: Systemd | undefined;
  /** Told of each change once it is recorded and once it is made; what it throws ends the adoption there. */
  readonly onStep: (step: AdoptionStep) => void;
}

export interface AdoptionStep {
  readonly kind: 'recorded' | 'made' | 'undone';
  readonly change: RecordedChange;
}

/** One change of an adoption. */
type Change =
  | { readonly kind: 'lineage'; readonly lineage: PlannedLineage; readonly hookKeys: readonly string[] }
  /** Lines that become comments. */
  | { readonly kind: 'lines'; readonly path: string; readonly lines: readonly number[] }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'timer'; readonly place: Extract<SchedulePlace, { kind: 'timer' }> };

/**
 * Makes the changes of a plan, each recorded with its way back before it is made. The lineages come first and what runs
 * certbot last, so that at any moment something renews and something gives HAProxy its certificates.
 * @throws AdoptionError `adoption-cert-dir-unset` before anything is changed; `adoption-failed`, `adoption-systemctl`.
 */
export async function applyAdoption(plan: AdoptionPlan, rooms: AdoptionRooms): Promise<readonly RecordedChange[]> {
  if (plan.withoutCertDir.length > 0) {
    const names = plan.withoutCertDir.join(', ');
    throw new AdoptionError('adoption-cert-dir-unset', `No directory of HAProxy's certificates is known for ${names}.`);
  }
  let record = await readRecord(plan.survey.configDir);
  const made: RecordedChange[] = [];
  for (const change of changesOf(plan)) {
    try {
      const { recorded, make } = await prepare(change, record, rooms);
      record = { ...record, changes: [...record.changes, recorded] };
      await writeRecord(record);
      rooms.onStep({ kind: 'recorded', change: recorded });
      await make();
      made.push(recorded);
      rooms.onStep({ kind: 'made', change: recorded });
    } catch (error) {
      throw failed(change, error);
    }
  }
  return made;
}

function failed(change: Change, error: unknown): unknown {
  if (error instanceof Error && !('syscall' in error)) return error;
  const path =
    'path' in change
      ? change.path
      : change.kind === 'timer'
        ? change.place.unit
        : change.lineage.found.lineage.confFile;
  return new AdoptionError('adoption-failed', `Cannot change ${path}: ${systemReason(error)}.`, { cause: error });
}

function changesOf({ lineages, hooks, schedules }: AdoptionPlan): readonly Change[] {
  const hookPlaces = hooks.filter(({ left }) => left === undefined).map(({ hook }) => hook.place);
  const schedulePlaces = schedules.filter(({ left }) => left === undefined).map(({ schedule }) => schedule.place);
  const confs = lineages.map((lineage): Change => {
    const { certName } = lineage.found.lineage;
    const hookKeys = hookPlaces.flatMap((place) =>
      place.kind === 'conf' && place.certName === certName ? [place.key] : [],
    );
    return { kind: 'lineage', lineage, hookKeys };
  });
  return [
    ...confs.filter((change) => change.kind === 'lineage' && changesConf(change)),
    ...lineChanges(hookPlaces.filter(({ kind }) => kind === 'ini')),
    ...hookPlaces.flatMap((place): Change[] => (place.kind === 'script' ? [{ kind: 'remove', path: place.file }] : [])),
    ...lineChanges(schedulePlaces.filter(({ kind }) => kind === 'cron-line')),
    ...schedulePlaces.flatMap((place): Change[] => {
      if (place.kind === 'timer') return [{ kind: 'timer', place }];
      return place.kind === 'cron-script' ? [{ kind: 'remove', path: place.file }] : [];
    }),
  ];
}

function changesConf({ lineage, hookKeys }: Extract<Change, { kind: 'lineage' }>): boolean {
  return lineage.changesHaproxy || lineage.renewal.kind === 'changed' || hookKeys.length > 0;
}

/** One change for each file. */
function lineChanges(places: readonly object[]): readonly Change[] {
  const files = new Map<string, number[]>();
  for (const place of places) {
    const { file, line } = place as { readonly file: string; readonly line: number };
    files.set(file, [...(files.get(file) ?? []), line]);
  }
  return [...files].map(([path, lines]) => ({ kind: 'lines', path, lines }));
}

interface Prepared {
  readonly recorded: RecordedChange;
  readonly make: () => Promise<void>;
}

async function prepare(change: Change, record: AdoptionRecord, rooms: AdoptionRooms): Promise<Prepared> {
  switch (change.kind) {
    case 'lineage':
      return await prepareLineage(change, record, rooms.store);
    case 'lines':
      return await prepareFile(await realpath(change.path), record, (text) => commented(text, change.lines));
    case 'remove':
      return await prepareRemoval(change.path, record);
    case 'timer':
      return prepareTimer(change.place, rooms.systemd);
  }
}

async function prepareLineage(
  { lineage: planned, hookKeys }: Extract<Change, { kind: 'lineage' }>,
  record: AdoptionRecord,
  store: LineageStore,
): Promise<Prepared> {
  const { lineage } = planned.found;
  const { certName, confFile: path } = lineage;
  const [content, access] = [await readFile(path), await stat(path)];
  const old = parseRenewalConf(content.toString());
  const conf = adoptedConf(old, planned, hookKeys);
  const wished = planned.changesHaproxy
    ? writeDeployedVersion(writeHaproxySettings(conf, planned.haproxy), undefined)
    : conf;
  const after = confDifference(old, wished);
  const owner = { uid: access.uid, gid: access.gid };
  return {
    recorded: { kind: 'lineage', certName, path, original: await keepOriginal(record, path, content), after },
    make: async () => {
      if (confDifference(old, conf).length > 0) {
        await writeFileAtomic(path, serializeRenewalConf(conf), { mode: access.mode & 0o777, owner });
      }
      if (planned.changesHaproxy) await store.update(lineage, { kind: 'haproxy', haproxy: planned.haproxy });
    },
  };
}

/** Latin 1 keeps each byte as it is. */
async function prepareFile(
  path: string,
  record: AdoptionRecord,
  change: ((text: string) => string) | undefined,
): Promise<Prepared> {
  const [content, { mode, uid, gid }] = [await readFile(path), await stat(path)];
  const next = change === undefined ? undefined : Buffer.from(change(content.toString('latin1')), 'latin1');
  const original = await keepOriginal(record, path, content);
  const after = next === undefined ? null : digest(next);
  return {
    recorded: { kind: 'file', path, original, mode: mode & 0o7777, uid, gid, before: digest(content), after },
    make: async () => {
      if (next === undefined) await rm(path);
      else await writeFileAtomic(path, next, { mode: mode & 0o7777, owner: { uid, gid } });
    },
  };
}

function commented(text: string, lines: readonly number[]): string {
  const mark = "# haproxy-acme renews instead ('haproxy-acme adopt --undo' puts this back): ";
  return text
    .split('\n')
    .map((line, index) => (lines.includes(index) ? `${mark}${line}` : line))
    .join('\n');
}

async function prepareRemoval(path: string, record: AdoptionRecord): Promise<Prepared> {
  if (!(await lstat(path)).isSymbolicLink()) return await prepareFile(path, record, undefined);
  return {
    recorded: { kind: 'link', path, target: await readlink(path) },
    make: async () => await rm(path),
  };
}

/** As `systemctl disable --now`, by the same links, so that they can be put back as they were. */
function prepareTimer(place: Extract<SchedulePlace, { kind: 'timer' }>, systemd: Systemd | undefined): Prepared {
  const { unit, links, active } = place;
  return {
    recorded: { kind: 'timer', unit, links, active },
    make: async () => {
      // Stopped first: a timer that has its links is found again where this is interrupted.
      if (active) await systemd?.stop(unit);
      for (const { path } of links) await rm(path, { force: true });
      await systemd?.reload();
    },
  };
}
