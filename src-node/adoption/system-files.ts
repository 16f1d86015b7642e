import { access, constants, lstat, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { join, posix, relative } from 'node:path';
import { systemCode, systemReason } from '../platform/coded-error.js';
import { deedsOf, type Scripts } from './shell-deeds.js';

/** The system's files as a survey reads them. What is missing is undefined; what is closed is remembered. */
export interface SystemFiles {
  /** A path as the system knows it, such as `/etc/crontab`, as one to open. */
  readonly at: (path: string) => string;
  /** Text of a file of the system. */
  readonly read: (path: string) => Promise<string | undefined>;
  /** Text of a file that is named as it is to be opened. */
  readonly readGiven: (file: string) => Promise<string | undefined>;
  /** Names in a directory that is named as it is to be opened, in their order. */
  readonly list: (directory: string) => Promise<readonly string[]>;
  /** The shell scripts that a text calls, and those that they call. */
  readonly scripts: (text: string, searchPath?: string) => Promise<Scripts>;
  readonly unread: () => readonly string[];
}

const usualPath = '/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin:/snap/bin';
const largest = 256 * 1024;
/** Scripts that call scripts. */
const rounds = 4;

export function systemFiles(root: string): SystemFiles {
  const unread = new Set<string>();
  const at = (path: string): string => {
    const inside = relative(root, path);
    return root !== '/' && !inside.startsWith('..') ? path : join(root, path);
  };
  const note = (path: string, error: unknown): void => {
    if (!['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) unread.add(`${path}: ${systemReason(error)}`);
  };
  const readGiven = async (file: string): Promise<string | undefined> => {
    try {
      return await readFile(file, 'utf8');
    } catch (error) {
      note(file, error);
      return undefined;
    }
  };
  const list = async (directory: string): Promise<readonly string[]> => {
    try {
      return (await readdir(directory)).sort();
    } catch (error) {
      note(directory, error);
      return [];
    }
  };
  return {
    at,
    read: async (path) => await readGiven(at(path)),
    readGiven,
    list,
    scripts: async (text, searchPath = usualPath) => await calledScripts(text, searchPath, at),
    unread: () => [...unread],
  };
}

async function calledScripts(text: string, searchPath: string, at: SystemFiles['at']): Promise<Scripts> {
  const found = new Map<string, string>();
  for (let round = 0; round < rounds; round += 1) {
    const before = found.size;
    for (const word of deedsOf(text, found).others) {
      const script = found.has(word) ? undefined : await findScript(word, searchPath, at);
      if (script !== undefined) found.set(word, script);
    }
    if (found.size === before) break;
  }
  return found;
}

async function findScript(word: string, searchPath: string, at: SystemFiles['at']): Promise<string | undefined> {
  if (/[\s*]/.test(word)) return undefined;
  const candidates = word.includes('/') ? [word] : searchPath.split(':').map((path) => posix.join(path, word));
  for (const candidate of candidates.filter((path) => path.startsWith('/'))) {
    const script = await shellScript(at(candidate));
    if (script !== undefined) return script;
  }
  return undefined;
}

/** Undefined for a program, and for a script of another language. */
async function shellScript(file: string): Promise<string | undefined> {
  try {
    const { size } = await stat(file);
    if (size > largest) return undefined;
    const text = await readFile(file, 'utf8');
    const interpreter = /^#![^\n]*/.exec(text)?.[0];
    if (interpreter === undefined) return text.includes('\0') ? undefined : text;
    return /[/ ](?:ba|da|k)?sh(?:\s|$)/.test(interpreter) ? text : undefined;
  } catch {
    return undefined;
  }
}

export async function isProgram(file: string): Promise<boolean> {
  return await Promise.all([stat(file), access(file, constants.X_OK)]).then(
    ([found]) => found.isFile(),
    () => false,
  );
}

/** Where a symbolic link points to, as it is written; undefined where it is none. */
export async function linkTarget(path: string): Promise<string | undefined> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isSymbolicLink() === true ? await readlink(path) : undefined;
}

export async function samePlace(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all([one, other].map(async (path) => await realpath(path).catch(() => path)));
  return first === second;
}
