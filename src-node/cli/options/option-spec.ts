import type { RawOptions } from '../../config/raw-options.js';

/** `count`: a switch that counts how often it is given; `list`: all values given. */
export type OptionKind = 'switch' | 'count' | 'integer' | 'text' | 'list';

export interface OptionSpec<Value> {
  /** The first one is the name that help and messages use. */
  readonly flags: readonly string[];
  /** Flags that switch it off. */
  readonly off: readonly string[];
  readonly kind: OptionKind;
  /** The placeholder of its value in the help; undefined for a switch. */
  readonly value: string | undefined;
  readonly help: string;
  /** For a switch: whether it is on where nothing is said. */
  readonly initially: boolean;
  /** Never read: what the value is once parsed. */
  readonly type?: Value;
}

export type OptionTable<Keys extends keyof RawOptions = keyof RawOptions> = {
  readonly [Key in Keys]: OptionSpec<RawOptions[Key]>;
};

/** A flag without a value; `usage` names its flags: `-q, --quiet`. Those of `off` switch it off again. */
export function toggle(usage: string, help: string, off = ''): OptionSpec<boolean> {
  return { ...readUsage(usage), off: off === '' ? [] : off.split(', '), kind: 'switch', initially: false, help };
}

/** A flag without a value for what is done anyway, so that those of `off` are the ones that count. */
export function initialToggle(usage: string, help: string, off: string): OptionSpec<boolean> {
  return { ...toggle(usage, help, off), initially: true };
}

export function counter(usage: string, help: string): OptionSpec<number> {
  return { ...readUsage(usage), off: [], kind: 'count', initially: false, help };
}

/** A flag with a value; `usage` ends in its placeholder: `-m, --email ADDRESS`. */
export function text(usage: string, help: string): OptionSpec<string> {
  return { ...readUsage(usage), off: [], kind: 'text', initially: false, help };
}

export function integer(usage: string, help: string): OptionSpec<number> {
  return { ...readUsage(usage), off: [], kind: 'integer', initially: false, help };
}

/** A flag that may repeat. */
export function list(usage: string, help: string): OptionSpec<readonly string[]> {
  return { ...readUsage(usage), off: [], kind: 'list', initially: false, help };
}

/** `-m, --email ADDRESS` taken apart: the placeholder is the word in capitals at its end, if there is one. */
export function readUsage(usage: string): { readonly flags: readonly string[]; readonly value: string | undefined } {
  const end = usage.lastIndexOf(' ');
  const last = usage.slice(end + 1);
  if (end < 0 || last.startsWith('-')) return { flags: usage.split(', '), value: undefined };
  return { flags: usage.slice(0, end).split(', '), value: last };
}
