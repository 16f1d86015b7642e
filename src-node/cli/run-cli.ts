import type { Config, Verb } from '../config/config.js';
import { letsencryptStore } from '../lineage/letsencrypt-directory.js';
import { systemClock } from '../platform/clock.js';
import type { AccountDependencies } from '../renewal/account-dependencies.js';
import type { AccountReport } from '../renewal/account-report.js';
import { register, showAccount, unregister, updateAccount } from './commands/accounts.js';
import { certificates } from './commands/certificates.js';
import { certonly } from './commands/certonly.js';
import { deploy } from './commands/deploy.js';
import { deleteLineage } from './commands/delete.js';
import { install } from './commands/install.js';
import { reconfigure } from './commands/reconfigure.js';
import { listPlugins } from './commands/plugins.js';
import { renew } from './commands/renew.js';
import { isVerified, verify } from './commands/verify.js';
import { revoke } from './commands/revoke.js';
import type { Dependencies } from '../renewal/dependencies.js';
import { orderByCsr } from '../renewal/order-by-csr.js';
import { withoutRenewals, type CommandReport } from '../renewal/outcome.js';
import { silentLogger } from '../platform/logger.js';
import { compose, composeDeployer, composeRevocationCheck, type Composition } from './compose.js';
import { loggedProgress, logError, logReport, startLog } from './run-log.js';
import { programVersion, type CliContext } from './context.js';
import { takeLocks } from './locks.js';
import type { RunLog } from './log-file.js';
import { exitCodeOf, type ExitCode } from './exit-code.js';
import { interruptedBy, renderReport, reportError, runPrelude, writeNotes } from './prelude.js';
import { accountJson, accountText } from './render/accounts.js';
import { listingJson } from './render/json.js';
import { liveProgress, plainProgress, silent, type ProgressView } from './render/progress.js';
import { verificationJson, verificationText } from './render/verification.js';
import { listingText } from './render/text.js';

/** A command line from its words to its exit code; all that it prints goes to the streams given. */
export async function runCli(args: readonly string[], context: CliContext): Promise<ExitCode> {
  const prelude = await runPrelude(args, context);
  if (prelude.kind === 'done') return prelude.exitCode;
  const { config } = prelude;
  writeNotes(config, context);
  try {
    if (config.verb === 'adopt') return await (await import('./run-adopt.js')).runAdopt(args, config, context);
    if (config.verb === 'bootstrap') {
      return await (await import('./commands/bootstrap.js')).runBootstrap(config, context, systemClock);
    }
    if (config.verb === 'spoa') return await (await import('./commands/spoa.js')).runSpoa(config, context);
    if (config.verb === 'plugins') return listPlugins(config, context);
    if (config.verb === 'certificates') return await list(config, context);
    if (config.verb === 'verify') return await compare(config, context);
    return await run(commands[config.verb], { args, config, context });
  } catch (error) {
    return reportError(error, config.output.json, context);
  }
}

async function list(config: Config, { stdout, signal }: CliContext): Promise<ExitCode> {
  const store = letsencryptStore(config.directories.config, programVersion);
  const check = composeRevocationCheck(config, { signal, logger: silentLogger });
  const listing = await certificates(config, { store, check, clock: systemClock });
  if (config.output.json) {
    stdout.write(listingJson(listing, config.notes));
  } else {
    stdout.write(listingText(listing, systemClock.now()));
  }
  return 0;
}

async function compare(config: Config, context: CliContext): Promise<ExitCode> {
  const store = letsencryptStore(config.directories.config, programVersion);
  const verification = await verify(config, {
    store,
    deployer: (settings) => composeDeployer(settings, store, context),
  });
  const good = isVerified(verification);
  const { json, quiet } = config.output;
  if (json) context.stdout.write(verificationJson(verification, config.notes));
  else if (!quiet || !good) context.stdout.write(verificationText(verification));
  return good ? 0 : 1;
}

interface Run {
  readonly args: readonly string[];
  readonly config: Config;
  readonly context: CliContext;
}

/** What a command has under the lock. */
interface LockedRun extends Run, Omit<Composition, 'close'> {
  readonly log: RunLog;
  readonly view: ProgressView;
  /** Sentences that come up on the way. */
  readonly warnings: readonly string[];
}

type Command = (run: LockedRun) => Promise<ExitCode>;

async function run(command: Command, given: Run): Promise<ExitCode> {
  const { args, config, context } = given;
  const lock = await takeLocks(config, context);
  const warnings: string[] = [];
  const log = startLog(args, config, context);
  const view = loggedProgress(await progressView(config, context), log);
  const { close, ...rooms } = compose(config, context, {
    logger: log,
    onProgress: view.show,
    warn: (sentence) => warnings.push(sentence),
    beforeQuestion: view.end,
  });
  try {
    return await command({ ...given, ...rooms, log, view, warnings });
  } catch (error) {
    logError(error, log);
    throw error;
  } finally {
    view.end();
    close();
    log.close();
    await lock.release();
  }
}

type Apart = 'adopt' | 'bootstrap' | 'spoa' | 'plugins' | 'certificates' | 'verify';

/** The commands that work under the lock. */
const commands: Readonly<Record<Exclude<Verb, Apart>, Command>> = {
  run: onLineages(order),
  certonly: onLineages(order),
  renew: onLineages(renew),
  install: onLineages(install),
  deploy: onLineages(deploy),
  reconfigure: onLineages(reconfigure),
  revoke: onLineages(revoke),
  delete: onLineages(deleteLineage),
  register: onAccount(register),
  update_account: onAccount(updateAccount),
  unregister: onAccount(unregister),
  show_account: onAccount(showAccount),
};

function onLineages(
  command: (config: Config, dependencies: Dependencies, context: CliContext) => Promise<CommandReport>,
): Command {
  return async ({ config, context, dependencies, log, view, warnings }) => {
    const done = await command(config, dependencies, context);
    const report = { ...done, warnings: [...done.warnings, ...warnings] };
    view.end();
    logReport(report, log);
    renderReport(report, config, context);
    return exitCodeOf(report.outcomes, interruptedBy(context));
  };
}

function onAccount(command: (config: Config, accounts: AccountDependencies) => Promise<AccountReport>): Command {
  return async ({ config, context, accounts, log }) => {
    const report = await command(config, accounts);
    const text = accountText(report);
    log.debug(text.trimEnd());
    if (config.output.json) context.stdout.write(accountJson(report));
    else if (!config.output.quiet) context.stdout.write(text);
    return exitCodeOf([], interruptedBy(context));
  };
}

async function order(config: Config, dependencies: Dependencies, { cwd }: CliContext): Promise<CommandReport> {
  if (config.files.csr === undefined) return await certonly(config, dependencies);
  return withoutRenewals(await orderByCsr(config, cwd, dependencies));
}

async function progressView(config: Config, { stdout, stderr, terminal }: CliContext): Promise<ProgressView> {
  if (config.output.quiet || config.output.json) return silent;
  return terminal === undefined ? plainProgress(stderr, stdout) : await liveProgress(terminal, stdout);
}
