import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { extendedPath } from '../platform/run-shell.js';
import { isExecutable } from './executable.js';
import { RenewalError } from './renewal-error.js';

/** A command of the command line by its flag, such as `--pre-hook`. */
export type HookCommands = Readonly<Record<string, string | undefined>>;

/**
 * Sees before anything is done that the program of each command exists, as certbot does, so that a mistake shows now and
 * not at a renewal months later. Where certbot insists on a program's name, shell syntax is let pass here.
 * @param path PATH.
 * @throws RenewalError `hook-not-found`.
 */
export async function validateHooks(commands: HookCommands, path: string): Promise<void> {
  for (const [flag, command] of Object.entries(commands)) {
    const program = command === undefined ? undefined : programOf(command);
    if (program === undefined || (await isFound(program, path))) continue;
    const reason = program.includes('/') ? await defect(program) : `is in no directory of PATH (${path})`;
    throw new RenewalError('hook-not-found', `The command of ${flag} cannot be run: '${program}' ${reason}.`);
  }
}

async function defect(path: string): Promise<string> {
  return await stat(path).then(
    (found) => (found.isFile() ? 'is not executable' : 'is not a file'),
    () => 'does not exist',
  );
}

/** `NAME=value` before a command, its value quoted in whatever way, and the blanks after it. */
const assignment = /^[A-Za-z_]\w*=(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\;&|<>()])*\s+/s;
/** A word up to where the shell would end it; quotes, expansions and the like are not in it. */
const plainWord = /^[^\s;&|<>()'"\\$`*?[\]{}~#!]+(?=$|[\s;&|<>])/;
const quotedWord = /^(?:'([^']+)'|"([^"\\$`]+)")(?=$|[\s;&|<>])/;

/** The program that a command starts with. Undefined where only the shell can tell. */
function programOf(command: string): string | undefined {
  let rest = command.trim();
  for (let match = assignment.exec(rest); match !== null; match = assignment.exec(rest)) {
    rest = rest.slice(match[0].length);
  }
  const quoted = quotedWord.exec(rest);
  const word = quoted === null ? plainWord.exec(rest)?.[0] : (quoted[1] ?? quoted[2]);
  if (word === undefined || shellWords.has(word) || /^[A-Za-z_]\w*=/.test(word)) return undefined;
  return word;
}

/** Reserved words and built-in utilities of a POSIX shell (XCU 2.4, 2.14 and 2.9.1), which are no files. */
const shellWords: ReadonlySet<string> = new Set(
  [
    '! . : alias bg break case cd command continue do done elif else esac eval exec exit export false fc fg fi for getopts',
    'hash if in jobs kill local newgrp pwd read readonly return set shift test then times trap true type ulimit umask',
    'unalias unset until wait while',
  ].flatMap((line) => line.split(' ')),
);

async function isFound(program: string, path: string): Promise<boolean> {
  if (program.includes('/')) return await isExecutable(program);
  for (const directory of extendedPath(path).split(':')) {
    if (await isExecutable(join(directory, program))) return true;
  }
  return false;
}
