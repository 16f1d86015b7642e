import type { RunResult } from './child.js';

/** What --json prints of a run. */
export interface JsonReport {
  readonly outcomes: readonly {
    readonly kind: string;
    readonly certName: string;
    readonly version?: number;
    readonly error?: JsonError;
  }[];
  readonly warnings: readonly string[];
  readonly reloads: readonly {
    readonly way: string;
    readonly started: readonly number[];
    readonly draining: readonly {
      readonly pid: number;
      readonly since: string;
      readonly serving?: readonly { readonly certName: string; readonly serial: string }[];
    }[];
    readonly hints: readonly string[];
  }[];
  /** By which HAProxy took certificates without a reload. */
  readonly sockets: readonly string[];
  readonly notes: readonly string[];
  /** In place of the rest where the run could not go on. */
  readonly error?: JsonError;
}

export interface JsonError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly details: readonly string[];
}

export function jsonReport(result: RunResult): JsonReport {
  return JSON.parse(result.stdout) as JsonReport;
}

/** The error codes in brackets, in the order in which they were printed. */
export function errorCodes(result: RunResult): readonly string[] {
  return [...result.stderr.matchAll(/ \[([a-z-]+)\]$/gm)].map((match) => match[1] ?? '');
}
