import type { Config } from '../config/config.js';
import { systemClock } from '../platform/clock.js';
import type { Logger } from '../platform/logger.js';
import type { CommandReport } from '../renewal/outcome.js';
import { programVersion, type CliContext } from './context.js';
import { openLog, type RunLog } from './log-file.js';
import { progressText, type ProgressView } from './render/progress.js';
import { errorText, failureText, successText } from './render/text.js';

/** Opens the log of a run, to be done under the lock: the old one moves away. */
export function startLog(args: readonly string[], config: Config, { stderr }: CliContext): RunLog {
  const { directories, logBackups, output, account } = config;
  const log = openLog({
    directory: directories.logs,
    backups: logBackups,
    clock: systemClock,
    verbosity: output.verbosity,
    stderr,
    warn: (error) => {
      if (!output.quiet) stderr.write(errorText(error));
    },
  });
  for (const key of [account.eab?.hmacKey ?? '', ...hmacKeysIn(args)]) log.secret(key);
  log.debug(`haproxy-acme ${programVersion}, arguments: ${JSON.stringify(args)}`);
  return log;
}

/** Of several the last one counts, and all of them are secrets. */
function hmacKeysIn(args: readonly string[]): readonly string[] {
  return args.flatMap((arg, index) => {
    if (!/^--eab-h/.test(arg)) return [];
    return [arg.includes('=') ? arg.slice(arg.indexOf('=') + 1) : (args[index + 1] ?? '')];
  });
}

/** What is shown while a run goes on, with the log beside it. */
export function loggedProgress(view: ProgressView, log: RunLog): ProgressView {
  return {
    show: (progress) => {
      const line = progressText(progress);
      if (line !== undefined) log.record(line);
      view.show(progress);
    },
    end: view.end,
  };
}

/** What the user is told at the end. */
export function logReport(report: CommandReport, log: RunLog): void {
  logTexts([successText(report), ...report.warnings, failureText(report.outcomes)], log);
}

export function logTexts(texts: readonly string[], log: RunLog): void {
  for (const line of texts.map((text) => text.trimEnd()).filter((text) => text !== '')) log.record(line);
}

/** An error that ended the run, with where it came from. */
export function logError(error: unknown, log: Logger): void {
  for (let cause = error; cause instanceof Error; cause = cause.cause) log.debug(cause.stack ?? cause.message);
}
