import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acmeAuthority } from '../../src-node/acme/acme-authority.js';
import type { Account } from '../../src-node/acme/account.js';
import type { CertificateAuthority } from '../../src-node/acme/certificate-authority.js';
import { splitChain } from '../../src-node/certificate/chain.js';
import { generatePrivateKey, type KeySpecification } from '../../src-node/certificate/private-key.js';
import { accountSource, issue, startAcmeStage, type AcmeStage } from '../support/acme-stage.js';
import { runOrThrow } from '../support/child.js';

let stage: AcmeStage;
let account: Account | undefined;
let owner: CertificateAuthority;
let stranger: CertificateAuthority;

beforeAll(async () => {
  stage = await startAcmeStage();
  const save = async (made: Omit<Account, 'id'>): Promise<Account> =>
    await Promise.resolve((account = { ...made, id: 'a' }));
  owner = acmeAuthority(accountSource(stage, { save }), stage.settings());
  stranger = acmeAuthority(accountSource(stage), stage.settings());
});
afterAll(async () => {
  owner.close();
  stranger.close();
  await stage.stop();
});

interface Leaf {
  readonly certificate: string;
  readonly privateKey: string;
}

async function leafFor(specification: KeySpecification): Promise<Leaf> {
  const privateKey = await generatePrivateKey(specification);
  const names = ['revoked.test'];
  const { chain } = await issue({ authority: owner, names, publisher: stage.publisher(['http-01']), privateKey });
  return { certificate: splitChain(chain)?.leaf ?? '', privateKey };
}

async function status(certificate: string): Promise<{ Status: string; Reason?: number }> {
  const serial = new X509Certificate(certificate).serialNumber.toLowerCase();
  const answer = await stage.pebble.management(`/cert-status-by-serial/${serial}`);
  return JSON.parse(answer) as { Status: string; Reason?: number };
}

describe('revocation', () => {
  it('by the account gives the reason, and succeeds for what is revoked already', async () => {
    const { certificate } = await leafFor({ type: 'ecdsa', curve: 'secp256r1' });
    expect(await status(certificate)).toMatchObject({ Status: 'Valid' });
    await owner.revoke({ certificate, reason: 'superseded', privateKey: undefined });
    expect(await status(certificate)).toMatchObject({ Status: 'Revoked', Reason: 4 });
    await owner.revoke({ certificate, reason: 'keycompromise', privateKey: undefined });
    expect(await status(certificate)).toMatchObject({ Reason: 4 });
  });

  it('by the account that is stored does not make another', async () => {
    const { certificate } = await leafFor({ type: 'ecdsa', curve: 'secp256r1' });
    const again = acmeAuthority(accountSource(stage, { stored: account }), stage.settings());
    await again.revoke({ certificate, reason: 'unspecified', privateKey: undefined });
    again.close();
    expect(await status(certificate)).toMatchObject({ Status: 'Revoked' });
  });

  it.each<KeySpecification>([
    { type: 'rsa', size: 2048 },
    { type: 'ecdsa', curve: 'secp256r1' },
    { type: 'ecdsa', curve: 'secp384r1' },
    { type: 'ecdsa', curve: 'secp521r1' },
  ])("by the certificate's own key needs no account: %j", async (specification) => {
    const { certificate, privateKey } = await leafFor(specification);
    await stranger.revoke({ certificate, reason: 'keycompromise', privateKey });
    expect(await status(certificate)).toMatchObject({ Status: 'Revoked', Reason: 1 });
  });

  it('takes the own key as openssl wrote it of old', async () => {
    const { certificate, privateKey } = await leafFor({ type: 'ecdsa', curve: 'secp256r1' });
    const old = await runOrThrow('openssl', ['ec'], { input: privateKey });
    expect(old).toContain('BEGIN EC PRIVATE KEY');
    await stranger.revoke({ certificate, reason: 'keycompromise', privateKey: old });
    expect(await status(certificate)).toMatchObject({ Status: 'Revoked' });
  });

  it('needs an account that is there, or the right key', async () => {
    const { certificate } = await leafFor({ type: 'ecdsa', curve: 'secp256r1' });
    const other = await generatePrivateKey({ type: 'ecdsa', curve: 'secp256r1' });
    await expect(stranger.revoke({ certificate, reason: 'unspecified', privateKey: undefined })).rejects.toMatchObject({
      code: 'acme-account-unknown',
    });
    for (const [privateKey, code] of [
      [other, 'key-mismatch'],
      ['garbage', 'key-unreadable'],
    ] as const) {
      await expect(stranger.revoke({ certificate, reason: 'unspecified', privateKey })).rejects.toMatchObject({ code });
    }
    expect(await status(certificate)).toMatchObject({ Status: 'Valid' });
  });

  it("by an account that has not issued it is the CA's refusal", async () => {
    const { certificate } = await leafFor({ type: 'ecdsa', curve: 'secp256r1' });
    const other = acmeAuthority(accountSource(stage), stage.settings());
    const publisher = stage.publisher(['http-01']);
    await issue({ authority: other, names: ['other.test'], publisher });
    await expect(other.revoke({ certificate, reason: 'unspecified', privateKey: undefined })).rejects.toMatchObject({
      code: 'acme-problem',
    });
    other.close();
  });
});
