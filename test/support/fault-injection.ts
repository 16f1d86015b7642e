import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runOrThrow } from './child.js';

/**
 * How an operation is disturbed: by the death of the program (with `kill-halves` also in the middle of a write), or by an
 * error number of the system.
 */
export type FaultMode = 'kill' | 'kill-halves' | number;

export interface Fault {
  /** Operations below this directory are counted. */
  readonly root: string;
  readonly mode: FaultMode;
  /** The number of the operation, from 1; 0 disturbs none. */
  readonly at: number;
  /** Whether also requests to others and forks are counted, to kill at. */
  readonly talk?: boolean;
  /** Gets a line for each operation. */
  readonly log?: string;
}

/** Compiles what disturbs a program at one of its file operations; `env` is what the program is started with for it. */
export async function faultInjection(
  directory: string,
): Promise<{ readonly env: (fault: Fault) => Readonly<Record<string, string>> }> {
  const library = join(directory, 'fault-injection.so');
  const source = resolve(import.meta.dirname, 'fault-injection.c');
  await runOrThrow('cc', ['-shared', '-fPIC', '-O1', '-Wall', '-o', library, source, '-ldl', '-lpthread']);
  return {
    env: ({ root, mode, at, talk = false, log }) => ({
      LD_PRELOAD: library,
      FAULT_ROOT: root,
      FAULT_MODE: String(mode),
      FAULT_AT: String(at),
      ...(talk ? { FAULT_TALK: '1' } : {}),
      ...(log === undefined ? {} : { FAULT_LOG: log }),
      // Operations by way of a ring in the kernel's memory would pass unseen.
      UV_USE_IO_URING: '0',
    }),
  };
}

/** The operations that a program has been counted to make. */
export function operationsIn(log: string): readonly string[] {
  return readFileSync(log, 'utf8').trimEnd().split('\n');
}
