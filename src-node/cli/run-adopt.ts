import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AdoptionWish, GivenAuthenticator } from '../adoption/plan-lineages.js';
import { runningSystemd } from '../adoption/systemd.js';
import type { Config } from '../config/config.js';
import { letsencryptStore } from '../lineage/letsencrypt-directory.js';
import { RenewalError } from '../renewal/renewal-error.js';
import { adopt, hasSucceeded, type AdoptReport } from './commands/adopt.js';
import { programVersion, type CliContext } from './context.js';
import type { ExitCode } from './exit-code.js';
import { takeLocks } from './locks.js';
import { logError, logTexts, startLog } from './run-log.js';
import { adoptionFailures, adoptionText } from './render/adoption.js';
import { adoptionJson } from './render/adoption-json.js';

/** `adopt` on this machine. Only what changes something takes the locks, whose files would be a change too. */
export async function runAdopt(args: readonly string[], config: Config, context: CliContext): Promise<ExitCode> {
  const { yes, undo } = config.adoption;
  if (!yes && !undo) return render(await run(config, context), config, context);
  const lock = await takeLocks(config, context);
  const log = startLog(args, config, context);
  try {
    const report = await run(config, context);
    logTexts([adoptionText(report, shippedFiles()), adoptionFailures(report)], log);
    return render(report, config, context);
  } catch (error) {
    logError(error, log);
    throw error;
  } finally {
    log.close();
    await lock.release();
  }
}

async function run(config: Config, { signal }: CliContext): Promise<AdoptReport> {
  const root = '/';
  const configDir = config.directories.config;
  return await adopt(
    { wish: wishOf(config), configDir, root, ...config.adoption },
    {
      store: letsencryptStore(configDir, programVersion),
      systemd: await runningSystemd(root),
      onStep: () => {
        if (signal.aborted) throw new RenewalError('interrupted', 'The run was ended by a signal.');
      },
    },
  );
}

function wishOf({ certName, haproxy, challenge }: Config): AdoptionWish {
  return { certName, haproxy, authenticator: authenticatorOf(challenge) };
}

function authenticatorOf({ authenticator, webroot, http01Port }: Config['challenge']): GivenAuthenticator | undefined {
  if (authenticator === 'standalone') return { kind: 'standalone', port: http01Port ?? 80 };
  return webroot === undefined ? undefined : { kind: 'webroot', path: webroot };
}

function render(report: AdoptReport, { output }: Config, { stdout, stderr }: CliContext): ExitCode {
  if (output.json) {
    stdout.write(adoptionJson(report, shippedFiles()));
  } else {
    if (!output.quiet) stdout.write(adoptionText(report, shippedFiles()));
    stderr.write(adoptionFailures(report));
  }
  return hasSucceeded(report) ? 0 : 1;
}

/** The directory haproxy/ of this package, above wherever the build has put this module. */
function shippedFiles(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (directory !== '/') {
    const candidate = join(directory, 'haproxy');
    if (existsSync(join(candidate, 'cron.d/haproxy-acme'))) return candidate;
    directory = dirname(directory);
  }
  return 'haproxy';
}
