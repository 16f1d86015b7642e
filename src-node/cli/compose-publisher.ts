import type { ChallengePublisher } from '../challenge/challenge-publisher.js';
import type { ListenAddress } from '../challenge/listen.js';
import { manualPublisher, type ManualSurroundings } from '../challenge/manual.js';
import { runtimeMapPublisher } from '../challenge/runtime-map.js';
import { defaultSpoeControl, spoePublisher } from '../challenge/spoe.js';
import { standalonePublisher } from '../challenge/standalone.js';
import { statelessPublisher } from '../challenge/stateless.js';
import { tlsAlpnPublisher } from '../challenge/tls-alpn.js';
import { webrootPublisher } from '../challenge/webroot.js';
import type { Authenticator } from '../config/config.js';
import { openTokenMaps } from '../haproxy/challenge-map.js';
import { localServer } from '../haproxy/local-server.js';
import type { RenewalSettings } from '../lineage/lineage.js';
import { systemClock } from '../platform/clock.js';
import { pidfileOf } from '../renewal/merge-settings.js';
import { RenewalError } from '../renewal/renewal-error.js';

/** Where a CA asks, whatever the lineage says. */
const caPorts = { http: 80, https: 443 };

type Compose = (settings: RenewalSettings) => Promise<ChallengePublisher>;

/** The way to answer that a lineage has. */
export function composePublishers(manual: ManualSurroundings): Compose {
  // Orders of one run share a server: a second one would find the port in use.
  const shared = new Map<string, ChallengePublisher>();
  const once = (key: string, make: () => ChallengePublisher): ChallengePublisher => {
    const made = shared.get(key) ?? make();
    shared.set(key, made);
    return made;
  };
  const ways: Readonly<Record<Authenticator, (settings: RenewalSettings) => ReturnType<Compose> | ChallengePublisher>> =
    {
      webroot: ({ webrootMap }) => webrootPublisher(webrootMap),
      standalone: async (settings) => {
        const where = await placeOf(settings, caPorts.http, settings.http01Port, settings.http01Address);
        return once(`standalone ${where.port} ${where.address ?? ''}`, () => standalonePublisher(where));
      },
      'runtime-map': ({ runtimeMap, haproxy }) => {
        const place = { ...haproxy, pidfile: pidfileOf(haproxy), clock: systemClock };
        const open = async (map: string): ReturnType<typeof openTokenMaps> => await openTokenMaps(map, place);
        return runtimeMapPublisher(runtimeMap, { open, clock: systemClock });
      },
      stateless: () => statelessPublisher(),
      'tls-alpn-01': async (settings) => {
        const where = await placeOf(settings, caPorts.https, settings.tlsAlpn01Port, settings.tlsAlpn01Address);
        return once(`tls-alpn-01 ${where.port} ${where.address ?? ''}`, () => tlsAlpnPublisher(where, systemClock));
      },
      spoe: ({ spoeControl }) => {
        const sockets = spoeControl.length > 0 ? spoeControl : [defaultSpoeControl];
        return once(`spoe ${sockets.join(' ')}`, () => spoePublisher(sockets, systemClock));
      },
      manual: (settings) => manualPublisher(settings, manual),
    };
  return async (settings) => {
    const { authenticator } = settings;
    if (Object.hasOwn(ways, authenticator)) return await ways[authenticator as Authenticator](settings);
    throw new RenewalError('authenticator-unsupported', `There is no authenticator '${authenticator}'.`);
  };
}

/** On another port than the CA's only HAProxy comes, to the address that its configuration has. */
async function placeOf(
  { haproxy }: RenewalSettings,
  caPort: number,
  port: number = caPort,
  address?: string,
): Promise<ListenAddress> {
  if (address !== undefined || port === caPort) return { port, address };
  return { port, address: await localServer({ ...haproxy, pidfile: pidfileOf(haproxy) }, port) };
}
