import type { RawOptions } from '../../config/raw-options.js';
import { foreignOptions, type ForeignOption } from './foreign-options.js';
import { optionEntries, type AnyOption } from './option-table.js';

/** What a flag of the command line stands for: an option of ours, or one of certbot's that has nothing to do here. */
export type FlagTarget = OwnFlag | ForeignFlag;

interface Named {
  /** All names, those that switch it off included. */
  readonly names: readonly string[];
  readonly value: string | undefined;
}

export interface OwnFlag extends Named {
  readonly kind: 'own';
  readonly key: keyof RawOptions;
  readonly spec: AnyOption;
}

interface ForeignFlag extends Named {
  readonly kind: 'foreign';
  readonly option: ForeignOption;
}

const flagTargets: readonly FlagTarget[] = [
  ...optionEntries.map(([key, spec]): FlagTarget => {
    return { kind: 'own', names: [...spec.flags, ...spec.off], value: spec.value, key, spec };
  }),
  ...foreignOptions.map((option): FlagTarget => {
    return { kind: 'foreign', names: option.flags, value: option.value, option };
  }),
];

const byName: ReadonlyMap<string, FlagTarget> = new Map(
  flagTargets.flatMap((target) => target.names.map((name) => [name, target] as const)),
);

/** The one that has exactly this name. */
export function flagNamed(flag: string): FlagTarget | undefined {
  return byName.get(flag);
}

/** Those of one letter, by that letter. */
export const shortFlags: readonly (readonly [letter: string, target: FlagTarget])[] = [...byName]
  .filter(([name]) => !name.startsWith('--'))
  .map(([name, target]) => [name.slice(1), target] as const);

/** Those that a flag which is cut short may mean. */
export function flagsStartingWith(flag: string): readonly FlagTarget[] {
  return flagTargets.filter(({ names }) => names.some((name) => begins(name, flag)));
}

function begins(name: string, flag: string): boolean {
  if (!name.endsWith('*')) return name.startsWith(flag);
  const family = name.slice(0, -1);
  return family.startsWith(flag) || flag.startsWith(family);
}
