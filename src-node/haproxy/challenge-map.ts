import type { TokenMap } from '../challenge/runtime-map.js';
import type { DeployError } from './deploy-error.js';
import type { DeployerSettings } from './deployer-settings.js';
import { answerTimeout, asDeployError, lookAtHaproxy, onlyLow, ownSockets } from './found-haproxy.js';
import { openRuntime, type Runtime } from './runtime-api.js';

/** Which HAProxy's maps are meant. */
export type MapPlace = Pick<DeployerSettings, 'sockets' | 'cfg' | 'pidfile' | 'bin' | 'clock'>;

/** Milliseconds that a master is waited for: it may be gone, which is not to hold up the end of an order. */
const patience = 10_000;

/**
 * The map by every socket that the user names, since each may be another HAProxy, else by those of the configuration that
 * answer; none where no socket is known.
 * @throws DeployError `runtime-unreachable`, `runtime-denied`, `runtime-silent` or `haproxy-config-missing`.
 */
export async function openTokenMaps(map: string, place: MapPlace): Promise<readonly TokenMap[]> {
  const options = { timeout: answerTimeout, clock: place.clock, patience };
  const open: TokenMap[] = [];
  if (place.sockets.length > 0 || place.cfg.length === 0) {
    for (const address of place.sockets) open.push(tokenMap(await openRuntime(address, options), map));
    return open;
  }
  const found = await lookAtHaproxy(place);
  let refusal: DeployError | undefined;
  for (const address of ownSockets(found)) {
    try {
      open.push(tokenMap(await openRuntime(address, options), map));
    } catch (error) {
      refusal ??= asDeployError(error);
    }
  }
  refusal ??= onlyLow(found.config);
  if (open.length === 0 && refusal !== undefined) throw refusal;
  return open;
}

/** Commands on maps (management manual, section 9.3). */
function tokenMap(runtime: Runtime, map: string): TokenMap {
  const command: Runtime['command'] = async (words) => await runtime.command(words);
  return {
    address: runtime.address,
    loaded: async () => {
      const lines = (await command(['show', 'map'])).split('\n');
      // '2 (/etc/haproxy/acme.map) pattern loaded from file ...'
      return lines.flatMap((line) => /^-?\d+ \((.+?)\) /.exec(line)?.[1] ?? []);
    },
    holds: async (key, value) => (await command(['get', 'map', map, key])).includes(`, value="${value}"`),
    set: async (key, value) => {
      // A key that is there is added a second time, and the first one counts.
      const words = await remove(command, map, key);
      return words ?? refusalOf(await command(['add', 'map', map, key, value]));
    },
    remove: async (key) => await remove(command, map, key),
  };
}

async function remove(command: Runtime['command'], map: string, key: string): Promise<string | undefined> {
  const answer = await command(['del', 'map', map, key]);
  return answer.startsWith('Key not found') ? undefined : refusalOf(answer);
}

/** HAProxy says nothing where all is well. */
function refusalOf(answer: string): string | undefined {
  return answer.trim() === '' ? undefined : answer.trim();
}
