import { CodedError } from '../platform/coded-error.js';

export type ChallengeErrorCode = 'webroot-missing' | 'webroot-not-writable' | 'webroot-unset';

/** What to do about each error; docs/errors.md has an entry for each. */
export const challengeHints: Readonly<Record<ChallengeErrorCode, string>> = {
  'webroot-missing': 'Create it, or give the directory that HAProxy or the web server answers from by -w.',
  'webroot-not-writable': 'Run as a user who may write there (usually root), or free space on its file system.',
  'webroot-unset': 'Give the directory that HAProxy answers challenges from: -w DIR before the -d of the name.',
};

/** A challenge could not be published. */
export class ChallengeError extends CodedError {
  public override readonly name = 'ChallengeError';
  public readonly code: ChallengeErrorCode;
  public readonly hint: string;

  public constructor(code: ChallengeErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.hint = challengeHints[code];
  }
}
