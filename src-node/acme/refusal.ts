import type { CodedError } from '../platform/coded-error.js';
import { AcmeError } from './acme-error.js';
import { describeProblem } from './problem.js';

/** A name that keeps an order from its certificate. */
export interface NameFailure {
  readonly name: string;
  readonly reason: string;
}

/** Names that fail, and the error that this is where none may be left out. */
export interface Refusal {
  readonly failures: readonly NameFailure[];
  readonly error: CodedError;
}

/** Names whose control was not shown. One name's reason is in the error's sentence; those of several are its details. */
export function refusal(
  code: 'acme-authorization-failed' | 'acme-no-challenge',
  opening: string,
  failures: readonly NameFailure[],
): Refusal {
  const lines = failures.map(({ name, reason }) => `${name}: ${reason}`);
  const single = lines.length === 1;
  const message = single ? `${opening} ${lines.join('')}.` : `${opening} ${lines.length} names.`;
  return { failures, error: new AcmeError(code, message, { details: single ? [] : lines }) };
}

/**
 * The names that a CA refuses, told by the subproblems of its refusal (RFC 8555 section 6.7.1).
 * @throws the error itself where it speaks of no name.
 */
export function refusedNames(error: unknown): Refusal {
  const subproblems = error instanceof AcmeError ? (error.problem?.subproblems ?? []) : [];
  const failures = subproblems
    .map((entry) => ({ name: entry.identifier ?? '', reason: describeProblem(entry) }))
    .filter(({ name }) => name !== '');
  if (!(error instanceof AcmeError) || failures.length === 0) throw error;
  return { failures, error };
}
