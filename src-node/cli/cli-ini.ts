import { lstatSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { ConfigError } from '../config/config-error.js';
import { defaultDirectories } from '../config/config.js';
import type { ParsedCommand, RawOptions } from '../config/raw-options.js';
import type { Surroundings } from '../config/resolve-config.js';
import { systemReason } from '../platform/coded-error.js';
import { readIni, type IniEntry } from './ini-dialect.js';
import { flagNamed, type FlagTarget } from './options/flag-index.js';
import { parseCommand } from './parse-command.js';

/**
 * A command line with what the cli.ini files add to it: their settings are flags in front of its own, read by the same
 * table. As in certbot, the file of -c counts more than the user's, and that more than the system's; all are read.
 * @param system the directory of the system's file.
 * @throws ConfigError `usage` for the command line, `config-file` for a file, which it names with the line.
 */
export function readCommand(
  args: readonly string[],
  surroundings: Surroundings,
  system: string = defaultDirectories.config,
): ParsedCommand {
  const command = parseCommand(args);
  if (command.verb === 'help' || command.options.version === true) return command;
  const taken = new Set<string>(Object.keys(command.options));
  if (isWithoutNames(command)) for (const key of nameKeys) taken.add(key);
  const front: string[] = [];
  for (const file of [...filesOf(command, surroundings), { path: join(system, 'cli.ini'), optional: true }]) {
    const added = settingsOf(file).filter(({ keys }) => !keys.some((key) => taken.has(key)));
    front.unshift(...added.flatMap((setting) => setting.args));
    for (const key of added.flatMap(({ keys }) => keys)) taken.add(key);
  }
  return front.length === 0 ? command : parseCommand([...front, ...args]);
}

const nameKeys: readonly (keyof RawOptions)[] = ['domains', 'ipAddresses'];

/** Names in a cli.ini are for those who order; commands about lineages that exist do not take them. */
function isWithoutNames({ verb }: ParsedCommand): boolean {
  return verb === 'renew' || verb === 'reconfigure';
}

interface File {
  readonly path: string;
  /** Whether it may be missing. */
  readonly optional: boolean;
}

/** That of -c and the user's, the strongest first. */
function filesOf({ options }: ParsedCommand, { env, cwd }: Surroundings): readonly File[] {
  const home = env['HOME'] === undefined || env['HOME'] === '' ? homedir() : env['HOME'];
  const settings = env['XDG_CONFIG_HOME'];
  const directory = settings === undefined || settings === '' ? join(home, '.config') : resolve(cwd, settings);
  const given = options.configFile?.replace(/^~(?=\/)/, home);
  return [
    ...(given === undefined ? [] : [{ path: resolve(cwd, given), optional: false }]),
    { path: join(directory, 'letsencrypt/cli.ini'), optional: true },
  ];
}

interface Setting {
  readonly keys: readonly string[];
  readonly args: readonly string[];
}

function settingsOf(file: File): readonly Setting[] {
  const text = read(file);
  if (text === undefined) return [];
  const { entries, unreadable } = readIni(text);
  if (unreadable !== undefined) throw wrong(file, unreadable, "it is not of the form 'key = value'.");
  return entries.map((entry) => {
    try {
      const args = flagsOf(entry);
      return { keys: Object.keys(parseCommand(args).options), args };
    } catch (error) {
      throw error instanceof ConfigError ? wrong(file, entry.line, error.message) : error;
    }
  });
}

function wrong({ path }: File, line: number, sentence: string): ConfigError {
  return new ConfigError('config-file', `${path}, line ${line}: ${sentence}`);
}

function read({ path, optional }: File): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (optional && isMissing(path)) return undefined;
    throw new ConfigError('config-file', `The file ${path} cannot be read: ${systemReason(error)}.`);
  }
}

/** True also where its directory may not be looked into. */
function isMissing(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return true;
  }
}

/** What a file may not do: it has settings for a command, and is none. */
const notOfFiles: readonly string[] = ['help', 'version', 'configFile'];

function flagsOf({ key, value }: IniEntry): readonly string[] {
  const flag = `--${key.replace(/^-+/, '')}`;
  const target = flagNamed(flag);
  // The parser knows what is wrong with it, or what it is short for.
  if (target === undefined) return [`${flag}=${typeof value === 'string' ? value : 'true'}`];
  if (target.kind === 'own' && notOfFiles.includes(target.key)) throw unfit(`${flag} goes on the command line only.`);
  if (target.value === undefined) return switched(flag, target, value);
  if (value === undefined) throw unfit(`${flag} lacks its value: ${key} = ${target.value}.`);
  if (typeof value === 'string') return [`${flag}=${value}`];
  if (target.kind === 'own' && target.spec.kind === 'list') return value.map((item) => `${flag}=${item}`);
  throw unfit(`${flag} takes one value, not a list in brackets.`);
}

/** As certbot: false is as if it were not said, but for what is on by itself. */
function switched(flag: string, target: FlagTarget, value: IniEntry['value']): readonly string[] {
  const word = typeof value === 'string' ? value.toLowerCase() : value === undefined ? 'true' : '';
  const spec = target.kind === 'own' ? target.spec : undefined;
  if (spec?.kind === 'count' && /^\d$/.test(word)) return Array.from({ length: Number(word) }, () => flag);
  if (['true', 'yes', '1'].includes(word)) return [flag];
  if (!['false', 'no', '0'].includes(word)) throw unfit(`${flag} is true or false.`);
  const off = spec?.initially === true && spec.flags.includes(flag) ? spec.off[0] : undefined;
  return off === undefined ? [] : [off];
}

function unfit(sentence: string): ConfigError {
  return new ConfigError('config-file', sentence);
}
