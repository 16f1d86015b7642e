/** What the edge needs of an error to tell it: `code` is an entry of docs/errors.md, `hint` says what to do. */
export interface ErrorInfo {
  readonly code: string;
  /** One sentence: what failed (file, URL, name) and why. */
  readonly message: string;
  readonly hint: string;
  /** More, a line each: what HAProxy or the CA said, a subproblem for each name. */
  readonly details: readonly string[];
}

/** The parent of each room's error class. Rooms close `code` to a union of their own. */
export abstract class CodedError extends Error implements ErrorInfo {
  public abstract override readonly name: string;
  public abstract readonly code: string;
  public abstract readonly hint: string;
  public readonly details: readonly string[];

  public constructor(message: string, options: { cause?: unknown; details?: readonly string[] } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.details = options.details ?? [];
  }
}

/** The operating system's code (`ENOENT`, `EACCES`, ...) of an error, if it has one. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

const meanings: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission is denied',
  EPERM: 'the operation is not permitted',
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of its path is not a directory',
  EISDIR: 'it is a directory',
  EEXIST: 'it exists already',
  EMFILE: 'too many files are open',
  ELOOP: 'it has too many levels of symbolic links',
};

/** The system's reason as the end of a sentence. */
export function systemReason(error: unknown): string {
  const code = systemCode(error);
  if (code === undefined) return error instanceof Error ? error.message : String(error);
  const meaning = meanings[code];
  return meaning === undefined ? code : `${meaning} (${code})`;
}
