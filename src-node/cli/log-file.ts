import { closeSync, constants, fstatSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../platform/clock.js';
import { systemCode, systemReason } from '../platform/coded-error.js';
import { redactingLoggers, type Logger, type LogLevel } from '../platform/logger.js';
import { CliError } from './cli-error.js';
import type { Output } from './context.js';
import { logLine, printable } from './log-line.js';
import { logName, rotateLogs } from './log-rotation.js';

export interface LogOptions {
  /** --logs-dir; made when it is missing. */
  readonly directory: string;
  /** --max-log-backups: how many old logs are kept. With 0 there are none, and one file grows. */
  readonly backups: number;
  readonly clock: Clock;
  /** How often -v was given: stderr gets nothing, all but debug, or all. */
  readonly verbosity: number;
  readonly stderr: Output;
  /** Told at most once: a log that cannot be written does not end a run. */
  readonly warn: (error: CliError) => void;
}

/** The log of a run. It speaks as `haproxy-acme` itself, and by `component` as a part of it. */
export interface RunLog extends Logger {
  readonly component: (name: string) => Logger;
  /** Into the file alone, whatever the verbosity: the user is told otherwise. */
  readonly record: (text: string) => void;
  /** What is logged later is lost. */
  readonly close: () => void;
}

/**
 * Opens letsencrypt.log for a run, after the old ones have moved on. Call it under the lock: two runs that rotate at
 * once lose a log.
 */
export function openLog(options: LogOptions): RunLog {
  const { clock, verbosity, stderr } = options;
  const file = openLogFile(options);
  let isRecorded = false;
  const component = redactingLoggers((level, name, text) => {
    const message = printable(text);
    file.append(logLine(clock.now(), level, name, message));
    if (!isRecorded && isShown(level, verbosity)) stderr.write(`${message}\n`);
  });
  const own = component('haproxy-acme');
  const record = (text: string): void => {
    isRecorded = true;
    own.debug(text);
    isRecorded = false;
  };
  return { ...own, component, record, close: file.close };
}

function isShown(level: LogLevel, verbosity: number): boolean {
  return verbosity >= (level === 'debug' ? 2 : 1);
}

interface LogFile {
  readonly append: (line: string) => void;
  readonly close: () => void;
}

function openLogFile({ directory, backups, warn }: LogOptions): LogFile {
  const path = join(directory, logName);
  let isWarned = false;
  const failed = (what: string, cause: unknown): void => {
    if (isWarned) return;
    isWarned = true;
    warn(new CliError('log-not-writable', `Cannot ${what}: ${systemReason(cause)}.`, cause));
  };
  let file: number | undefined;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const refusal = errorOf(() => rotateLogs(directory, backups));
    file = openForAppending(path);
    // Where the file can be written the run is logged after the last one.
    if (refusal !== undefined) failed(`rotate the logs in ${directory}`, refusal);
  } catch (error) {
    failed(`open the log ${path}`, error);
  }
  const write = lineWriter();
  return {
    append: (line) => {
      if (file === undefined) return;
      const error = write(file, line);
      if (error !== undefined) failed(`write the log ${path}`, error);
    },
    close: () => {
      const open = file;
      file = undefined;
      if (open !== undefined) errorOf(() => closeSync(open));
    },
  };
}

function errorOf(action: () => void): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Never through a link, which could lead to any file of the system. */
function openForAppending(path: string): number {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;
  let file: number;
  try {
    // O_NONBLOCK: a FIFO that nobody reads is refused, where it would be waited for.
    file = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  } catch (error) {
    throw systemCode(error) === 'ELOOP' ? new Error('it is a symbolic link', { cause: error }) : error;
  }
  if (fstatSync(file).isFile()) return file;
  closeSync(file);
  throw new Error('it is not a file');
}

const gapMark = '\n[lines are missing here: the log could not be written]\n';

/** Writes each line at once, so that a run which is killed leaves all that it logged; a disk may be full for a while. */
function lineWriter(): (file: number, line: string) => unknown {
  let before = '';
  return (file, line) =>
    errorOf(() => {
      const bytes = Buffer.from(before + line);
      before = gapMark;
      for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
      before = '';
    });
}
