import { createPublicKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createCsr, readCsr } from '../../../src-node/certificate/csr.js';
import {
  ellipticCurves,
  generatePrivateKey,
  type KeySpecification,
} from '../../../src-node/certificate/private-key.js';
import { run, runOrThrow } from '../../support/child.js';
import { temporaryDirectory } from '../../support/temporary.js';

const specifications: readonly (readonly [string, KeySpecification, string])[] = [
  ...ellipticCurves.map((curve) => [curve, { type: 'ecdsa', curve }, 'ecdsa-with-SHA'] as const),
  ['RSA 2048', { type: 'rsa', size: 2048 }, 'sha256WithRSAEncryption'],
  ['RSA 3072', { type: 'rsa', size: 3072 }, 'sha256WithRSAEncryption'],
];

it.each(specifications)('openssl verifies a request of %s', async (_, specification, algorithm) => {
  const directory = temporaryDirectory();
  try {
    const names = ['a.example', '*.b.example', `${'x'.repeat(63)}.${'y'.repeat(63)}.example`, 'xn--bcher-kva.example'];
    const key = await generatePrivateKey(specification);
    const file = join(directory.path, 'csr.der');
    writeFileSync(file, await createCsr({ names, privateKey: key, mustStaple: false }));
    const { code, stdout, stderr } = await run('openssl', [
      ...['req', '-in', file, '-inform', 'DER', '-verify', '-noout', '-text', '-pubkey'],
    ]);
    expect(code, stderr).toBe(0);
    expect(`${stdout}${stderr}`).toMatch(/verify OK/);
    expect(stdout).toMatch(new RegExp(`Signature Algorithm: ${algorithm}`));
    expect(stdout).toMatch(/^ *Subject: *$/m);
    expect(stdout).toContain(names.map((name) => `DNS:${name}`).join(', '));
    expect(stdout).toContain(createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString());
  } finally {
    directory.remove();
  }
});

it('takes a key as openssl writes it of old', async () => {
  const { stdout } = await run('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout']);
  expect(stdout).toContain('BEGIN EC PRIVATE KEY');
  await expect(createCsr({ names: ['a.example'], privateKey: stdout, mustStaple: false })).resolves.toBeInstanceOf(
    Buffer,
  );
});

it('refuses what is no key', async () => {
  await expect(createCsr({ names: ['a.example'], privateKey: 'garbage', mustStaple: false })).rejects.toThrow();
});

it('has addresses as such, and asks for stapling where told', async () => {
  const privateKey = await generatePrivateKey({ type: 'ecdsa', curve: 'secp256r1' });
  const names = ['a.example', '192.0.2.1', '2001:db8::1'];
  const text = async (mustStaple: boolean): Promise<string> => {
    const csr = await createCsr({ names, privateKey, mustStaple });
    const input = `-----BEGIN CERTIFICATE REQUEST-----\n${csr.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE REQUEST-----\n`;
    return await runOrThrow('openssl', ['req', '-noout', '-text'], { input });
  };
  const plain = await text(false);
  expect(plain).toContain('DNS:a.example, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1');
  expect(plain).not.toContain('TLS Feature');
  expect(await text(true)).toMatch(/TLS Feature: *\n *status_request/);
});

describe('readCsr', () => {
  const withFiles = async (test: (at: (name: string) => string) => Promise<void>): Promise<void> => {
    const directory = temporaryDirectory();
    try {
      await test((name) => join(directory.path, name));
    } finally {
      directory.remove();
    }
  };
  const openssl = async (file: string, key: string, ...args: readonly string[]): Promise<Buffer> => {
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key];
    await runOrThrow('openssl', ['req', '-new', '-out', file, ...newKey, ...args]);
    return readFileSync(file);
  };

  it.each(['PEM', 'DER'])("reads openssl's, as %s", async (form) => {
    await withFiles(async (at) => {
      const names = 'subjectAltName=DNS:www.a.example,IP:2001:db8::1,DNS:*.b.example,DNS:a.example';
      const args = ['-subj', '/CN=A.example', '-addext', names, '-outform', form];
      const csr = await readCsr(await openssl(at('csr'), at('key'), ...args), at('csr'));
      expect(csr.names).toEqual(['a.example', 'www.a.example', '*.b.example', '2001:db8::1']);
      expect(csr.publicKey).toBe(await runOrThrow('openssl', ['pkey', '-in', at('key'), '-pubout']));
      writeFileSync(at('der'), csr.der);
      await runOrThrow('openssl', ['req', '-in', at('der'), '-inform', 'DER', '-verify', '-noout']);
    });
  });

  it('reads one without a subject, one of a CN alone, and one that says NEW', async () => {
    await withFiles(async (at) => {
      const empty = await openssl(at('a'), at('key'), '-subj', '/', '-addext', 'subjectAltName=DNS:a.example');
      expect((await readCsr(empty, 'a')).names).toEqual(['a.example']);
      const cn = await openssl(at('b'), at('key'), '-subj', '/O=Org/CN=b.example', '-newhdr');
      expect(cn.toString()).toContain('BEGIN NEW CERTIFICATE REQUEST');
      expect((await readCsr(cn, 'b')).names).toEqual(['b.example']);
    });
  });

  it.each(specifications)('takes the signature of %s', async (_, specification) => {
    const privateKey = await generatePrivateKey(specification);
    const der = await createCsr({ names: ['a.example'], privateKey, mustStaple: true });
    expect((await readCsr(der, 'csr')).names).toEqual(['a.example']);
  });

  it('refuses a wrong signature', async () => {
    const privateKey = await generatePrivateKey({ type: 'ecdsa', curve: 'secp256r1' });
    const der = await createCsr({ names: ['a.example'], privateKey, mustStaple: false });
    der[der.indexOf('a.example')] = 'b'.charCodeAt(0);
    await expect(readCsr(der, '/x/csr.der')).rejects.toMatchObject({
      code: 'csr-signature',
      message: expect.stringContaining('/x/csr.der') as string,
    });
  });

  it.each([
    ['nothing', ''],
    ['garbage', 'garbage'],
    ['a garbled request', '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n'],
    ['an encrypted key', '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n'],
    ['a certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
  ])('refuses %s, naming the file', async (_, text) => {
    await expect(readCsr(Buffer.from(text), '/x/a.csr')).rejects.toMatchObject({
      code: 'csr-unreadable',
      message: expect.stringContaining('/x/a.csr') as string,
    });
  });
});
