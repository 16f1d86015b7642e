export type SpopErrorCode =
  | 'io-failed'
  | 'timeout'
  | 'frame-too-big'
  | 'frame-invalid'
  | 'version-missing'
  | 'max-frame-size-missing'
  | 'capabilities-missing'
  | 'version-unsupported'
  | 'max-frame-size-bad'
  | 'fragmentation-unsupported'
  | 'frames-interlaced'
  | 'frame-id-unknown'
  | 'resources-exhausted'
  | 'unknown';

/** SPOE.txt section 3.5: what a DISCONNECT frame says of each. Status 0 is no error. */
export const spopStatuses: Readonly<Record<SpopErrorCode, number>> = {
  'io-failed': 1,
  timeout: 2,
  'frame-too-big': 3,
  'frame-invalid': 4,
  'version-missing': 5,
  'max-frame-size-missing': 6,
  'capabilities-missing': 7,
  'version-unsupported': 8,
  'max-frame-size-bad': 9,
  'fragmentation-unsupported': 10,
  'frames-interlaced': 11,
  'frame-id-unknown': 12,
  'resources-exhausted': 13,
  unknown: 99,
};

/** Bytes that are not SPOP, a peer that breaks its rules, or a value that SPOP cannot carry. */
export class SpopError extends Error {
  public override readonly name = 'SpopError';
  public readonly code: SpopErrorCode;
  /** The status code of the DISCONNECT frame that tells the peer. */
  public readonly status: number;

  public constructor(code: SpopErrorCode, message: string) {
    super(message);
    this.code = code;
    this.status = spopStatuses[code];
  }
}
