import { createPrivateKey, createPublicKey, webcrypto } from 'node:crypto';

const curves: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };
const hashes: Readonly<Record<string, string>> = { 'P-256': 'SHA-256', 'P-384': 'SHA-384', 'P-521': 'SHA-512' };

export interface WebKeys {
  readonly pair: webcrypto.CryptoKeyPair;
  readonly signing: { readonly name: string; readonly hash: string };
}

/** A private key of PEM as @peculiar/x509 takes it. */
export async function webKeys(keyPem: string): Promise<WebKeys> {
  const privateKey = createPrivateKey(keyPem);
  const isRsa = privateKey.asymmetricKeyType === 'rsa';
  const curve = curves[privateKey.asymmetricKeyDetails?.namedCurve ?? ''] ?? 'P-256';
  const hash = isRsa ? 'SHA-256' : (hashes[curve] ?? 'SHA-256');
  const algorithm = isRsa ? { name: 'RSASSA-PKCS1-v1_5', hash } : { name: 'ECDSA', namedCurve: curve };
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const pair = {
    privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']),
    publicKey: await webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']),
  };
  return { pair, signing: { name: algorithm.name, hash } };
}
