import type { Config, Verb } from '../config/config.js';
import { ConfigError } from '../config/config-error.js';
import type { ParsedCommand } from '../config/raw-options.js';
import { resolveConfig } from '../config/resolve-config.js';
import { letsencryptStore, makeHookDirectories } from '../lineage/letsencrypt-directory.js';
import { systemClock } from '../platform/clock.js';
import { validateHooks, type HookCommands } from '../renewal/hook-validation.js';
import type { CommandReport } from '../renewal/outcome.js';
import { errorInfo } from '../renewal/renewal-error.js';
import { readCommand } from './cli-ini.js';
import { idleReport } from './commands/renew.js';
import { programVersion, type CliContext } from './context.js';
import { exitCodeOf, exitUsage, type ExitCode } from './exit-code.js';
import { helpText } from './help.js';
import { errorJson, reportJson } from './render/json.js';
import { errorText, failureText, successText } from './render/text.js';

/** What the first look came to. */
export type Prelude =
  | { readonly kind: 'done'; readonly exitCode: ExitCode }
  /** There is work for the whole program. */
  | { readonly kind: 'go-on'; readonly config: Config };

/**
 * The part of a run that needs neither a lock nor the rest of the program: the command line taken apart, help, and a
 * renewal that finds nothing due. bin.ts runs it alone first, and loads run-cli only where there is more to do.
 */
export async function runPrelude(args: readonly string[], context: CliContext): Promise<Prelude> {
  let json = args.includes('--json');
  try {
    const command = readCommand(args, context);
    const answer = answerFor(command);
    if (answer !== undefined) {
      context.stdout.write(answer);
      return { kind: 'done', exitCode: 0 };
    }
    json = command.options.json === true;
    const config = resolveConfig(command, context);
    if (config.hooks.validate) await validateHooks(hookCommands(config), context.env['PATH'] ?? '');
    if (!apart.includes(config.verb)) await makeHookDirectories(config.directories.config);
    const report = config.verb === 'renew' ? await idleRenewal(config) : undefined;
    if (report === undefined) return { kind: 'go-on', config };
    writeNotes(config, context);
    renderReport(report, config, context);
    return { kind: 'done', exitCode: exitCodeOf(report.outcomes, interruptedBy(context)) };
  } catch (error) {
    return { kind: 'done', exitCode: reportError(error, json, context) };
  }
}

/** What has nothing to do with lineages needs no directories for them, and no right to make them. */
const apart: readonly Verb[] = ['plugins', 'bootstrap', 'spoa'];

function hookCommands({ hooks, challenge }: Config): HookCommands {
  return {
    '--pre-hook': hooks.pre,
    '--post-hook': hooks.post,
    '--deploy-hook': hooks.deploy,
    '--renew-hook': hooks.renew,
    '--manual-auth-hook': challenge.authHook,
    '--manual-cleanup-hook': challenge.cleanupHook,
  };
}

async function idleRenewal(config: Config): Promise<CommandReport | undefined> {
  return await idleReport(config, letsencryptStore(config.directories.config, programVersion), systemClock);
}

function answerFor({ options, verb, topic }: ParsedCommand): string | undefined {
  if (options.version === true) return `haproxy-acme ${programVersion}\n`;
  return verb === 'help' ? helpText(topic) : undefined;
}

/** What is to be known of flags that are ignored, once a run; `warnings` of a JSON document has it too. */
export function writeNotes({ notes, output }: Config, { stderr }: CliContext): void {
  if (!output.quiet && !output.json) stderr.write(notes.map((note) => `${note}\n`).join(''));
}

export function renderReport(report: CommandReport, config: Config, { stdout, stderr }: CliContext): void {
  if (config.output.json) {
    stdout.write(reportJson({ ...report, warnings: [...config.notes, ...report.warnings] }));
    return;
  }
  if (!config.output.quiet) {
    const none = report.outcomes.length === 0 && config.verb !== 'install';
    stdout.write(none ? 'There is no certificate yet.\n' : successText(report));
  }
  if (!config.output.quiet) stderr.write(report.warnings.map((warning) => `${warning}\n`).join(''));
  stderr.write(failureText(report.outcomes));
}

export function reportError(error: unknown, json: boolean, context: CliContext): ExitCode {
  const info = errorInfo(error);
  if (json) context.stdout.write(errorJson(info));
  else context.stderr.write(errorText(info));
  if (error instanceof ConfigError) return exitUsage;
  return exitCodeOf([], interruptedBy(context)) || 1;
}

export function interruptedBy({ signal }: CliContext): number | undefined {
  return signal.aborted && typeof signal.reason === 'number' ? signal.reason : undefined;
}
