import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AcmeError } from '../acme/acme-error.js';
import { describePrivateKey, generatePrivateKey } from '../certificate/private-key.js';
import { keyMatches } from '../certificate/x509.js';
import type { Lineage, RenewalSettings } from '../lineage/lineage.js';
import { LineageError } from '../lineage/lineage-error.js';
import { systemReason } from '../platform/coded-error.js';
import type { Dependencies } from './dependencies.js';
import { settingsForNames } from './merge-settings.js';
import { orderCertificate, type OrderedCertificate } from './order-certificate.js';

/** A version to be made, of a lineage that exists or of a new one. */
export interface RenewalRequest {
  readonly certName: string;
  readonly names: readonly string[];
  readonly settings: RenewalSettings;
  /** The private key to be used again; a new one is made where there is none. */
  readonly keyFile?: string | undefined;
  /** A lineage's first version may have another deploy hook than its renewals. */
  readonly deployHook: string | undefined;
  /** A trial: every name is validated anew, and nothing is kept. */
  readonly dryRun: boolean;
  /** live/NAME of a lineage that exists. */
  readonly lineageDirectory?: string | undefined;
}

/**
 * The way of one renewal up to its storage: ordered, the version saved, deploy hooks. Giving it to HAProxy comes after,
 * once for all lineages of a run (deploy-lineages).
 * @throws what the rooms throw; live/ is then as it was.
 */
export async function renewLineage(request: RenewalRequest, dependencies: Dependencies): Promise<Lineage> {
  const { certName, names, settings } = request;
  const { store, hooks, onProgress } = dependencies;
  const privateKey = await keyFor(request);
  const ordered = await order(request, privateKey, dependencies);
  const kept = { ...settings, ...keySettings(privateKey), account: ordered.account };
  const lineage = await store.saveVersion(
    certName,
    { ...ordered.chain, privateKey },
    settingsForNames(kept, ordered.names),
  );
  onProgress({ kind: 'issue', certName, names, step: { kind: 'stored' } });
  const lineageDirectory = dirname(lineage.live.cert);
  await hooks.deploy(request.deployHook, { domains: ordered.names, lineageDirectory });
  return lineage;
}

/** The same up to the certificate, which is thrown away. @returns its names. */
export async function tryRenewal(request: RenewalRequest, dependencies: Dependencies): Promise<readonly string[]> {
  const { lineageDirectory, deployHook } = request;
  const { names } = await order(request, await keyFor(request), dependencies);
  if (lineageDirectory !== undefined) await dependencies.hooks.deploy(deployHook, { domains: names, lineageDirectory });
  return names;
}

async function order(
  request: RenewalRequest,
  privateKey: string,
  dependencies: Dependencies,
): Promise<OrderedCertificate> {
  const { certName, names: wanted, settings } = request;
  const { mustStaple } = settings;
  const { hooks, onProgress } = dependencies;
  onProgress({ kind: 'issue', certName, names: wanted, step: { kind: 'started' } });
  // A pre hook may free the port, or make the directory, that the challenges need: these are looked at after it.
  await hooks.pre(settings.hooks.pre);
  hooks.post(settings.hooks.post);
  const csr = async (names: readonly string[]): Promise<Buffer> => {
    // The library behind it is for those who order only.
    const { createCsr } = await import('../certificate/csr.js');
    return await createCsr({ names, privateKey, mustStaple });
  };
  const ordered = await orderCertificate({ ...request, csr }, dependencies);
  if (keyMatches(ordered.chain.leaf, privateKey)) return ordered;
  throw new AcmeError(
    'acme-bad-answer',
    `The CA at ${settings.server} sent a certificate that is not for the key of its order.`,
  );
}

async function keyFor({ settings, keyFile }: RenewalRequest): Promise<string> {
  if (keyFile !== undefined) return await readKey(keyFile);
  return await generatePrivateKey(
    settings.keyType === 'rsa'
      ? { type: 'rsa', size: settings.rsaKeySize }
      : { type: 'ecdsa', curve: settings.ellipticCurve },
  );
}

/** As certbot: what is kept is what the key is, which may be another than the flags and an older configuration say. */
function keySettings(privateKey: string): Partial<RenewalSettings> {
  const key = describePrivateKey(privateKey);
  if (key === undefined) return {};
  return key.type === 'rsa' ? { keyType: 'rsa', rsaKeySize: key.size } : { keyType: 'ecdsa', ellipticCurve: key.curve };
}

async function readKey(file: string): Promise<string> {
  try {
    const pem = await readFile(file, 'utf8');
    createPrivateKey(pem);
    return pem;
  } catch (error) {
    const message = `The private key ${file} cannot be used again, as reuse_key tells: ${systemReason(error)}.`;
    throw new LineageError('lineage-broken', message, error);
  }
}
