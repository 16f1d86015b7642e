import type { Leases } from './leases.js';

/** A challenge that a CA asks for. */
export interface Wanted {
  /** base64url. */
  readonly token: string;
  /** The name or address asked, lower case, without a port. */
  readonly host: string;
}

/** Finds the key authorization to answer with, where it has one. */
export type AnswerSource = (wanted: Wanted) => string | undefined | Promise<string | undefined>;

/** What is found first. Without a promise where none is needed: a CA, and whoever else asks, is answered at once. */
export function firstOf(sources: readonly AnswerSource[]): AnswerSource {
  const find = (wanted: Wanted, from: number): ReturnType<AnswerSource> => {
    for (const [index, source] of sources.entries()) {
      if (index < from) continue;
      const found = source(wanted);
      if (found instanceof Promise) return found.then(async (text) => text ?? (await find(wanted, index + 1)));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return (wanted) => find(wanted, 0);
}

export function leaseSource(leases: Leases): AnswerSource {
  return ({ token }) => leases.find(token);
}

/** RFC 8555 section 8.1: with the account's thumbprint every token is answered. `hosts` count before `everywhere`. */
export function thumbprintSource(
  everywhere: string | undefined,
  hosts: ReadonlyMap<string, string>,
): (wanted: Wanted) => string | undefined {
  return ({ token, host }) => {
    const thumbprint = hosts.get(host) ?? everywhere;
    return thumbprint === undefined ? undefined : `${token}.${thumbprint}`;
  };
}
