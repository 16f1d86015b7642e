import { CodedError } from '../platform/coded-error.js';

export type AdoptionErrorCode =
  | 'adoption-cert-dir-unset'
  | 'adoption-blocked'
  | 'adoption-failed'
  | 'adoption-systemctl'
  | 'adoption-changed-since'
  | 'adoption-record';

/** What to do about each error; docs/errors.md has an entry for each. */
export const adoptionHints: Readonly<Record<AdoptionErrorCode, string>> = {
  'adoption-cert-dir-unset': "Give --haproxy-cert-dir: the directory that a bind's crt names.",
  'adoption-blocked':
    "Give 'adopt --yes' the flags --webroot -w DIR, or --standalone --http-01-port PORT, for the lineages named; or repair or delete them. Until then certbot goes on renewing them.",
  'adoption-failed': "Run as root, mend what is named, then run 'adopt --yes' again, or 'adopt --undo'.",
  'adoption-systemctl': "Look at 'systemctl status' of the unit, then run the same command again.",
  'adoption-changed-since':
    "Put the file right by hand: what it was before is kept at the path named. Then run 'adopt --undo' again.",
  'adoption-record': 'Restore the file from a backup; the originals are kept beside it.',
};

/** An installation that cannot be adopted, or not wholly, or not given back. */
export class AdoptionError extends CodedError {
  public override readonly name = 'AdoptionError';
  public readonly code: AdoptionErrorCode;
  public readonly hint: string;

  public constructor(
    code: AdoptionErrorCode,
    message: string,
    options: { cause?: unknown; details?: readonly string[] } = {},
  ) {
    super(message, options);
    this.code = code;
    this.hint = adoptionHints[code];
  }
}
