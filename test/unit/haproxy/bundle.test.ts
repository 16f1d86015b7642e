import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { generatePrivateKey } from '../../../src-node/certificate/private-key.js';
import { buildBundle } from '../../../src-node/haproxy/bundle.js';
import { run } from '../../support/child.js';
import { haproxyBin } from '../../support/haproxy.js';
import { freePort, loopback } from '../../support/loopback.js';
import { temporaryDirectory } from '../../support/temporary.js';
import { testCertificate } from '../../support/test-certificate.js';

const code = (wanted: string): unknown => expect.objectContaining({ name: 'DeployError', code: wanted });

it('is leaf, chain and key, without blank lines and carriage returns', async () => {
  const { leaf, intermediates, privateKey } = await testCertificate({ names: ['a.example'] });
  const messy = `subject=x\n${leaf}\n\n${intermediates}`.replaceAll('\n', '\r\n');
  const bundle = buildBundle(messy, `\n${privateKey}\n\n`, 'a.example');
  expect(bundle).toBe(leaf + intermediates + privateKey);
  expect(bundle).not.toMatch(/\n\n|\r/);
});

it.each([
  { type: 'ecdsa', curve: 'secp256r1' },
  { type: 'ecdsa', curve: 'secp521r1' },
  { type: 'rsa', size: 2048 },
] as const)('is a file that HAProxy loads: $type', async (keySpecification) => {
  const directory = temporaryDirectory();
  try {
    const { chain, privateKey } = await testCertificate({ names: ['a.example'], keySpecification });
    writeFileSync(join(directory.path, 'a.pem'), buildBundle(chain, privateKey, 'a'));
    const config = join(directory.path, 'haproxy.cfg');
    const bind = `bind ${loopback}:${await freePort()} ssl crt ${directory.path}/a.pem`;
    writeFileSync(
      config,
      `defaults\n  mode http\n  timeout client 1s\n  timeout server 1s\n  timeout connect 1s\nfrontend f\n  ${bind}\n`,
    );
    const { code: exit, stderr } = await run(haproxyBin, ['-c', '-f', config]);
    expect(exit, stderr).toBe(0);
  } finally {
    directory.remove();
  }
});

it('takes a certificate without a chain', async () => {
  const { leaf, privateKey } = await testCertificate({ names: ['a.example'] });
  expect(buildBundle(leaf, privateKey, 'a')).toBe(leaf + privateKey);
});

it('takes nothing of a key file but its key', async () => {
  const { chain, leaf, privateKey } = await testCertificate({ names: ['a.example'] });
  expect(buildBundle(leaf, chain + privateKey, 'a')).toBe(leaf + privateKey);
});

it('refuses a part that is missing, and a key of another certificate', async () => {
  const { chain, intermediates, leaf, privateKey } = await testCertificate({ names: ['a.example'] });
  const otherKey = await generatePrivateKey({ type: 'rsa', size: 2048 });
  for (const [fullchain, key] of [
    ['', privateKey],
    [privateKey, privateKey],
    [chain, ''],
    [chain, chain],
    [chain, privateKey.slice(0, 60)],
    [chain, otherKey],
    [intermediates + leaf, privateKey],
  ] as const) {
    expect(() => buildBundle(fullchain, key, 'a')).toThrow(code('bundle-invalid'));
  }
});
