import { CodedError } from '../platform/coded-error.js';

export type LineageErrorCode =
  'lineage-broken' | 'archive-shared' | 'storage-not-writable' | 'storage-not-readable' | 'locked' | 'lock-unavailable';

/** What to do about each error; docs/errors.md has an entry for each. */
export const lineageHints: Readonly<Record<LineageErrorCode, string>> = {
  'lineage-broken':
    'Restore the file from a backup, or remove the renewal configuration and order the certificate again.',
  'archive-shared':
    'Remove the renewal configuration of one of them by hand, or give each an archive_dir of its own; nothing was removed.',
  'storage-not-writable':
    'Run as root, free space on its file system, or choose other directories by --config-dir, --work-dir and --logs-dir.',
  'storage-not-readable': 'Run as root, or as the user who owns the directory.',
  locked: 'Run this again when it has finished, or wait longer by --lock-wait; nothing was changed.',
  'lock-unavailable': 'Make sure that no other run is going on.',
};

/** Something is wrong with what is stored under the configuration directory. */
export class LineageError extends CodedError {
  public override readonly name = 'LineageError';
  public readonly code: LineageErrorCode;
  public readonly hint: string;

  public constructor(code: LineageErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.hint = lineageHints[code];
  }
}
