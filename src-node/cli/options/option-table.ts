import type { RawOptions } from '../../config/raw-options.js';
import { accountOptions } from './account-options.js';
import { certificateOptions, keyOptions, revocationOptions } from './certificate-options.js';
import { challengeOptions, hookOptions } from './challenge-options.js';
import type { OptionSpec, OptionTable } from './option-spec.js';
import { commandOptions, haproxyOptions, outputOptions, pathOptions } from './run-options.js';

export type OptionGroup =
  'certificate' | 'account' | 'challenge' | 'key' | 'hooks' | 'haproxy' | 'revocation' | 'other' | 'output' | 'paths';

const groupTables: Readonly<Record<OptionGroup, Readonly<Record<string, OptionSpec<unknown>>>>> = {
  certificate: certificateOptions,
  account: accountOptions,
  challenge: challengeOptions,
  key: keyOptions,
  hooks: hookOptions,
  haproxy: haproxyOptions,
  revocation: revocationOptions,
  other: commandOptions,
  output: outputOptions,
  paths: pathOptions,
};

/** The headings of the help, in its order. */
export const groups = Object.keys(groupTables) as readonly OptionGroup[];

/** The one table of flags: parser, help, cli.ini and the reference page are made from it. The type sees that none is missing. */
export const optionTable: OptionTable = {
  ...certificateOptions,
  ...accountOptions,
  ...challengeOptions,
  ...keyOptions,
  ...hookOptions,
  ...haproxyOptions,
  ...revocationOptions,
  ...commandOptions,
  ...outputOptions,
  ...pathOptions,
};

/** An entry of the table whatever its value. */
export interface AnyOption extends OptionSpec<unknown> {
  readonly group: OptionGroup;
}

/** The table as a list, for whoever walks it. */
export const optionEntries: readonly (readonly [keyof RawOptions, AnyOption])[] = groups.flatMap((group) =>
  Object.entries<OptionSpec<unknown>>(groupTables[group]).map(
    ([key, spec]) => [key as keyof RawOptions, { ...spec, group }] as const,
  ),
);
