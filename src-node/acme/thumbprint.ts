import { createHash, createPublicKey } from 'node:crypto';

/** The members that count for each kind of key, in the order in which they stand (RFC 7638 section 3.2). */
const members: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  RSA: ['e', 'kty', 'n'],
};

/** RFC 7638: base64url of the SHA-256 of a key's JWK, which is what an ACME account is known by in challenges. */
export function accountThumbprint(privateKey: string): string {
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' }) as Readonly<Record<string, unknown>>;
  const counting = (members[String(jwk['kty'])] ?? []).map((name) => [name, jwk[name]]);
  return createHash('sha256')
    .update(JSON.stringify(Object.fromEntries(counting)))
    .digest('base64url');
}

/** RFC 8555 section 8.1. */
export function keyAuthorization(token: string, privateKey: string): string {
  return `${token}.${accountThumbprint(privateKey)}`;
}

/** What the TXT record of a dns-01 challenge holds (RFC 8555 section 8.4). */
export function dnsValidation(authorization: string): string {
  return createHash('sha256').update(authorization).digest('base64url');
}
