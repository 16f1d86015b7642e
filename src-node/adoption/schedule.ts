import { classifySchedule, type ScheduleClass } from './classify-hook.js';
import type { CertbotRun } from './command-roles.js';
import { hooksOfIni, iniEntries } from './survey-hooks.js';
import { samePlace, type SystemFiles } from './system-files.js';

/** Where it is written that something runs by itself. */
export type SchedulePlace =
  /** A line of a crontab, from 0. */
  | { readonly kind: 'cron-line'; readonly file: string; readonly line: number }
  /** An executable of /etc/cron.daily and its like. */
  | { readonly kind: 'cron-script'; readonly file: string }
  | {
      readonly kind: 'timer';
      readonly unit: string;
      /** The links that enable it, as they are written. */
      readonly links: readonly { readonly path: string; readonly target: string }[];
      /** It is running now. */
      readonly active: boolean;
      /** systemd calls it enabled, by links that are not an administrator's to remove where there are none above. */
      readonly enabled: boolean;
    };

export interface FoundSchedule {
  readonly place: SchedulePlace;
  readonly class: ScheduleClass;
  /** It runs certbot on another configuration directory. */
  readonly elsewhere: boolean;
}

/** Reads a command that runs by itself, with the files that it gives certbot by `-c`. */
export async function readSchedule(
  files: SystemFiles,
  configDir: string,
  command: { readonly text: string; readonly searchPath?: string | undefined },
): Promise<Pick<FoundSchedule, 'class' | 'elsewhere'>> {
  const { text, searchPath } = command;
  const scripts = await files.scripts(text, searchPath);
  const first = classifySchedule(text, scripts);
  const runs = 'runs' in first ? first.runs : [];
  if (runs.length === 0) return { class: first, elsewhere: false };
  const inis = await Promise.all(runs.map(async (run) => await iniTexts(files, run)));
  const hooks = inis.flat().flatMap(hooksOfIni);
  const whole = [text, ...hooks].join('\n');
  const same = await Promise.all(
    runs.map(async (run, index) => await samePlace(configDirOf(files, run, inis[index] ?? []), configDir)),
  );
  const all = hooks.length === 0 ? scripts : await files.scripts(whole, searchPath);
  return { class: classifySchedule(whole, all), elsewhere: !same.includes(true) };
}

async function iniTexts(files: SystemFiles, run: CertbotRun): Promise<readonly string[]> {
  const read = await Promise.all(run.configFiles.map(async (file) => await files.read(file)));
  return read.filter((text) => text !== undefined);
}

function configDirOf(files: SystemFiles, run: CertbotRun, inis: readonly string[]): string {
  const fromIni = inis.flatMap(iniEntries).findLast(({ key }) => key === 'config-dir')?.value;
  return files.at(run.configDir ?? fromIni ?? '/etc/letsencrypt');
}
