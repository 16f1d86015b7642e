import type { Clock } from '../platform/clock.js';
import { agentLink, greetAgent } from './agent-link.js';
import type { ChallengePublisher } from './challenge-publisher.js';
import { refuseWildcards } from './wildcard.js';

/** Where an agent's control socket is unless told. */
export const defaultSpoeControl = '/run/haproxy-acme/spoa.sock';

/**
 * Publishes at agents that HAProxy asks by SPOE, all of them. What this run has published ends with it, also where it is
 * killed. All orders of a run SHOULD share one publisher, which has one connection to each agent.
 * @param sockets control sockets of the agents.
 */
export function spoePublisher(sockets: readonly string[], clock: Clock): ChallengePublisher {
  const links = sockets.map((path) => agentLink(path, clock));
  const withdraw: ChallengePublisher['withdraw'] = async (challenges) => {
    const tokens = challenges.map(({ token }) => token);
    await Promise.all(links.map(async (link) => await link.withdraw(tokens)));
  };
  return {
    types: ['http-01'],
    check: async (names) => {
      refuseWildcards(names, '--spoe');
      await Promise.all(sockets.map(async (path) => await greetAgent(path, clock)));
    },
    publish: async (challenges) => {
      const wanted = challenges.map(({ token, keyAuthorization }) => ({ token, keyAuthorization }));
      const done = await Promise.allSettled(links.map(async (link) => await link.publish(wanted)));
      const failed = done.find((result) => result.status === 'rejected');
      if (failed === undefined) return;
      await withdraw(challenges);
      throw failed.reason;
    },
    withdraw,
  };
}
