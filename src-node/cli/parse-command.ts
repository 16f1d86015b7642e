import { parseArgs, type ParseArgsConfig } from 'node:util';
import { usage, type ConfigError } from '../config/config-error.js';
import { orderedKeys, type Occurrence, type ParsedCommand, type RawOptions } from '../config/raw-options.js';
import { flagNamed, flagsStartingWith, shortFlags, type FlagTarget, type OwnFlag } from './options/flag-index.js';
import { foreignVerbs, type ForeignOption } from './options/foreign-options.js';

type Declarations = NonNullable<ParseArgsConfig['options']>;

/**
 * Takes a command line apart by the option table, as certbot does: the command may stand anywhere, every flag goes with
 * every command, the last value wins, and a long flag may be cut short while it is unambiguous.
 * @throws ConfigError `usage`.
 */
export function parseCommand(args: readonly string[]): ParsedCommand {
  const { declarations, targets } = declare(args);
  const { tokens } = parseArgs({
    args: [...args],
    options: declarations,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const options: Partial<Record<keyof RawOptions, unknown>> = {};
  const [order, words]: [Occurrence[], string[]] = [[], []];
  const notes = new Set<string>();
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const target = targets.get(token.name);
    if (target === undefined) throw refusal(token.rawName);
    const text = valueAt(token);
    if (target.kind === 'foreign') {
      for (const note of notesOn(target.option, token.rawName, text)) notes.add(note);
      continue;
    }
    const { key } = target;
    options[key] = valueOf({ target, flag: token.rawName, text, before: options[key] });
    const ordered = orderedKeys.find((known) => known === key);
    if (ordered !== undefined) order.push({ key: ordered, value: text ?? '' });
  }
  const read = readWords(words, options.help === true);
  return { ...read, options: options as Partial<RawOptions>, order, notes: [...notes] };
}

interface OptionToken {
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

/** As argparse has it: `-d=x` is x, and what looks like the next flag is no value of this one: `--csr --quiet`. */
function valueAt({ rawName, value, inlineValue }: OptionToken): string | undefined {
  if (inlineValue === false && value !== undefined && /^-\S+$/.test(value) && !/^-\d*\.?\d+$/.test(value))
    return undefined;
  return rawName.startsWith('--') ? value : value?.replace(/^=/, '');
}

/** `help VERB`, `VERB --help` and `--help VERB` are the same. */
function readWords(words: readonly string[], help: boolean): Pick<ParsedCommand, 'verb' | 'topic'> {
  const [verb, excess] = words;
  if (help || verb === 'help') {
    return { verb: 'help', topic: words.findLast((word, index) => index > 0 || word !== 'help') };
  }
  if (excess !== undefined) throw usage(`One command is expected, not '${words.join(' ')}'.`);
  const reason = verb === undefined ? undefined : foreignVerbs.get(verb);
  if (reason !== undefined) throw usage(`haproxy-acme has no '${String(verb)}': ${reason}`);
  return { verb, topic: undefined };
}

/** @throws ConfigError `usage` for a flag that is refused. */
function notesOn({ fate, flags, value, text: why }: ForeignOption, flag: string, text: string | undefined): string[] {
  const [name = flag] = flag.startsWith('--') ? flags.filter((known) => known.startsWith(flag)) : [];
  if (fate === 'refused') throw usage(`${name.endsWith('*') ? flag : name} is not one of haproxy-acme's flags: ${why}`);
  checkPresence(flag, text, value);
  return fate === 'ignored' ? [`${name} is ignored: ${why}`] : [];
}

function checkPresence(flag: string, text: string | undefined, value: string | undefined): void {
  if (value === undefined && text !== undefined) throw usage(`${flag} takes no value.`);
  if (value !== undefined && text === undefined) throw usage(`${flag} lacks its value: ${flag} ${value}.`);
}

interface Given {
  readonly target: OwnFlag;
  /** As it was written. */
  readonly flag: string;
  readonly text: string | undefined;
  /** What the same option has got so far. */
  readonly before: unknown;
}

function valueOf({ target: { spec }, flag, text, before }: Given): unknown {
  checkPresence(flag, text, spec.value);
  if (spec.kind === 'count') return (typeof before === 'number' ? before : 0) + 1;
  if (text === undefined) return !startsOne(flag, spec.off);
  if (spec.kind === 'integer') return wholeNumber(text, flag);
  return spec.kind === 'list' ? [...((before as string[] | undefined) ?? []), text] : text;
}

function startsOne(flag: string, flags: readonly string[]): boolean {
  return flag.startsWith('--') && flags.some((known) => known.startsWith(flag));
}

interface Declared {
  readonly declarations: Declarations;
  /** By the name of the flag without its dashes. */
  readonly targets: ReadonlyMap<string, FlagTarget>;
}

/** The tables as parseArgs takes them: short flags, and of the long ones, cut short or not, those that are there. */
function declare(args: readonly string[]): Declared {
  const declarations: Declarations = {};
  const targets = new Map<string, FlagTarget>();
  const add = (name: string, target: FlagTarget, short?: string): void => {
    const type = target.value === undefined ? 'boolean' : 'string';
    declarations[name] = short === undefined ? { type } : { type, short };
    targets.set(name, target);
  };
  for (const [letter, target] of shortFlags) add(target.names.find(isLong)?.slice(2) ?? letter, target, letter);
  for (const arg of args) {
    const name = /^--([^=]+)/.exec(arg)?.[1];
    if (name === undefined || targets.has(name)) continue;
    const exact = flagNamed(`--${name}`);
    const [only, ...others] = exact === undefined ? flagsStartingWith(`--${name}`) : [exact];
    if (only !== undefined && others.length === 0) add(name, only);
  }
  return { declarations, targets };
}

function isLong(name: string): boolean {
  return name.startsWith('--');
}

function refusal(flag: string): ConfigError {
  const fitting = flag.startsWith('--') ? flagsStartingWith(flag) : [];
  if (fitting.length === 0) return usage(`There is no option '${flag}'.`);
  return usage(
    `${flag} may be any of ${fitting.map(({ names }) => names.find((name) => name.startsWith(flag)) ?? names[0]).join(', ')}.`,
  );
}

function wholeNumber(text: string, flag: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw usage(`${flag} takes a whole number, not '${text}'.`);
}
