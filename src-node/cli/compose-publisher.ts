import type { ChallengePublisher } from '../challenge/challenge-publisher.js';
import { manualPublisher, type ManualSurroundings } from '../challenge/manual.js';
import { standalonePublisher } from '../challenge/standalone.js';
import { webrootPublisher } from '../challenge/webroot.js';
import type { RenewalSettings } from '../lineage/lineage.js';

const httpPort = 80;

/** The way to answer that a lineage has. */
export function composePublishers(manual: ManualSurroundings): (settings: RenewalSettings) => ChallengePublisher {
  // Orders of one run share a server: a second one would find the port in use.
  const servers = new Map<string, ChallengePublisher>();
  return (settings) => {
    if (settings.authenticator === 'webroot') return webrootPublisher(settings.webrootMap);
    if (settings.authenticator === 'manual') return manualPublisher(settings, manual);
    const { http01Port: port = httpPort, http01Address: address } = settings;
    const key = `${port} ${address ?? ''}`;
    const server = servers.get(key) ?? standalonePublisher({ port, address });
    servers.set(key, server);
    return server;
  };
}
