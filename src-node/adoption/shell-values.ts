import { posix } from 'node:path';
import { haproxyPid, unknown } from './command-roles.js';
import { parseShell, type ShellWord, type WordPart } from './shell-syntax.js';

export type Variables = ReadonlyMap<string, string>;

/** Words after expansion; what is not known before the text runs is `*`. */
export function evaluateAll(words: readonly ShellWord[], variables: Variables): readonly string[] {
  return words.flatMap((word) => evaluateWord(word, variables));
}

/** A word is several where it is a variable outside quotes that holds white space (field splitting). */
export function evaluateWord(word: ShellWord, variables: Variables): readonly string[] {
  const text = word.map((part) => evaluatePart(part, variables)).join('');
  const [part] = word;
  const splits = word.length === 1 && part?.kind === 'variable' && !part.quoted;
  return splits ? text.split(/\s+/).filter((field) => field !== '') : [text];
}

function evaluatePart(part: WordPart, variables: Variables): string {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'variable':
      return expand(variables.get(part.name) ?? unknown, part.operation);
    case 'substitution':
      return substitute(part.text, variables);
    case 'arithmetic':
      return unknown;
  }
}

function expand(value: string, operation: string): string {
  if (operation === '') return value;
  // The idiom for the last part of a path.
  if (operation === '##*/') return posix.basename(value);
  if (operation === '%/') return value.replace(/\/$/, '');
  if (operation === '%/*') return posix.dirname(value);
  return unknown;
}

/** The output of the few commands whose output is known. */
function substitute(text: string, variables: Variables): string {
  const commands = parseShell(text) ?? [];
  const [only] = commands;
  if (only === undefined || commands.length > 1) return unknown;
  const [program = '', ...args] = evaluateAll(only.words, variables);
  const [operand = ''] = args.filter((arg) => !arg.startsWith('-'));
  const input = only.redirects[0] === undefined ? '' : evaluateWord(only.redirects[0].target, variables).join('');
  if (program === 'basename' && args.length === 1) return posix.basename(operand);
  if (program === 'dirname' && args.length === 1) return posix.dirname(operand);
  if (program === 'pidof' || program === 'pgrep') return args.at(-1) === 'haproxy' ? haproxyPid : unknown;
  const file = program === 'cat' && args.length === 1 ? operand : program === '' ? input : '';
  return /haproxy[^/]*\.pid$/.test(file) ? haproxyPid : unknown;
}
