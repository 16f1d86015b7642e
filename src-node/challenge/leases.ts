import type { Answerable } from './control-protocol.js';

/** What one holder has published. */
export interface Holder {
  /** All of them, or none where there would be too many: false. */
  readonly publish: (challenges: readonly Answerable[]) => boolean;
  /** Also those that it never published. */
  readonly withdraw: (tokens: readonly string[]) => void;
  /** Withdraws all. */
  readonly end: () => void;
}

/** The challenges that holders have published, each for as long as its holder is there. */
export interface Leases {
  readonly find: (token: string) => string | undefined;
  readonly size: () => number;
  readonly open: () => Holder;
}

export function createLeases(most: number): Leases {
  // Runs may hold the same token: the CA gives an authorization that is pending to the next order of its account too.
  const held = new Map<string, Map<symbol, string>>();
  const remove = (token: string, holder: symbol): void => {
    const holders = held.get(token);
    holders?.delete(holder);
    if (holders?.size === 0) held.delete(token);
  };
  return {
    // The last that was published.
    find: (token) => [...(held.get(token)?.values() ?? [])].at(-1),
    size: () => held.size,
    open: () => {
      const holder = Symbol('holder');
      const own = new Set<string>();
      const withdraw = (tokens: Iterable<string>): void => {
        for (const token of tokens) {
          if (own.delete(token)) remove(token, holder);
        }
      };
      return {
        publish: (challenges) => {
          const added = new Set(challenges.map(({ token }) => token).filter((token) => !held.has(token)));
          if (held.size + added.size > most) return false;
          for (const { token, keyAuthorization } of challenges) {
            own.add(token);
            held.set(token, (held.get(token) ?? new Map<symbol, string>()).set(holder, keyAuthorization));
          }
          return true;
        },
        withdraw,
        end: () => withdraw([...own]),
      };
    },
  };
}
