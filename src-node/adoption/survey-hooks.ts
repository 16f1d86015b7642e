import { join } from 'node:path';
import type { Lineage } from '../lineage/lineage.js';
import { confValue, renewalParams } from '../lineage/renewal-conf.js';
import { classifyHook, type HookClass } from './classify-hook.js';
import { isProgram, type SystemFiles } from './system-files.js';

export type HookOccasion = 'pre' | 'deploy' | 'post';

/** Where a hook is written. */
export type HookPlace =
  /** A key of a lineage's renewal configuration. */
  | { readonly kind: 'conf'; readonly file: string; readonly certName: string; readonly key: string }
  /** A line of certbot's cli.ini, from 0. */
  | { readonly kind: 'ini'; readonly file: string; readonly line: number }
  /** An executable below renewal-hooks/. */
  | { readonly kind: 'script'; readonly file: string };

export interface FoundHook {
  readonly occasion: HookOccasion;
  readonly place: HookPlace;
  readonly class: HookClass;
}

/** The hooks of lineages, of cli.ini and of renewal-hooks/. */
export async function surveyHooks(
  files: SystemFiles,
  configDir: string,
  lineages: readonly Lineage[],
): Promise<readonly FoundHook[]> {
  const found: FoundHook[] = [];
  const add = async (occasion: HookOccasion, place: HookPlace, text: string): Promise<void> => {
    found.push({ occasion, place, class: classifyHook(text, await files.scripts(text)) });
  };
  for (const { certName, conf, confFile: file } of lineages) {
    for (const [key, occasion] of Object.entries(confHooks)) {
      const text = confValue(conf, renewalParams, key);
      if (text !== undefined && text !== '' && text !== 'None') {
        await add(occasion, { kind: 'conf', file, certName, key }, text);
      }
    }
  }
  for (const file of iniFiles(files, configDir)) {
    for (const { key, value, line } of iniEntries((await files.readGiven(file)) ?? '')) {
      const occasion = iniHooks[key];
      if (occasion !== undefined && value !== '') await add(occasion, { kind: 'ini', file, line }, value);
    }
  }
  for (const occasion of ['pre', 'deploy', 'post'] as const) {
    const directory = join(configDir, 'renewal-hooks', occasion);
    for (const name of await files.list(directory)) {
      const file = join(directory, name);
      // certbot passes over what an editor has left.
      if (name.endsWith('~') || !(await isProgram(file))) continue;
      await add(occasion, { kind: 'script', file }, shellQuoted(file));
    }
  }
  return found;
}

const confHooks: Readonly<Record<string, HookOccasion>> = {
  pre_hook: 'pre',
  post_hook: 'post',
  renew_hook: 'deploy',
  deploy_hook: 'deploy',
};

/** Keys of cli.ini; those of certbot's command line too. */
const iniHooks: Readonly<Record<string, HookOccasion>> = {
  'pre-hook': 'pre',
  'post-hook': 'post',
  'renew-hook': 'deploy',
  'deploy-hook': 'deploy',
};

/** The texts of the hooks in a file that certbot is given by `-c`. */
export function hooksOfIni(text: string): readonly string[] {
  return iniEntries(text)
    .filter(({ key, value }) => key in iniHooks && value !== '')
    .map(({ value }) => value);
}

interface IniEntry {
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

/** `key = value`, `key: value`; a key's words may be joined by underscores as well. */
export function iniEntries(text: string): readonly IniEntry[] {
  return text.split('\n').flatMap((source, line) => {
    const match = /^\s*(?:--)?([A-Za-z][\w-]*)\s*[=:]\s*(.*?)\s*$/.exec(source);
    if (match === null) return [];
    const value = (match[2] ?? '').replace(/^(["'])(.*)\1$/s, '$2');
    return [{ key: (match[1] ?? '').replaceAll('_', '-'), value, line }];
  });
}

/** What certbot's own configuration files say, the later one last. */
export async function iniValues(files: SystemFiles, configDir: string): Promise<ReadonlyMap<string, string>> {
  const texts = await Promise.all(iniFiles(files, configDir).map(async (file) => (await files.readGiven(file)) ?? ''));
  return new Map(texts.flatMap(iniEntries).map(({ key, value }) => [key, value]));
}

function iniFiles(files: SystemFiles, configDir: string): readonly string[] {
  return [...new Set([join(configDir, 'cli.ini'), files.at('/root/.config/letsencrypt/cli.ini')])];
}

function shellQuoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}
