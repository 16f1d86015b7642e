import { createHash, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  acmeIdentifierDigest,
  acmeServerName,
  readAcmeIdentifier,
} from '../../../src-node/certificate/acme-identifier.js';
import { createAcmeIdentifierCertificate } from '../../../src-node/certificate/acme-identifier-certificate.js';
import { generatePrivateKey } from '../../../src-node/certificate/private-key.js';
import { createSelfSigned } from '../../../src-node/certificate/self-signed.js';
import { runOrThrow } from '../../support/child.js';
import { temporaryDirectory } from '../../support/temporary.js';

const directory = temporaryDirectory();
afterAll(directory.remove);

const keyAuthorization = 'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI';
const digest = acmeIdentifierDigest(keyAuthorization);
const dates = { notBefore: Date.UTC(2026, 4, 1), notAfter: Date.UTC(2026, 4, 8) };
const long = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.example`;
let privateKey: string;
beforeAll(async () => {
  privateKey = await generatePrivateKey({ type: 'ecdsa', curve: 'secp256r1' });
});

async function made(name: string): Promise<X509Certificate> {
  return new X509Certificate(await createAcmeIdentifierCertificate({ name, digest, privateKey, ...dates }));
}

it('the digest is SHA-256 of the key authorization', () => {
  expect(digest).toBe(createHash('sha256').update(keyAuthorization).digest('hex'));
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
});

describe('createAcmeIdentifierCertificate', () => {
  it.each([
    ['a name', 'a.example', 'DNS:a.example'],
    ['a name longer than a CN may be', long, `DNS:${long}`],
    ['an IPv4 address', '192.0.2.7', 'IP Address:192.0.2.7'],
    ['an IPv6 address', '2001:db8::7', 'IP Address:2001:DB8:0:0:0:0:0:7'],
  ])('is for %s alone, signed by its own key', async (_, name, alternative) => {
    const certificate = await made(name);
    expect(certificate.subjectAltName).toBe(alternative);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    expect(Date.parse(certificate.validFrom)).toBe(dates.notBefore);
  });

  it('has the critical extension as openssl decodes it', async () => {
    const file = join(directory.path, 'made.pem');
    writeFileSync(file, (await made('a.example')).toString());
    const stdout = await runOrThrow('openssl', ['asn1parse', '-in', file]);
    const lines = stdout.split('\n').map((line) => line.replace(/^.*?(?:prim|cons): /, '').trim());
    const at = lines.findIndex((line) => /^OBJECT +:1\.3\.6\.1\.5\.5\.7\.1\.31$/.test(line));
    expect(lines[at + 1]).toMatch(/^BOOLEAN +:255$/);
    expect(lines[at + 2]).toBe(`OCTET STRING      [HEX DUMP]:0420${digest.toUpperCase()}`);
    expect(lines.filter((line) => line.includes('X509v3 Subject Alternative Name'))).toHaveLength(1);
  });
});

describe('readAcmeIdentifier', () => {
  it.each(['a.example', '192.0.2.7', '2001:db8::7'])('reads what was made for %s', async (name) => {
    expect(readAcmeIdentifier((await made(name)).raw)).toEqual({ names: [name], digest });
  });

  it('reads nothing where there is no such extension, nor where it is twice, broken off, not critical or of other length', async () => {
    const { raw } = await made('a.example');
    const plain = await createSelfSigned({ name: 'a.example', privateKey, ...dates });
    const extension = Buffer.from('06082b0601050507011f0101ff04220420', 'hex');
    const at = raw.indexOf(extension);
    expect(at).toBeGreaterThan(0);
    const changed = (offset: number, byte: number): Buffer => {
      const copy = Buffer.from(raw);
      copy[at + offset] = byte;
      return copy;
    };
    for (const der of [
      new X509Certificate(plain).raw,
      Buffer.alloc(0),
      Buffer.concat([raw, extension]),
      raw.subarray(0, at + extension.length + 31),
      raw.subarray(0, -1),
      changed(12, 0),
      changed(16, 31),
    ]) {
      expect(readAcmeIdentifier(der)).toBeUndefined();
    }
  });
});

it.each([
  ['A.Example', 'a.example'],
  ['192.0.2.7', '7.2.0.192.in-addr.arpa'],
  ['2001:db8::7', '7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa'],
  ['::', `${'0.'.repeat(32)}ip6.arpa`],
  ['1::', `${'0.'.repeat(28)}1.0.0.0.ip6.arpa`],
  ['::ffff:192.0.2.7', `7.0.2.0.0.0.0.c.f.f.f.f.${'0.'.repeat(20)}ip6.arpa`],
])('the SNI of %s is %s', (name, serverName) => {
  expect(acmeServerName(name)).toBe(serverName);
});
