import { beforeAll, describe, expect, it } from 'vitest';
import { pemBlocks, privateKeyBlock, splitChain } from '../../../src-node/certificate/chain.js';
import { generatePrivateKey } from '../../../src-node/certificate/private-key.js';
import { runOrThrow } from '../../support/child.js';
import { testCertificate, type TestCertificate } from '../../support/test-certificate.js';

let made: TestCertificate;
beforeAll(async () => {
  made = await testCertificate({ names: ['a.example'] });
});

describe('splitChain', () => {
  it.each<[string, (chain: string) => string]>([
    ['as it is', (chain) => chain],
    ['with CRLF', (chain) => chain.replaceAll('\n', '\r\n')],
    ['with blank lines between', (chain) => chain.replaceAll('-----BEGIN', '\n\n-----BEGIN')],
    ['with blank lines within', (chain) => chain.replaceAll('\n', '\n\n')],
    ['with text around', (chain) => `Bag\n${chain.replaceAll('-----BEGIN', 'subject=CN\n-----BEGIN')}the end`],
    ['without the last line break', (chain) => chain.trimEnd()],
    ['with blanks at the ends of lines', (chain) => chain.replaceAll('\n', ' \n')],
    ['with a key before it', (chain) => made.privateKey + chain],
    ['with a byte order mark', (chain) => `\ufeff${chain}`],
  ])('takes a chain %s to the same bytes', (_, change) => {
    expect(splitChain(change(made.chain))).toEqual({ leaf: made.leaf, intermediates: made.intermediates });
  });

  it('takes a certificate without a chain, and keeps the order of a long one', () => {
    expect(splitChain(made.leaf)).toEqual({ leaf: made.leaf, intermediates: '' });
    const long = made.leaf + made.intermediates + made.leaf;
    expect(splitChain(long)).toEqual({ leaf: made.leaf, intermediates: made.intermediates + made.leaf });
  });

  it.each(['', 'garbage', '-----BEGIN CERTIFICATE-----\n', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END X-----\n'])(
    'finds no certificate in %j',
    (text) => {
      expect(splitChain(text)).toBeUndefined();
    },
  );

  it('finds none in a key', () => {
    expect(splitChain(made.privateKey)).toBeUndefined();
  });

  it('does not take long for a long text without an end', () => {
    const text = '-----BEGIN CERTIFICATE-----\n'.repeat(5_000) + 'A'.repeat(500_000);
    const start = performance.now();
    expect(splitChain(text)).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});

describe('privateKeyBlock', () => {
  it('finds a key of each kind', async () => {
    const rsa = await generatePrivateKey({ type: 'rsa', size: 2048 });
    const traditional = async (key: string): Promise<string> =>
      await runOrThrow('openssl', ['pkey', '-traditional'], { input: key });
    for (const key of [made.privateKey, rsa, await traditional(made.privateKey), await traditional(rsa)]) {
      expect(privateKeyBlock(`${made.chain}\n${key}`)).toBe(key);
    }
    expect(await traditional(rsa)).toContain('BEGIN RSA PRIVATE KEY');
    expect(await traditional(made.privateKey)).toContain('BEGIN EC PRIVATE KEY');
  });

  it('finds none in a chain, nor a public one', async () => {
    expect(privateKeyBlock(made.chain)).toBeUndefined();
    const publicKey = await runOrThrow('openssl', ['pkey', '-pubout'], { input: made.privateKey });
    expect(privateKeyBlock(publicKey)).toBeUndefined();
  });
});

describe('pemBlocks', () => {
  it('finds blocks by their label', () => {
    const text = made.chain + made.privateKey;
    expect(pemBlocks(text, 'CERTIFICATE')).toHaveLength(2);
    expect(pemBlocks(text, 'PRIVATE KEY')).toEqual([made.privateKey]);
    expect(pemBlocks(text, /./)).toHaveLength(3);
  });
});
