import type { Config } from '../config/config.js';
import { lockDirectories, type Lock } from '../lineage/lock.js';
import { systemClock } from '../platform/clock.js';
import type { ErrorInfo } from '../platform/coded-error.js';
import type { CliContext } from './context.js';
import { errorText } from './render/text.js';

/** Locks a run's directories in certbot's order, waiting for another run as long as --lock-wait tells. */
export async function takeLocks(
  { directories, lockWait, output }: Config,
  { stderr, signal }: CliContext,
): Promise<Lock> {
  const wanted = [
    { path: directories.logs, mode: 0o700 },
    { path: directories.config, mode: 0o755 },
    { path: directories.work, mode: 0o755 },
  ];
  const warn = (error: ErrorInfo): void => {
    if (!output.quiet) stderr.write(errorText(error));
  };
  const onWait = ({ message }: ErrorInfo): void => {
    if (!output.quiet) stderr.write(`${message} Waiting ${lockWait} seconds at most.\n`);
  };
  return await lockDirectories(wanted, warn, { wait: lockWait, clock: systemClock, signal, onWait });
}
