import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { acmeAuthority } from '../../src-node/acme/acme-authority.js';
import type { ChallengePublisher } from '../../src-node/challenge/challenge-publisher.js';
import { systemClock } from '../../src-node/platform/clock.js';
import { issue } from './acme-stage.js';
import type { Pebble } from './pebble.js';

/** A certificate of Pebble's for `names`, by an account of its own; `publisher` is all that answers their challenges. */
export async function order(
  pebble: Pebble,
  publisher: ChallengePublisher,
  names: readonly string[],
  signal: AbortSignal = new AbortController().signal,
): Promise<X509Certificate> {
  const authority = acmeAuthority(
    {
      ...{ server: pebble.directoryUrl, stored: undefined, emails: [], agreeTos: true, eab: undefined },
      save: async (account) => await Promise.resolve({ ...account, id: 'test' }),
    },
    {
      ...{
        userAgent: 'test/1',
        verify: true,
        timeout: 30_000,
        clock: systemClock,
        proxyFor: () => undefined,
        issuanceTimeout: 60_000,
        log: () => undefined,
        signal,
      },
      extraCa: [readFileSync(pebble.caFile, 'utf8')],
    },
  );
  try {
    await publisher.check(names);
    return new X509Certificate((await issue({ authority, names, publisher })).chain);
  } finally {
    authority.close();
  }
}
