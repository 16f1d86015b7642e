import { CodedError } from '../platform/coded-error.js';

export type CliErrorCode = 'log-not-writable';

/** What to do about each error; docs/errors.md has an entry for each. */
export const cliHints: Readonly<Record<CliErrorCode, string>> = {
  'log-not-writable':
    'The run goes on without it. Free space on its file system, or choose another place by --logs-dir.',
};

/** Something around a run is wrong that does not touch certificates. */
export class CliError extends CodedError {
  public override readonly name = 'CliError';
  public readonly code: CliErrorCode;
  public readonly hint: string;

  public constructor(code: CliErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.hint = cliHints[code];
  }
}
