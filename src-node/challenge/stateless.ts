import type { ChallengePublisher } from './challenge-publisher.js';
import { refuseWildcards } from './wildcard.js';

/** Publishes nothing: HAProxy answers http-01 for every token by the thumbprint of the account's key. */
export function statelessPublisher(): ChallengePublisher {
  return {
    types: ['http-01'],
    check: async (names) => {
      refuseWildcards(names, '--stateless');
      await Promise.resolve();
    },
    publish: async () => await Promise.resolve(),
    withdraw: async () => await Promise.resolve(),
  };
}
