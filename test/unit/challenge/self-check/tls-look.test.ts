import { createServer, type Server } from 'node:tls';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { acmeIdentifierDigest } from '../../../../src-node/certificate/acme-identifier.js';
import { createAcmeIdentifierCertificate } from '../../../../src-node/certificate/acme-identifier-certificate.js';
import { generatePrivateKey } from '../../../../src-node/certificate/private-key.js';
import type { Challenge } from '../../../../src-node/challenge/challenge-publisher.js';
import { selfCheck, type SelfCheckReport } from '../../../../src-node/challenge/self-check/self-check.js';
import { causes, type Cause } from '../../../../src-node/challenge/self-check/cause.js';
import { createSelfSigned } from '../../../../src-node/certificate/self-signed.js';
import { freePort, loopback } from '../../../support/loopback.js';

const keyAuthorization = `${'t'.repeat(43)}.${'k'.repeat(43)}`;
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

interface Shown {
  readonly name?: string;
  readonly digest?: string;
  readonly protocols?: readonly string[];
  readonly plain?: boolean;
}

/** A server that shows a certificate to whoever asks. */
async function serve({ name = 'a.test', digest, protocols = ['acme-tls/1'], plain = false }: Shown): Promise<number> {
  const privateKey = await generatePrivateKey({ type: 'ecdsa', curve: 'secp256r1' });
  const validity = { notBefore: Date.now() - 1_000, notAfter: Date.now() + 60_000 };
  const cert = plain
    ? await createSelfSigned({ name, privateKey, ...validity })
    : await createAcmeIdentifierCertificate({
        ...{ name, privateKey, ...validity },
        digest: digest ?? acmeIdentifierDigest(keyAuthorization),
      });
  const server = createServer({ key: privateKey, cert, ALPNProtocols: [...protocols] });
  servers.push(server.on('tlsClientError', () => undefined));
  const port = await freePort();
  await once(server.listen(port, loopback), 'listening');
  return port;
}

async function check(port: number, name = 'a.test'): Promise<SelfCheckReport> {
  const challenge: Challenge = {
    ...{ type: 'tls-alpn-01', name, token: 't'.repeat(43), keyAuthorization },
    validation: acmeIdentifierDigest(keyAuthorization),
  };
  const settings = { selfCheckPort: undefined, selfCheckHttpsPort: port, selfCheckResolver: undefined };
  return await selfCheck(
    [challenge],
    { ...settings, selfCheckAddress: loopback },
    {
      ...{ mode: 'require', authenticator: 'tls-alpn-01', machine: { addresses: [] }, userAgent: 'test/1' },
      signal: new AbortController().signal,
    },
  );
}

describe('tls-alpn-01', () => {
  it.each(['a.test', 'A.test', loopback, '::1'])('is answered by a certificate for %s', async (name) => {
    expect(await check(await serve({ name: name.toLowerCase() }), name)).toMatchObject({
      passed: [name],
      refusal: undefined,
      warnings: [],
    });
  });

  it.each<[Cause, Shown]>([
    ['no-acme-tls', { protocols: ['h2'] }],
    ['no-acme-tls', { protocols: [] }],
    ['other-acme-tls', { digest: acmeIdentifierDigest('another') }],
    ['other-acme-tls', { name: 'b.test' }],
    ['other-acme-tls', { plain: true }],
  ])('is not answered: %s', async (cause, shown) => {
    const { refusal, passed } = await check(await serve(shown));
    expect(passed).toEqual([]);
    expect(refusal?.error).toMatchObject({ code: 'self-check-failed' });
    expect(refusal?.failures[0]?.reason).toContain(causes[cause]);
  });

  it('is not answered where nothing listens', async () => {
    const { refusal } = await check(await freePort());
    expect(refusal?.failures[0]?.reason).toContain(causes['nothing-listens']);
  });
});

it('a run that ends meanwhile ends the look with its reason', async () => {
  const controller = new AbortController();
  const reason = new Error('stop');
  controller.abort(reason);
  const settings = {
    selfCheckPort: 1,
    selfCheckHttpsPort: 1,
    selfCheckAddress: loopback,
    selfCheckResolver: undefined,
  };
  const looking = selfCheck([], settings, {
    ...{ mode: 'require', authenticator: 'webroot', machine: { addresses: [] }, userAgent: 'test/1' },
    signal: controller.signal,
  });
  await expect(looking).rejects.toBe(reason);
});
