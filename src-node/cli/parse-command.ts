import { parseArgs, type ParseArgsConfig } from 'node:util';
import { usage, type ConfigError } from '../config/config-error.js';
import { orderedKeys, type Occurrence, type ParsedCommand, type RawOptions } from '../config/raw-options.js';
import { optionEntries } from './options/option-table.js';

type OptionEntry = (typeof optionEntries)[number];
type Declarations = NonNullable<ParseArgsConfig['options']>;

/**
 * Takes a command line apart by the option table, as certbot does: the command may stand anywhere, every flag goes with
 * every command, the last value wins, and a long flag may be cut short while it is unambiguous.
 * @throws ConfigError `usage`.
 */
export function parseCommand(args: readonly string[]): ParsedCommand {
  const { declarations, entries } = declare(args);
  const { tokens } = parseArgs({
    args: [...args],
    options: declarations,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const options: Partial<Record<keyof RawOptions, unknown>> = {};
  const order: Occurrence[] = [];
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const entry = entries.get(token.name);
    if (entry === undefined) throw refusal(token.rawName);
    const [key, spec] = entry;
    // As argparse, `-d=x` is x.
    const text = token.rawName.startsWith('--') ? token.value : token.value?.replace(/^=/, '');
    options[key] = valueOf({ spec, flag: token.rawName, text, before: options[key] });
    const ordered = orderedKeys.find((known) => known === key);
    if (ordered !== undefined) order.push({ key: ordered, value: text ?? '' });
  }
  const [verb, excess] = words;
  if (excess !== undefined) throw usage(`One command is expected, not '${words.join(' ')}'.`);
  return { verb, options: options as Partial<RawOptions>, order };
}

interface Given {
  readonly spec: OptionEntry[1];
  /** As it was written. */
  readonly flag: string;
  readonly text: string | undefined;
  /** What the same option has got so far. */
  readonly before: unknown;
}

function valueOf({ spec, flag, text, before }: Given): unknown {
  if (spec.value === undefined) {
    if (text !== undefined) throw usage(`${flag} takes no value.`);
    if (spec.kind === 'count') return (typeof before === 'number' ? before : 0) + 1;
    return !startsOne(flag, spec.off);
  }
  if (text === undefined) throw usage(`${flag} lacks its value: ${flag} ${spec.value}.`);
  if (spec.kind === 'integer') return wholeNumber(text, flag);
  return spec.kind === 'list' ? [...((before as string[] | undefined) ?? []), text] : text;
}

function startsOne(flag: string, flags: readonly string[]): boolean {
  return flag.startsWith('--') && flags.some((known) => known.startsWith(flag));
}

interface Declared {
  readonly declarations: Declarations;
  /** By the name of the flag without its dashes. */
  readonly entries: ReadonlyMap<string, OptionEntry>;
}

/** The table as parseArgs takes it: each long name, the short one with the first of them, and abbreviations used. */
function declare(args: readonly string[]): Declared {
  const declarations: Declarations = {};
  const entries = new Map<string, OptionEntry>();
  for (const entry of optionEntries) {
    const [, { flags, off, value }] = entry;
    const type = value === undefined ? 'boolean' : 'string';
    const short = flags.find((flag) => !flag.startsWith('--'))?.slice(1);
    for (const [index, flag] of [...flags, ...off].filter((name) => name.startsWith('--')).entries()) {
      declarations[flag.slice(2)] = index === 0 && short !== undefined ? { type, short } : { type };
      entries.set(flag.slice(2), entry);
    }
  }
  for (const arg of args) {
    const name = /^--([^=]+)/.exec(arg)?.[1];
    const [only, ...others] = name === undefined || entries.has(name) ? [] : startingWith(`--${name}`);
    if (name === undefined || only === undefined || others.length > 0) continue;
    declarations[name] = { type: only[1].value === undefined ? 'boolean' : 'string' };
    entries.set(name, only);
  }
  return { declarations, entries };
}

function startingWith(flag: string): readonly OptionEntry[] {
  return optionEntries.filter(([, { flags, off }]) => [...flags, ...off].some((known) => known.startsWith(flag)));
}

function refusal(flag: string): ConfigError {
  const fitting = flag.startsWith('--') ? startingWith(flag) : [];
  if (fitting.length === 0) return usage(`There is no option '${flag}'.`);
  return usage(`${flag} may be any of ${fitting.map(([, { flags }]) => flags[0]).join(', ')}.`);
}

function wholeNumber(text: string, flag: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw usage(`${flag} takes a whole number, not '${text}'.`);
}
