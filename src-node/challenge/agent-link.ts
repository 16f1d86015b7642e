import type { Clock } from '../platform/clock.js';
import { ChallengeError } from './challenge-error.js';
import { controlLimits, type Answerable } from './control-protocol.js';
import { openControlSession, type ControlSession } from './control-session.js';

/** What this run has published at one agent, kept there over restarts of the agent. */
export interface AgentLink {
  /** @throws ChallengeError `agent-unreachable` or `agent-refused`. */
  readonly publish: (challenges: readonly Answerable[]) => Promise<void>;
  /** Never throws: what cannot be withdrawn ends with the connection. */
  readonly withdraw: (tokens: readonly string[]) => Promise<void>;
}

/** Milliseconds. An agent that is restarted is back within less. */
const [firstPause, longestPause, patience] = [50, 1_000, 5_000];

/** There is a connection while there is something to hold. One that breaks is made again, and all is published anew. */
export function agentLink(path: string, clock: Clock): AgentLink {
  const held = new Map<string, Answerable>();
  let session: Promise<ControlSession> | undefined;
  let restoring: AbortController | undefined;

  const lost = (): void => {
    session = undefined;
    if (held.size > 0) void restore();
  };
  const connected = async (): Promise<ControlSession> => {
    session ??= openHolding(path, clock, held).then(
      (opened) => {
        void opened.ended.then(lost);
        return opened;
      },
      (error: unknown) => {
        session = undefined;
        throw error;
      },
    );
    return await session;
  };
  /** Until what is held is published again, or nothing is held any more. */
  const restore = async (): Promise<void> => {
    if (restoring !== undefined) return;
    const stop = new AbortController();
    restoring = stop;
    await repeatedly({ clock, until: Number.POSITIVE_INFINITY, signal: stop.signal }, connected).catch(() => undefined);
    if (restoring === stop) restoring = undefined;
  };
  return {
    publish: async (challenges) => {
      const attempt = async (): Promise<void> => await publishAt(await connected(), challenges);
      await repeatedly({ clock, until: clock.now() + patience }, attempt);
      for (const challenge of challenges) held.set(challenge.token, challenge);
    },
    withdraw: async (tokens) => {
      for (const token of tokens) held.delete(token);
      if (held.size === 0) restoring?.abort();
      const open = await session?.catch(() => undefined);
      for (const part of partsOf(tokens)) {
        await open?.ask({ command: 'withdraw', tokens: part }).catch(() => undefined);
      }
      if (held.size === 0) open?.end();
    },
  };
}

/**
 * Resolves once the agent has answered; one that is restarted is waited for.
 * @throws ChallengeError `agent-unreachable` or `agent-refused`.
 */
export async function greetAgent(path: string, clock: Clock): Promise<void> {
  await repeatedly({ clock, until: clock.now() + patience }, async () => {
    const session = await openControlSession(path, clock);
    await session.ask({ command: 'hello' }).finally(() => session.end());
  });
}

/** A new connection, at which all is published that is held. */
async function openHolding(path: string, clock: Clock, held: ReadonlyMap<string, Answerable>): Promise<ControlSession> {
  const session = await openControlSession(path, clock);
  try {
    await publishAt(session, [...held.values()]);
    return session;
  } catch (error) {
    session.end();
    throw error;
  }
}

async function publishAt(session: ControlSession, challenges: readonly Answerable[]): Promise<void> {
  for (const part of partsOf(challenges)) await session.ask({ command: 'publish', challenges: part });
}

/** As many as a request may have. */
function partsOf<T>(all: readonly T[]): readonly (readonly T[])[] {
  const size = controlLimits.challenges;
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}

interface Repetition {
  readonly clock: Clock;
  /** The time after which the last failure counts. */
  readonly until: number;
  readonly signal?: AbortSignal;
}

/** With pauses that grow, for as long as it fails because nobody is there. */
async function repeatedly({ clock, until, signal }: Repetition, attempt: () => Promise<unknown>): Promise<void> {
  for (let pause = firstPause; ; pause = Math.min(2 * pause, longestPause)) {
    try {
      await attempt();
      return;
    } catch (error) {
      const mayPass = error instanceof ChallengeError && error.code === 'agent-unreachable';
      if (!mayPass || clock.now() + pause > until) throw error;
    }
    await clock.sleep(pause, signal);
  }
}
