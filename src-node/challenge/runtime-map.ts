import { randomBytes } from 'node:crypto';
import type { Clock } from '../platform/clock.js';
import { ChallengeError } from './challenge-error.js';
import type { Challenge, ChallengePublisher } from './challenge-publisher.js';
import { refuseWildcards } from './wildcard.js';

/** A map in the memory of a HAProxy, by one of its sockets. Each MAY throw where that HAProxy cannot be told. */
export interface TokenMap {
  /** The socket, as the user named it. */
  readonly address: string;
  /** The maps that this HAProxy has, by the names that its configuration has for them. */
  readonly loaded: () => Promise<readonly string[]>;
  readonly holds: (key: string, value: string) => Promise<boolean>;
  /** In place of what the key has. @returns HAProxy's words where it refuses. */
  readonly set: (key: string, value: string) => Promise<string | undefined>;
  /** @returns HAProxy's words where it refuses; undefined also for a key that is not there. */
  readonly remove: (key: string) => Promise<string | undefined>;
}

export interface MapSurroundings {
  /** The map of this name by each socket that is known; none where no socket is. */
  readonly open: (map: string) => Promise<readonly TokenMap[]>;
  readonly clock: Clock;
}

/** Milliseconds between two looks whether HAProxy still has the challenges. */
const interval = 200;

/**
 * Publishes a challenge as an entry of a HAProxy map, TOKEN and key authorization, by every socket. A reload begins with
 * the map's file, in which there is nothing: until they are withdrawn, entries that are missing are put there again.
 */
export function runtimeMapPublisher(map: string | undefined, { open, clock }: MapSurroundings): ChallengePublisher {
  const published = new Map<string, string>();
  let maps: readonly TokenMap[] = [];
  let watch: Watch | undefined;
  return {
    types: ['http-01'],
    check: async (names) => {
      refuseWildcards(names, '--runtime-map');
      for (const each of await openMaps(map, open)) await probe(each, map ?? '');
    },
    publish: async (challenges) => {
      maps = await openMaps(map, open);
      try {
        for (const each of maps) for (const challenge of challenges) await put(each, challenge);
      } catch (error) {
        await removeAll(maps, challenges);
        throw error;
      }
      for (const { token, keyAuthorization } of challenges) published.set(token, keyAuthorization);
      watch ??= startWatch(maps, published, clock);
    },
    withdraw: async (challenges) => {
      for (const { token } of challenges) published.delete(token);
      if (published.size === 0) {
        await watch?.end();
        watch = undefined;
      }
      await removeAll(maps, challenges);
    },
  };
}

async function openMaps(map: string | undefined, open: MapSurroundings['open']): Promise<readonly TokenMap[]> {
  if (map === undefined) throw new ChallengeError('map-unset', 'No map is known for --runtime-map.');
  const maps = await open(map);
  if (maps.length > 0) return maps;
  throw new ChallengeError('map-socket-unset', `No stats socket is known by which HAProxy's map ${map} could be told.`);
}

/** Adds an entry as long as the real ones, sees it there, and removes it. */
async function probe(at: TokenMap, map: string): Promise<void> {
  const loaded = await at.loaded();
  if (!loaded.includes(map)) {
    const others = loaded.length === 0 ? 'it has none' : `its maps: ${loaded.slice(0, 20).join(', ')}`;
    throw new ChallengeError('map-not-loaded', `HAProxy at ${at.address} has no map ${map}; ${others}.`);
  }
  const token = `probe-${randomBytes(16).toString('hex')}`;
  const keyAuthorization = `${token}.${'-'.repeat(43)}`;
  try {
    await put(at, { token, keyAuthorization });
    const refusal = await at.remove(token);
    if (refusal !== undefined || (await at.holds(token, keyAuthorization))) throw refused(at, 'withdrawn', refusal);
  } catch (error) {
    await at.remove(token).catch(() => undefined);
    throw error;
  }
}

type Entry = Pick<Challenge, 'token' | 'keyAuthorization'>;

async function put(at: TokenMap, { token, keyAuthorization }: Entry): Promise<void> {
  const refusal = await at.set(token, keyAuthorization);
  if (refusal !== undefined || !(await at.holds(token, keyAuthorization))) throw refused(at, 'given', refusal);
}

function refused({ address }: TokenMap, what: 'given' | 'withdrawn', words: string | undefined): ChallengeError {
  const why = words === undefined ? 'it says nothing against it, and does not do it' : printable(words);
  return new ChallengeError('map-refused', `HAProxy at ${address} could not be ${what} a challenge: ${why}.`);
}

/** The first line, without what may be of the challenge. */
function printable(words: string): string {
  const [first = ''] = words.split('\n');
  return first
    .replace(/[\w-]{16,}/g, 'TOKEN')
    .replace(/\.$/, '')
    .slice(0, 200);
}

/** One that is gone has nothing to withdraw, and each further entry would be waited for. */
async function removeAll(maps: readonly TokenMap[], challenges: readonly Entry[]): Promise<void> {
  for (const each of maps) {
    try {
      for (const { token } of challenges) await each.remove(token);
    } catch {
      // A reload forgets them anyway.
    }
  }
}

interface Watch {
  /** Resolves once nothing is put anywhere any more. */
  readonly end: () => Promise<void>;
}

function startWatch(maps: readonly TokenMap[], published: ReadonlyMap<string, string>, clock: Clock): Watch {
  const stop = new AbortController();
  const look = async (at: TokenMap): Promise<void> => {
    for (const [token, keyAuthorization] of [...published]) {
      if (stop.signal.aborted) return;
      if (!published.has(token) || (await at.holds(token, keyAuthorization))) continue;
      await put(at, { token, keyAuthorization });
      // It may have been withdrawn meanwhile.
      if (!published.has(token)) await at.remove(token);
    }
  };
  const watchOver = async (at: TokenMap): Promise<void> => {
    while (!stop.signal.aborted) {
      await clock.sleep(interval, stop.signal).catch(() => undefined);
      // One that does not answer is starting anew, or gone: it is asked again.
      await look(at).catch(() => undefined);
    }
  };
  // Each by itself, so that one that hangs holds up none.
  const watching = Promise.all(maps.map(watchOver));
  return {
    end: async () => {
      stop.abort();
      await watching;
    },
  };
}
