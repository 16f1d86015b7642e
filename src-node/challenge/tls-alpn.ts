import type { SecureContext } from 'node:tls';
import { acmeServerName } from '../certificate/acme-identifier.js';
import type { Clock } from '../platform/clock.js';
import type { Challenge, ChallengePublisher } from './challenge-publisher.js';
import type { ListenAddress } from './listen.js';
import { startTlsServer } from './tls-server.js';
import { serverWhileNeeded } from './while-needed.js';
import { refuseWildcards } from './wildcard.js';

const day = 24 * 60 * 60 * 1_000;

/** The certificate that a client is shown who asks for `serverName`. */
interface Shown {
  readonly serverName: string;
  readonly token: string;
  readonly context: SecureContext;
}

/**
 * Answers tls-alpn-01 (RFC 8737) by a server of its own, which listens while there is a challenge to answer: on port 443
 * where nothing else does, or behind an HAProxy that leads connections of ALPN acme-tls/1 to it. As with
 * `standalonePublisher`, `check` takes the port and lets it go, and all orders of a run MUST share one publisher for an address.
 */
export function tlsAlpnPublisher(where: ListenAddress, clock: Clock): ChallengePublisher {
  let shown: readonly Shown[] = [];
  const contextFor = (wanted: string): SecureContext | undefined =>
    shown.findLast(({ serverName }) => serverName === wanted)?.context;
  const server = serverWhileNeeded(
    async () => await startTlsServer(where, contextFor),
    () => shown.length > 0,
  );
  const show = certificateMaker(clock);
  return {
    types: ['tls-alpn-01'],
    check: async (names) => {
      refuseWildcards(names, '--tls-alpn-01');
      await server.check();
    },
    publish: async (challenges) => {
      if (challenges.length === 0) return;
      const more = await Promise.all(challenges.map(show));
      await server.publish(() => {
        shown = [...shown, ...more];
      });
    },
    withdraw: async (challenges) => {
      const gone = new Set(challenges.map(({ token }) => token));
      await server.withdraw(() => {
        shown = shown.filter(({ token }) => !gone.has(token));
      });
    },
  };
}

/** One key does for all certificates of a run: what a CA looks at is what they say. */
function certificateMaker(clock: Clock): (challenge: Challenge) => Promise<Shown> {
  let key: Promise<string> | undefined;
  return async ({ name, token, validation }) => {
    const [{ generatePrivateKey }, { createAcmeIdentifierCertificate }, { createSecureContext }] = await Promise.all([
      import('../certificate/private-key.js'),
      import('../certificate/acme-identifier-certificate.js'),
      import('node:tls'),
    ]);
    key ??= generatePrivateKey({ type: 'ecdsa', curve: 'secp256r1' });
    const privateKey = await key;
    const now = clock.now();
    const cert = await createAcmeIdentifierCertificate({
      ...{ name, digest: validation, privateKey },
      ...{ notBefore: now - day, notAfter: now + 7 * day },
    });
    // RFC 8737 section 3: TLS 1.2 or higher.
    const context = createSecureContext({ key: privateKey, cert, ca: [], minVersion: 'TLSv1.2' });
    return { serverName: acmeServerName(name), token, context };
  };
}
