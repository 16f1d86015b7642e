import type { ChallengePublisher } from '../challenge/challenge-publisher.js';
import { manualPublisher, type ManualSurroundings } from '../challenge/manual.js';
import { runtimeMapPublisher } from '../challenge/runtime-map.js';
import { defaultSpoeControl, spoePublisher } from '../challenge/spoe.js';
import type { ListenAddress } from '../challenge/listen.js';
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

const httpPort = 80;
const httpsPort = 443;

type Compose = (settings: RenewalSettings) => ChallengePublisher;

/** A CA asks port 80; on another one only HAProxy comes, to the address that its configuration has. */
async function standaloneAt({
  http01Port: port = httpPort,
  http01Address,
  haproxy,
}: RenewalSettings): Promise<ListenAddress> {
  if (http01Address !== undefined || port === httpPort) return { port, address: http01Address };
  return { port, address: await localServer({ ...haproxy, pidfile: pidfileOf(haproxy) }, port) };
}

/** The way to answer that a lineage has. */
export function composePublishers(manual: ManualSurroundings): Compose {
  // Orders of one run share a server: a second one would find the port in use.
  const shared = new Map<string, ChallengePublisher>();
  const once = (key: string, make: () => ChallengePublisher): ChallengePublisher => {
    const made = shared.get(key) ?? make();
    shared.set(key, made);
    return made;
  };
  const ways: Readonly<Partial<Record<Authenticator, Compose>>> = {
    webroot: ({ webrootMap }) => webrootPublisher(webrootMap),
    standalone: (settings) => {
      const { http01Port: port = httpPort, http01Address: address, haproxy } = settings;
      const place = [port, address, ...(address === undefined ? haproxy.cfg : [])];
      return once(`standalone ${place.join(' ')}`, () => standalonePublisher(async () => await standaloneAt(settings)));
    },
    'runtime-map': ({ runtimeMap, haproxy }) => {
      const place = { ...haproxy, pidfile: pidfileOf(haproxy), clock: systemClock };
      return runtimeMapPublisher(runtimeMap, {
        open: async (map) => await openTokenMaps(map, place),
        clock: systemClock,
      });
    },
    stateless: () => statelessPublisher(),
    'tls-alpn-01': ({ tlsAlpn01Port: port = httpsPort, tlsAlpn01Address: address }) =>
      once(`tls-alpn-01 ${port} ${address ?? ''}`, () => tlsAlpnPublisher({ port, address }, systemClock)),
    spoe: ({ spoeControl }) => {
      const sockets = spoeControl.length > 0 ? spoeControl : [defaultSpoeControl];
      return once(`spoe ${sockets.join(' ')}`, () => spoePublisher(sockets, systemClock));
    },
    manual: (settings) => manualPublisher(settings, manual),
  };
  return (settings) => {
    const { authenticator } = settings;
    const way = (ways as Readonly<Partial<Record<string, Compose>>>)[authenticator];
    if (way !== undefined) return way(settings);
    throw new RenewalError('authenticator-unsupported', `There is no authenticator '${authenticator}'.`);
  };
}
