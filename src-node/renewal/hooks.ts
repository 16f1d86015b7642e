import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode, systemReason } from '../platform/coded-error.js';
import type { Logger } from '../platform/logger.js';
import { redaction } from '../platform/redaction.js';
import type { ManualHook } from '../challenge/manual-hooks.js';
import type { ShellResult } from '../platform/run-shell.js';
import { isExecutable } from './executable.js';

export type HookKind = 'pre-hook' | 'deploy-hook' | 'post-hook';

/** What a hook said, once it has ended. */
export interface HookOutput {
  readonly hook: HookKind | ManualHook;
  readonly stdout: string;
  readonly stderr: string;
}

/** The places of hooks for every lineage; each executable in them is one. */
export interface HookDirectories {
  readonly pre: string;
  readonly deploy: string;
  readonly post: string;
}

export interface HookSetup {
  /** Runs a shell command with `env` added to the environment, to its end or until `signal` aborts. */
  readonly run: (command: string, env: HookEnvironment, signal?: AbortSignal) => Promise<ShellResult>;
  /** Undefined where only the hooks of the lineages are to run. */
  readonly directory: HookDirectories | undefined;
  /** True in a dry run, which has nothing to deploy. */
  readonly skipDeploy: boolean;
  readonly signal: AbortSignal;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly onOutput: (output: HookOutput) => void;
}

export type HookEnvironment = Readonly<Record<string, string>>;

/** What a deploy hook is told of a version. */
export interface HookVersion {
  readonly domains: readonly string[];
  /** live/NAME. */
  readonly lineageDirectory: string;
}

export interface HookResult {
  /** Names of the certificates that were issued. */
  readonly renewed: readonly string[];
  /** Names of those that were to be. */
  readonly failed: readonly string[];
}

/** The hooks of one run. None of them throws: one that fails is a warning, as in certbot. */
export interface Hooks {
  /** Before a lineage's order. The same command is run once, however many lineages have it. */
  readonly pre: (command: string | undefined) => Promise<void>;
  /** After a version is stored. */
  readonly deploy: (command: string | undefined, version: HookVersion) => Promise<void>;
  /** Has a command run at the end, once. */
  readonly post: (command: string | undefined) => void;
  /** After the last order, whatever came of it: the post hooks, where there was anything before. */
  readonly finish: (result: HookResult) => Promise<void>;
  /** What went wrong so far, a sentence each. */
  readonly warnings: readonly string[];
}

/** A hook by the name it is told apart and spoken of, and as the shell takes it. */
interface Hook {
  readonly name: string;
  readonly command: string;
}

export function createHooks(setup: HookSetup): Hooks {
  const { directory, signal, logger } = setup;
  const warnings: string[] = [];
  const warn = (sentence: string): void => {
    warnings.push(sentence);
    logger.warn(sentence);
  };
  const runHook = hookRunner(setup, warn);
  const inDirectory = async (kind: keyof HookDirectories): Promise<readonly Hook[]> =>
    directory === undefined ? [] : await listHooks(directory[kind], warn);
  const began = new Set<string>();
  const remembered: string[] = [];
  let isBegun = false;
  return {
    warnings,
    pre: async (command) => {
      isBegun = true;
      for (const hook of distinct([...(await inDirectory('pre')), ...fromCommand(command)])) {
        if (began.has(hook.name)) continue;
        began.add(hook.name);
        await runHook('pre-hook', hook, {}, signal);
      }
    },
    deploy: async (command, { domains, lineageDirectory }) => {
      const env = { RENEWED_DOMAINS: domains.join(' '), RENEWED_LINEAGE: lineageDirectory };
      for (const hook of distinct([...(await inDirectory('deploy')), ...fromCommand(command)])) {
        if (setup.skipDeploy) logger.info(`The deploy-hook '${shortened(hook.name)}' is left out of a dry run.`);
        else await runHook('deploy-hook', hook, env);
      }
    },
    post: (command) => {
      if (command !== undefined) remembered.push(command);
    },
    finish: async ({ renewed, failed }) => {
      if (!isBegun) return;
      const env = {
        RENEWED_DOMAINS: limited('RENEWED_DOMAINS', renewed, warn),
        FAILED_DOMAINS: limited('FAILED_DOMAINS', failed, warn),
      };
      for (const hook of distinct([...(await inDirectory('post')), ...remembered.flatMap(fromCommand)])) {
        await runHook('post-hook', hook, env);
      }
    },
  };
}

type RunHook = (kind: HookKind, hook: Hook, env: HookEnvironment, signal?: AbortSignal) => Promise<void>;

function hookRunner({ run, logger, onOutput }: HookSetup, warn: (sentence: string) => void): RunHook {
  return async (kind, { name, command }, env, signal) => {
    const hook = `${kind} '${shortened(name)}'`;
    logger.info(`The ${hook} runs.`);
    try {
      const { code, signal: endedBy, ...output } = await run(command, env, signal);
      for (const [stream, text] of Object.entries(output)) {
        if (text.trim() !== '') logger.info(`${stream} of the ${hook}:\n${text.trimEnd()}`);
      }
      if (code === 0) {
        onOutput({ hook: kind, ...output });
        return;
      }
      // What it said is a part of the warning.
      onOutput({ hook: kind, stdout: output.stdout, stderr: '' });
      const end = code === null ? `was ended by ${endedBy ?? 'a signal'}` : `failed with exit code ${code}`;
      warn(`The ${hook} ${end}${complaint(output.stderr)}`);
    } catch (error) {
      if (signal?.aborted === true) warn(`The ${hook} was ended with the run.`);
      else warn(`The ${hook} could not be run: ${systemReason(error)}.`);
    }
  };
}

function shortened(command: string): string {
  return command.length <= 200 ? command : `${command.slice(0, 200)}...`;
}

/** Lines of a failed hook's stderr that are shown: the last say why. */
const complaintLines = 20;

function complaint(stderr: string): string {
  const text = stderr.trim();
  if (text === '') return '.';
  const lines = redaction().filter()(text).split('\n').slice(-complaintLines);
  return `:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

function fromCommand(command: string | undefined): readonly Hook[] {
  return command === undefined || command.trim() === '' ? [] : [{ name: command, command }];
}

function distinct(hooks: readonly Hook[]): readonly Hook[] {
  return [...new Map(hooks.map((hook) => [hook.name, hook])).values()];
}

/** The executables of a directory by name, without the copies that editors leave behind. */
async function listHooks(directory: string, warn: (sentence: string) => void): Promise<readonly Hook[]> {
  try {
    const paths = (await readdir(directory)).sort().map((name) => join(directory, name));
    const executable = await Promise.all(paths.map(isExecutable));
    return paths
      .filter((path, index) => executable[index] === true && !path.endsWith('~'))
      .map((path) => ({ name: path, command: quoted(path) }));
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') {
      warn(`The hooks in ${directory} cannot be looked for: ${systemReason(error)}.`);
    }
    return [];
  }
}

function quoted(path: string): string {
  return /^[\w/.@%+=:,-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** certbot's limit: together the two stay far below what a system lets a program be started with. */
const listLimit = 16_000;

function limited(variable: string, names: readonly string[], warn: (sentence: string) => void): string {
  let length = -1;
  const fitting = names.filter((name) => (length += name.length + 1) <= listLimit);
  if (fitting.length < names.length) {
    warn(`${variable} of the post hooks has ${fitting.length} of ${names.length} names: more do not fit.`);
  }
  return fitting.join(' ');
}
