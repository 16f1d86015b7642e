import { challengePath, type Challenge, type ChallengePublisher } from './challenge-publisher.js';
import { startChallengeServer } from './challenge-server.js';
import type { ListenAddress } from './listen.js';
import { serverWhileNeeded } from './while-needed.js';
import { refuseWildcards } from './wildcard.js';

/**
 * Answers http-01 by a server of its own, which listens while there is a challenge to answer: on port 80 where nothing
 * else does, or behind an HAProxy that sends `/.well-known/acme-challenge/` to it. `check` takes the port and lets it
 * go, so that it belongs after the hooks that stop whoever has it. All orders of a run MUST share one publisher for an
 * address, since a second one finds the port in use.
 */
export function standalonePublisher(where: ListenAddress): ChallengePublisher {
  const answers = new Map<string, Buffer>();
  const server = serverWhileNeeded(
    async () => await startChallengeServer(where, answers),
    () => answers.size > 0,
  );
  return {
    types: ['http-01'],
    check: async (names) => {
      refuseWildcards(names, '--standalone');
      await server.check();
    },
    publish: async (challenges) => {
      if (challenges.length === 0) return;
      await server.publish(() => {
        for (const challenge of challenges) answers.set(pathOf(challenge), Buffer.from(challenge.keyAuthorization));
      });
    },
    withdraw: async (challenges) => {
      await server.withdraw(() => {
        for (const challenge of challenges) answers.delete(pathOf(challenge));
      });
    },
  };
}

function pathOf({ token }: Challenge): string {
  return challengePath + token;
}
