import { Resolver } from 'node:dns/promises';
import { systemCode } from '../../platform/coded-error.js';
import type { Lookup } from './look.js';

/** Looks up the addresses of a name, of IPv6 and of IPv4. */
export type LookupAddresses = (name: string, signal: AbortSignal) => Promise<Lookup>;

/** Says that the name, or what was asked of it, is not there. */
const absent = ['ENOTFOUND', 'ENODATA'];

/**
 * By the DNS alone, as a CA does: /etc/hosts does not count.
 * @param server its address, with or without a port; undefined: the system's servers.
 */
export function dnsLookup(server: string | undefined): LookupAddresses {
  const known = new Map<string, Promise<Lookup>>();
  return async (name, signal) => {
    const asked = known.get(name) ?? ask(name, server, signal);
    known.set(name, asked);
    return await asked;
  };
}

async function ask(name: string, server: string | undefined, signal: AbortSignal): Promise<Lookup> {
  if (signal.aborted) return { kind: 'unanswered', code: 'ECANCELLED' };
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  if (server !== undefined) resolver.setServers([server]);
  const cancel = (): void => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const results = await Promise.allSettled([resolver.resolve6(name), resolver.resolve4(name)]);
    const addresses = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
    if (addresses.length > 0) return { kind: 'found', addresses };
    const codes = results.map((result) => (result.status === 'rejected' ? codeOf(result.reason) : 'ENODATA'));
    const [trouble] = codes.filter((code) => !absent.includes(code));
    if (trouble !== undefined) return { kind: 'unanswered', code: trouble };
    return { kind: 'none', code: codes.find((code) => code === 'ENOTFOUND') ?? 'ENODATA' };
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

function codeOf(error: unknown): string {
  return systemCode(error) ?? 'ESERVFAIL';
}
