import { readFile } from 'node:fs/promises';
import { readCertificate } from '../certificate/x509.js';
import type { BrokenLineage, Lineage } from '../lineage/lineage.js';
import type { LineageStore } from '../lineage/lineage-store.js';
import { systemReason } from '../platform/coded-error.js';
import { iniValues, surveyHooks, type FoundHook } from './survey-hooks.js';
import { surveyCron } from './survey-cron.js';
import { systemFiles, type SystemFiles } from './system-files.js';
import { surveyTimers } from './survey-timers.js';
import type { FoundSchedule } from './schedule.js';
import type { Systemd } from './systemd.js';

/** A lineage with what its adoption is decided by. */
export interface SurveyedLineage {
  readonly lineage: Lineage;
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly notAfter: number;
  /** The port that certbot's standalone server listens on. */
  readonly http01Port: number;
}

/** A certbot installation as it was found. */
export interface Survey {
  readonly configDir: string;
  readonly lineages: readonly SurveyedLineage[];
  readonly broken: readonly BrokenLineage[];
  readonly hooks: readonly FoundHook[];
  /** What runs certbot by itself, or bundles by itself. */
  readonly schedules: readonly FoundSchedule[];
  /** A timer or a cron line renews by haproxy-acme. */
  readonly renewsByOurs: boolean;
  readonly systemdRuns: boolean;
  /** Ports that HAProxy's configuration binds; undefined where none was named or it cannot be read. */
  readonly haproxyPorts: readonly number[] | undefined;
  /** What could not be read, with the reason. */
  readonly unread: readonly string[];
}

export interface SurveyRequest {
  /** certbot's --config-dir. */
  readonly configDir: string;
  /** Where the system's /etc, /var and /usr are found: `/` but for tests. */
  readonly root: string;
  /** HAProxy's configuration files, as given. */
  readonly cfg: readonly string[] | undefined;
}

/** Reads an installation; changes nothing. */
export async function survey(
  request: SurveyRequest,
  store: LineageStore,
  systemd: Systemd | undefined,
): Promise<Survey> {
  const { configDir, root } = request;
  const files = systemFiles(root);
  const listing = await store.list();
  const port = Number((await iniValues(files, configDir)).get('http-01-port') ?? '80');
  const { lineages, broken } = await readLineages(listing.lineages, port);
  const cfg = request.cfg ?? listing.lineages.flatMap(({ settings }) => settings.haproxy.cfg);
  const schedules = [...(await surveyTimers(files, configDir, systemd)), ...(await surveyCron(files, configDir))];
  return {
    configDir,
    lineages,
    broken: [...listing.broken, ...broken],
    hooks: await surveyHooks(files, configDir, listing.lineages),
    schedules: schedules.filter(({ class: { kind } }) => kind !== 'unrelated' && kind !== 'ours'),
    renewsByOurs: schedules.some(({ class: { kind } }) => kind === 'ours'),
    systemdRuns: systemd !== undefined,
    haproxyPorts: await boundPorts(files, [...new Set(cfg)]),
    unread: files.unread(),
  };
}

async function readLineages(
  found: readonly Lineage[],
  defaultPort: number,
): Promise<{ lineages: readonly SurveyedLineage[]; broken: readonly BrokenLineage[] }> {
  const lineages: SurveyedLineage[] = [];
  const broken: BrokenLineage[] = [];
  for (const lineage of found) {
    try {
      const { names, notAfter } = readCertificate(await readFile(lineage.live.cert, 'utf8'));
      lineages.push({ lineage, names, notAfter, http01Port: lineage.settings.http01Port ?? defaultPort });
    } catch (error) {
      const reason = `The certificate ${lineage.live.cert} cannot be read: ${systemReason(error)}.`;
      broken.push({ certName: lineage.certName, confFile: lineage.confFile, reason });
    }
  }
  return { lineages, broken };
}

/** The ports of the `bind` lines; one that comes from a variable is not known. */
async function boundPorts(files: SystemFiles, cfg: readonly string[]): Promise<readonly number[] | undefined> {
  const texts = await Promise.all(cfg.map(async (file) => await files.readGiven(file)));
  if (texts.length === 0 || texts.includes(undefined)) return undefined;
  const addresses = texts.flatMap((text) => [...(text ?? '').matchAll(/^[ \t]*bind[ \t]+(\S+)/gm)]);
  return addresses
    .flatMap(([, list]) => (list ?? '').split(','))
    .flatMap((address) => portRange(/:(\d+)(?:-(\d+))?$/.exec(address)));
}

function portRange(match: RegExpExecArray | null): readonly number[] {
  if (match === null) return [];
  const first = Number(match[1]);
  const last = Number(match[2] ?? first);
  return Array.from({ length: Math.max(0, Math.min(last, 65_535) - first + 1) }, (_, index) => first + index);
}
