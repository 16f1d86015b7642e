import { join } from 'node:path';
import { readSchedule, type FoundSchedule } from './schedule.js';
import { isProgram, type SystemFiles } from './system-files.js';

/** What cron runs: system crontabs, root's own, and the scripts of /etc/cron.daily and its like. */
export async function surveyCron(files: SystemFiles, configDir: string): Promise<readonly FoundSchedule[]> {
  const found: FoundSchedule[] = [];
  const read = async (file: string, hasUser: boolean): Promise<void> => {
    for (const { line, ...command } of cronEntries((await files.readGiven(file)) ?? '', hasUser)) {
      found.push({ place: { kind: 'cron-line', file, line }, ...(await readSchedule(files, configDir, command)) });
    }
  };
  await read(files.at('/etc/crontab'), true);
  const directory = files.at('/etc/cron.d');
  for (const name of await files.list(directory)) if (isRead(name)) await read(join(directory, name), true);
  for (const spool of ['/var/spool/cron/crontabs/root', '/var/spool/cron/root']) await read(files.at(spool), false);
  for (const period of ['hourly', 'daily', 'weekly', 'monthly']) {
    const scripts = files.at(`/etc/cron.${period}`);
    for (const name of await files.list(scripts)) {
      const file = join(scripts, name);
      if (!isRead(name) || !(await isProgram(file))) continue;
      const schedule = await readSchedule(files, configDir, { text: file });
      found.push({ place: { kind: 'cron-script', file }, ...schedule });
    }
  }
  return found;
}

/** cron and run-parts pass over every other name, such as what dpkg has left. */
function isRead(name: string): boolean {
  return /^[\w-]+$/.test(name);
}

interface CronEntry {
  /** From 0. */
  readonly line: number;
  readonly text: string;
  /** The PATH that is set above it. */
  readonly searchPath: string | undefined;
}

/** The commands of a crontab (crontab(5)); `hasUser` where the sixth field is whose they are. */
export function cronEntries(source: string, hasUser: boolean): readonly CronEntry[] {
  const entries: CronEntry[] = [];
  let searchPath: string | undefined;
  const pattern = hasUser ? /^\s*(?:@\w+|(?:\S+\s+){4}\S+)\s+\S+\s+(.*)$/ : /^\s*(?:@\w+|(?:\S+\s+){4}\S+)\s+(.*)$/;
  for (const [line, content] of source.split('\n').entries()) {
    if (/^\s*(?:#|$)/.test(content)) continue;
    const setting = /^\s*PATH\s*=\s*["']?([^"']*?)["']?\s*$/.exec(content);
    if (setting !== null) searchPath = setting[1];
    const command = /^\s*[A-Za-z_]\w*\s*=/.test(content) ? undefined : pattern.exec(content)?.[1];
    if (command !== undefined) entries.push({ line, text: commandText(command), searchPath });
  }
  return entries;
}

/** "\%" is a percent sign; what stands after a bare one is the command's input, which no shell text can say. */
function commandText(command: string): string {
  return command.replace(/\\?%/g, (mark) => (mark === '%' ? ' ;; ' : '%'));
}
