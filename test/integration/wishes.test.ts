import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { topmostIssuer } from '../../src-node/certificate/x509.js';
import { errorCodes } from '../support/report.js';
import { scriptedCa, type CaRequest } from '../support/scripted-ca.js';
import { startStage, type Stage } from '../support/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ pebble: { env: { PEBBLE_ALTERNATE_ROOTS: '1' } } });
});
afterAll(async () => await stage.stop());

const live = (certName: string, kind: string): string =>
  readFileSync(join(stage.configDir, 'live', certName, `${kind}.pem`), 'utf8');
const value = (certName: string, key: string): string | undefined =>
  new RegExp(`^${key} = (.*)$`, 'm').exec(readFileSync(stage.renewalConf(certName), 'utf8'))?.[1];

async function renewByForce(certName: string, ...flags: readonly string[]): Promise<void> {
  const result = await stage.command(['renew', '--force-renewal', '--cert-name', certName, ...flags]);
  expect(result, result.stderr).toMatchObject({ code: 0 });
}

it('--preferred-chain takes the chain of that issuer, else the default one, and is kept', async () => {
  const name = 'chain.test';
  const commonName = async (root: string): Promise<string> =>
    /CN=(.*)/.exec(new X509Certificate(await stage.pebble.management(`/roots/${root}`)).subject)?.[1] ?? '';
  const [usual, other] = [await commonName('0'), await commonName('1')];
  const issuer = (): string | undefined => topmostIssuer(live(name, 'fullchain'));
  await stage.ordered([name], ['--preferred-chain', other]);
  expect([issuer(), value(name, 'preferred_chain')]).toEqual([other, other]);
  await renewByForce(name);
  expect([issuer(), value(name, 'preferred_chain')]).toEqual([other, other]);
  await renewByForce(name, '--preferred-chain', 'Nobody');
  expect([issuer(), value(name, 'preferred_chain')]).toEqual([usual, 'Nobody']);
});

it('--must-staple and --user-agent reach the CA, and a renewal repeats what is kept of them', async () => {
  const name = 'staple.test';
  const ca = await scriptedCa(stage.pebble, () => 'pebble');
  const server = ['--server', ca.directoryUrl];
  /** id-pe-tlsfeature (RFC 7633), as DER. */
  const stapled = (): readonly boolean[] =>
    ca.requests
      .map(({ payload }) => (payload as { csr?: string } | undefined)?.csr)
      .filter((csr) => csr !== undefined)
      .map((csr) => Buffer.from(csr, 'base64url').includes(Buffer.from('06082b06010505070118', 'hex')));
  const agents = (since: number): readonly string[] => [
    ...new Set(ca.requests.slice(since).map(({ userAgent }) => userAgent)),
  ];
  await stage.ordered([name], [...server, '--user-agent-comment', 'shop 7']);
  expect(agents(0)).toEqual([expect.stringMatching(/^haproxy-acme\/\S+ \(shop 7\)$/)]);
  const first = ca.requests.length;
  await renewByForce(name, '--must-staple', '--user-agent', 'Own/1');
  expect(agents(first)).toEqual(['Own/1']);
  expect(value(name, 'must_staple')).toBe('True');
  await renewByForce(name);
  expect(stapled()).toEqual([false, true, true]);
  await ca.stop();
});

it('a profile that the CA does not have is passed over where it is preferred, and refused where it is required', async () => {
  const name = 'profile.test';
  await stage.ordered([name], ['--preferred-profile', 'short']);
  expect(value(name, 'preferred_profile')).toBe('short');
  const orders = stage.orders();
  const refused = await stage.order(['other.test'], ['--required-profile', 'short']);
  expect([refused.code, errorCodes(refused)], refused.stderr).toEqual([1, ['acme-profile-unknown']]);
  expect(stage.orders()).toBe(orders);
});

it('--reuse-key keeps the kind of the key that there is, whatever the flags leave out', async () => {
  const name = 'reused.test';
  await stage.ordered([name], ['--elliptic-curve', 'secp384r1', '--reuse-key']);
  const key = live(name, 'privkey');
  await stage.ordered([name], ['--reuse-key', '--force-renewal']);
  expect([live(name, 'privkey'), value(name, 'elliptic_curve')]).toEqual([key, 'secp384r1']);
  await renewByForce(name, '--new-key');
  expect(live(name, 'privkey')).not.toBe(key);
  expect([value(name, 'elliptic_curve'), value(name, 'reuse_key')]).toEqual(['secp384r1', 'True']);
  await renewByForce(name, '--no-reuse-key');
  expect(value(name, 'reuse_key')).toBeUndefined();
});

it('--issuance-timeout ends the wait for a CA that does not finish', async () => {
  const isOrder = ({ path, payload }: CaRequest): boolean => path.startsWith('/my-order/') && payload === undefined;
  const processing = { status: 'processing', authorizations: [], finalize: 'https://ca.example/finalize' };
  const headers = { 'content-type': 'application/json' };
  const ca = await scriptedCa(stage.pebble, (request) =>
    isOrder(request) ? { status: 200, headers, body: JSON.stringify(processing) } : 'pebble',
  );
  const result = await stage.order(['slow.test'], ['--server', ca.directoryUrl, '--issuance-timeout', '1']);
  await ca.stop();
  expect([result.code, errorCodes(result)], result.stderr).toEqual([1, ['acme-timeout']]);
  expect(result.stderr).toContain(' 1 s');
});
