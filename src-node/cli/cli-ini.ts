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
  for (const key of ownKeys.get(command.verb ?? '') ?? []) taken.add(key);
  let settings: readonly Setting[] = [];
  for (const file of [...filesOf(command, surroundings), { path: join(system, 'cli.ini'), optional: true }]) {
    const added = settingsOf(file).filter(({ key }) => key === undefined || !taken.has(key));
    settings = [...added.filter((setting) => !isForOrders(setting, command)), ...settings];
    for (const { key } of added) if (key !== undefined) taken.add(key);
  }
  return settings.length === 0 ? command : parseWith(settings, args);
}

function parseWith(settings: readonly Setting[], args: readonly string[]): ParsedCommand {
  try {
    return parseCommand([...settings.flatMap((setting) => setting.args), ...args]);
  } catch (error) {
    // The command line by itself was well: one of the settings is not.
    for (const setting of settings) refuseAlone(setting);
    throw error;
  }
}

const nameKeys: readonly (keyof RawOptions)[] = ['domains', 'ipAddresses'];

/**
 * What a command takes from its own words only. Names in a cli.ini are for those who order, not for commands about
 * lineages that exist; how new orders are answered is no wish to have an adopted lineage answered so.
 */
const ownKeys: ReadonlyMap<string, readonly (keyof RawOptions)[]> = new Map([
  ['renew', nameKeys],
  ['reconfigure', nameKeys],
  [
    'adopt',
    ['authenticator', 'webroot', 'standalone', 'manual', 'webrootPath', 'webrootMap', 'http01Port', 'yes', 'undo'],
  ],
]);

/** `key-type = both` is for orders: each of the two is renewed as it is, and a request has the key that it has. */
function isForOrders({ key, args }: Setting, { verb = '', options }: ParsedCommand): boolean {
  const isBoth = key === 'keyType' && /=both$/i.test(args[0] ?? '');
  return isBoth && (['renew', 'reconfigure'].includes(verb) || options.csr !== undefined);
}

interface File {
  readonly path: string;
  /** Whether it may be missing. */
  readonly optional: boolean;
}

/** A user that a service manager or a container has made up is in no list of users: it has none. */
function homeOfUser(): string {
  try {
    return homedir();
  } catch {
    return '/';
  }
}

/** That of -c and the user's, the strongest first. */
function filesOf({ options }: ParsedCommand, { env, cwd }: Surroundings): readonly File[] {
  const home = env['HOME'] === undefined || env['HOME'] === '' ? homeOfUser() : env['HOME'];
  const settings = env['XDG_CONFIG_HOME'];
  const directory = settings === undefined || settings === '' ? join(home, '.config') : resolve(cwd, settings);
  const given = options.configFile?.replace(/^~(?=\/)/, home);
  return [
    ...(given === undefined ? [] : [{ path: resolve(cwd, given), optional: false }]),
    { path: join(directory, 'letsencrypt/cli.ini'), optional: true },
  ];
}

interface Setting {
  readonly file: File;
  readonly line: number;
  /** What it sets, if anything. */
  readonly key: string | undefined;
  readonly args: readonly string[];
}

function settingsOf(file: File): readonly Setting[] {
  const text = read(file);
  if (text === undefined) return [];
  const { entries, unreadable } = readIni(text);
  if (unreadable !== undefined) throw wrong(file, unreadable, "it is not of the form 'key = value'.");
  return entries.map((entry) => located(file, entry.line, () => settingOf(file, entry)));
}

function refuseAlone({ file, line, args }: Setting): void {
  located(file, line, () => parseCommand(args));
}

/** Any refusal as that of a line of a file. */
function located<Result>(file: File, line: number, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw error instanceof ConfigError ? wrong(file, line, error.message) : error;
  }
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

function settingOf(file: File, { key: written, value, line }: IniEntry): Setting {
  const flag = `--${written.replace(/^-+/, '')}`;
  const target = flagNamed(flag);
  if (target === undefined) {
    // The parser knows what is wrong with it, or what it is short for.
    const args = [`${flag}=${typeof value === 'string' ? value : 'true'}`];
    return { file, line, key: Object.keys(parseCommand(args).options)[0], args };
  }
  const key = target.kind === 'own' ? target.key : undefined;
  if (key !== undefined && notOfFiles.includes(key)) throw unfit(`${flag} goes on the command line only.`);
  const args = flagsOf(flag, target, value);
  return { file, line, key: args.length === 0 ? undefined : key, args };
}

function flagsOf(flag: string, target: FlagTarget, value: IniEntry['value']): readonly string[] {
  if (target.value === undefined) return switched(flag, target, value);
  if (value === undefined) throw unfit(`${flag} lacks its value: ${flag.slice(2)} = ${target.value}.`);
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
