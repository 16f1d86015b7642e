import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { runCommand } from '../platform/run-command.js';
import { systemCode, systemReason } from '../platform/coded-error.js';
import { DeployError } from './deploy-error.js';
import type { StartContext } from './process.js';

/** Milliseconds; ten thousand certificates take HAProxy about six seconds to read. */
const checkTimeout = 120_000;

/** What HAProxy says of its configuration. */
export type ConfigCheck =
  { readonly valid: true } | { readonly valid: false; readonly alerts: readonly string[]; readonly lacksLua: boolean };

/** The `-f` options for configuration files in their order. */
export function configArgs(cfg: readonly string[]): readonly string[] {
  return cfg.flatMap((file) => ['-f', file]);
}

/** Runs `haproxy -c`. @throws DeployError `haproxy-not-found`, or `haproxy-check-failed` where it came to no answer. */
export async function checkConfig(bin: string, cfg: readonly string[], context: StartContext): Promise<ConfigCheck> {
  const result = await runCommand(bin, ['-c', ...context.options, ...configArgs(cfg)], {
    ...context,
    timeout: checkTimeout,
  }).catch((error: unknown) => {
    throw notFound(bin, error);
  });
  if (result.code === 0) return { valid: true };
  if (result.code === null) {
    const how = result.timedOut
      ? `did not end within ${checkTimeout / 1000} s`
      : `was ended by ${result.signal ?? 'a signal'}`;
    throw new DeployError('haproxy-check-failed', `The check of the configuration by ${bin} -c ${how}.`);
  }
  return { valid: false, alerts: alertLines(result.output), lacksLua: lacksLua(result.output) };
}

/** HAProxy's complaints, freed of the time and pid before them; at most five. */
export function alertLines(output: string): readonly string[] {
  // With 'zero-warning' it is the warnings that HAProxy stops at.
  const kinds = output.includes("'zero-warning' is set") ? /^\[(?:ALERT|WARNING)\]/ : /^\[ALERT\]/;
  const lines = output.split('\n').filter((line) => kinds.test(line));
  const said = lines.map((line) => line.replace(/^\[[A-Z]+\]\s*[\d/]*\s*\(\d+\)\s*:\s*/, '').trim());
  const words = said.filter((line) => !/^(?:config : )?(?:Error\(s\) found|Fatal errors found)/.test(line));
  const chosen = words.length > 0 ? words : output.split('\n').filter((line) => line.trim() !== '');
  return chosen.slice(0, 5).map((line) => line.slice(0, 400));
}

/** A HAProxy built without Lua does not know lua-load, nor a service that Lua would register. */
export function lacksLua(output: string): boolean {
  return /unknown keyword 'lua-(?:load|load-per-thread|prepend-path)'/.test(output);
}

/** The program to run: as given, or the first `haproxy` in PATH and the usual places. */
export async function findHaproxy(given: string | undefined, path: string): Promise<string> {
  if (given !== undefined && isAbsolute(given)) {
    await access(given, constants.X_OK).catch((error: unknown) => {
      throw notFound(given, error);
    });
    return given;
  }
  const name = given ?? 'haproxy';
  // cron's PATH lacks the directory that HAProxy is in.
  for (const directory of [...path.split(delimiter), '/usr/local/sbin', '/usr/sbin', '/usr/local/bin', '/sbin']) {
    const candidate = join(directory, name);
    if (directory !== '' && (await isExecutable(candidate))) return candidate;
  }
  throw new DeployError('haproxy-not-found', `There is no program ${name} in ${path} or /usr/sbin.`);
}

export async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function notFound(bin: string, error: unknown): DeployError {
  const code = systemCode(error);
  const reason = code === 'ENOENT' ? 'it does not exist' : systemReason(error);
  return new DeployError('haproxy-not-found', `Cannot run HAProxy as ${bin}: ${reason}.`, { cause: error });
}
