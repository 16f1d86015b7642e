import type { Challenge, ChallengePublisher } from './challenge-publisher.js';
import { startChallengeServer, type ChallengeServer, type ListenAddress } from './challenge-server.js';
import { refuseWildcards } from './wildcard.js';

/**
 * Answers http-01 by a server of its own, which listens while there is a challenge to answer: on port 80 where nothing
 * else does, or behind an HAProxy that sends `/.well-known/acme-challenge/` to it. `check` takes the port and lets it
 * go, so that it belongs after the hooks that stop whoever has it. All orders of a run MUST share one publisher for an
 * address, since a second one finds the port in use.
 */
export function standalonePublisher(where: ListenAddress): ChallengePublisher {
  const answers = new Map<string, Buffer>();
  let server: ChallengeServer | undefined;
  const inTurn = oneAfterAnother();
  return {
    types: ['http-01'],
    check: async (names) => {
      refuseWildcards(names, '--standalone');
      await inTurn(async () => {
        if (server === undefined) await (await startChallengeServer(where, answers)).close();
      });
    },
    publish: async (challenges) => {
      await inTurn(async () => {
        if (challenges.length === 0) return;
        server ??= await startChallengeServer(where, answers);
        for (const challenge of challenges) answers.set(pathOf(challenge), Buffer.from(challenge.keyAuthorization));
      });
    },
    withdraw: async (challenges) => {
      await inTurn(async () => {
        for (const challenge of challenges) answers.delete(pathOf(challenge));
        if (answers.size > 0) return;
        await server?.close();
        server = undefined;
      });
    },
  };
}

/** RFC 8555 section 8.3. */
function pathOf({ token }: Challenge): string {
  return `/.well-known/acme-challenge/${token}`;
}

/** The server of one order must not be closed while another order's is being started. */
function oneAfterAnother(): (step: () => Promise<void>) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return async (step) => {
    const mine = last.then(step);
    last = mine.catch(() => undefined);
    await mine;
  };
}
