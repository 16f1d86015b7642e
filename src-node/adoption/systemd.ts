import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemReason } from '../platform/coded-error.js';
import { runCommand } from '../platform/run-command.js';
import { AdoptionError } from './adoption-error.js';

/** Milliseconds that one call of systemctl may take. */
const timeout = 30_000;

/** The systemd that runs this machine. */
export interface Systemd {
  readonly isActive: (unit: string) => Promise<boolean>;
  readonly isEnabled: (unit: string) => Promise<boolean>;
  /** @throws AdoptionError `adoption-systemctl`. */
  readonly stop: (unit: string) => Promise<void>;
  /** @throws AdoptionError `adoption-systemctl`. */
  readonly start: (unit: string) => Promise<void>;
  /** Has the units read anew. @throws AdoptionError `adoption-systemctl`. */
  readonly reload: () => Promise<void>;
}

/** Undefined where the machine is run by something else (sd_booted(3)). */
export async function runningSystemd(root: string, systemctl = 'systemctl'): Promise<Systemd | undefined> {
  const booted = await stat(join(root, '/run/systemd/system')).catch(() => undefined);
  if (booted?.isDirectory() !== true) return undefined;
  const answers = async (...args: readonly string[]): Promise<boolean> =>
    await runCommand(systemctl, args, { timeout }).then(
      ({ code }) => code === 0,
      () => false,
    );
  const run = async (...args: readonly string[]): Promise<void> => {
    const failed = (reason: string): AdoptionError =>
      new AdoptionError('adoption-systemctl', `'systemctl ${args.join(' ')}' failed: ${reason}.`);
    const result = await runCommand(systemctl, args, { timeout }).catch((error: unknown) => {
      throw failed(systemReason(error));
    });
    if (result.code !== 0) throw failed(result.output.trim().split('\n')[0] ?? 'it says nothing');
  };
  return {
    isActive: async (unit) => await answers('is-active', '--quiet', unit),
    isEnabled: async (unit) => await answers('is-enabled', '--quiet', unit),
    stop: async (unit) => await run('stop', unit),
    start: async (unit) => await run('start', unit),
    reload: async () => await run('daemon-reload'),
  };
}
