import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AcmeError } from '../acme/acme-error.js';
import type { IssueWishes } from '../acme/certificate-authority.js';
import { splitChain } from '../certificate/chain.js';
import { generatePrivateKey } from '../certificate/private-key.js';
import { keyMatches } from '../certificate/x509.js';
import type { Lineage, RenewalSettings } from '../lineage/lineage.js';
import { LineageError } from '../lineage/lineage-error.js';
import { systemReason } from '../platform/coded-error.js';
import type { Dependencies } from './dependencies.js';

/** A version to be made, of a lineage that exists or of a new one. */
export interface RenewalRequest {
  readonly certName: string;
  readonly names: readonly string[];
  readonly settings: RenewalSettings;
  /** The private key to be used again; a new one is made where there is none. */
  readonly keyFile?: string | undefined;
  /** A lineage's first version may have another deploy hook than its renewals. */
  readonly deployHook: string | undefined;
}

/**
 * The way of one renewal up to its storage: pre hooks, order, challenges published, validated and withdrawn, finalized,
 * the version saved, deploy hooks. Giving it to HAProxy comes after, once for all lineages of a run (deploy-lineages).
 * @throws what the rooms throw; live/ is then as it was.
 */
export async function renewLineage(request: RenewalRequest, dependencies: Dependencies): Promise<Lineage> {
  const { certName, names, settings } = request;
  const { store, authority, publisher, hooks, onProgress } = dependencies;
  const tell = (step: Parameters<typeof onProgress>[0] & { kind: 'issue' }): void => onProgress(step);
  tell({ kind: 'issue', certName, names, step: { kind: 'started' } });
  // A pre hook may free the port, or make the directory, that the challenges need.
  await hooks.pre(settings.hooks.pre);
  hooks.post(settings.hooks.post);
  const challenges = publisher(settings);
  await challenges.check(names);

  const privateKey = await keyFor(request);
  const ca = await authority(settings);
  const {
    chain,
    account,
    names: issued,
  } = await ca.issue({
    names,
    // The library behind it is for those who order only.
    csr: async (included) => {
      const { createCsr } = await import('../certificate/csr.js');
      return await createCsr({ names: included, privateKey, mustStaple: settings.mustStaple });
    },
    publisher: challenges,
    wishes: wishesOf(settings),
    onStep: (step) => tell({ kind: 'issue', certName, names, step }),
  });
  const parts = splitChain(chain);
  if (parts === undefined || !keyMatches(parts.leaf, privateKey)) {
    throw new AcmeError(
      'acme-bad-answer',
      `The CA at ${settings.server} sent a certificate that is not for the key of its order.`,
    );
  }
  const lineage = await store.saveVersion(certName, { ...parts, privateKey }, { ...settings, account });
  tell({ kind: 'issue', certName, names, step: { kind: 'stored' } });
  await hooks.deploy(request.deployHook, { domains: issued, lineageDirectory: dirname(lineage.live.cert) });
  return lineage;
}

function wishesOf(settings: RenewalSettings): IssueWishes {
  const { requiredProfile, preferredProfile, challenges, preferredChain, allowSubset } = settings;
  const name = requiredProfile ?? preferredProfile;
  const profile = name === undefined ? undefined : { name, required: requiredProfile !== undefined };
  return { challenges, preferredChain, allowSubset, profile, fresh: false };
}

async function keyFor({ settings, keyFile }: RenewalRequest): Promise<string> {
  if (keyFile !== undefined) return await readKey(keyFile);
  return await generatePrivateKey(
    settings.keyType === 'rsa'
      ? { type: 'rsa', size: settings.rsaKeySize }
      : { type: 'ecdsa', curve: settings.ellipticCurve },
  );
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
