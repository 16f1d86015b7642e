import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { acmeAuthority } from '../../src-node/acme/acme-authority.js';
import type { CertificateAuthority, IssueWishes } from '../../src-node/acme/certificate-authority.js';
import { readCertificate } from '../../src-node/certificate/x509.js';
import { runOrThrow } from '../support/child.js';
import { accountSource, issue, startAcmeStage, type AcmeStage, type Issued } from '../support/acme-stage.js';
import { problem, scriptedCa, type CaRequest, type Reply, type ScriptedCa } from '../support/scripted-ca.js';

let stage: AcmeStage;
let ca: ScriptedCa | undefined;
let authority: CertificateAuthority | undefined;

beforeAll(async () => {
  stage = await startAcmeStage({ authzReuse: 100, env: { PEBBLE_ALTERNATE_ROOTS: '1' } });
});
afterEach(async () => {
  authority?.close();
  await ca?.stop();
});
afterAll(async () => await stage.stop());

/** An order from Pebble where the script does not answer in its place. */
async function order(
  script: (request: CaRequest) => Reply,
  names: readonly string[],
  wishes: Partial<IssueWishes>,
): Promise<Issued> {
  ca = await scriptedCa(stage.pebble, script);
  authority = acmeAuthority(accountSource(stage, { server: ca.directoryUrl }), stage.settings());
  return await issue({ authority, names, publisher: stage.publisher(['http-01']), wishes });
}

const prefix = 'urn:ietf:params:acme:error:';
const refusing = (name: string): Reply =>
  problem(403, {
    type: `${prefix}rejectedIdentifier`,
    detail: 'some names are refused',
    subproblems: [{ type: `${prefix}caa`, detail: 'CAA forbids it', identifier: { type: 'dns', value: name } }],
  });
const namesOrdered = (request: CaRequest): readonly string[] =>
  ((request.payload as { identifiers?: { value: string }[] } | undefined)?.identifiers ?? []).map(({ value }) => value);

describe('names that the CA refuses by subproblems', () => {
  const atOrder = (request: CaRequest): Reply =>
    request.path === '/order-plz' && namesOrdered(request).includes('no.test') ? refusing('no.test') : 'pebble';
  let finalized = 0;
  const atFinalization = ({ path }: CaRequest): Reply =>
    path.startsWith('/finalize-order/') && (finalized += 1) === 1 ? refusing('no.test') : 'pebble';

  it.each([
    ['at the order', atOrder],
    ['at its finalization', atFinalization],
  ])('%s are left out where that is wished', async (_, script) => {
    const issued = await order(script, ['yes.test', 'no.test'], { allowSubset: true });
    expect(issued.names).toEqual(['yes.test']);
    expect(readCertificate(issued.chain).names).toEqual(['yes.test']);
    expect(issued.steps.filter(({ kind }) => kind === 'left-out')).toEqual([
      { kind: 'left-out', name: 'no.test', reason: 'caa: CAA forbids it' },
    ]);
  });

  it('are the error where it is not wished, or no name is left', async () => {
    const refused = { code: 'acme-problem', details: ['no.test: caa: CAA forbids it'] };
    await expect(order(atOrder, ['yes.test', 'no.test'], {})).rejects.toMatchObject(refused);
    await ca?.stop();
    await expect(order(atOrder, ['no.test'], { allowSubset: true })).rejects.toMatchObject(refused);
  });

  it('and that were not ordered are no reason to order again', async () => {
    const script = ({ path }: CaRequest): Reply => (path === '/order-plz' ? refusing('other.test') : 'pebble');
    await expect(order(script, ['a.test', 'b.test'], { allowSubset: true })).rejects.toMatchObject({
      code: 'acme-problem',
    });
    expect(ca?.requests.filter(({ path }) => path === '/order-plz')).toHaveLength(1);
  });
});

describe('a profile', () => {
  /** Pebble's directory, with profiles. */
  const withProfiles = async (profiles: object): Promise<(request: CaRequest) => Reply> => {
    const pebble = JSON.parse(await directory()) as Record<string, unknown>;
    return ({ path }) => {
      if (path !== '/dir') return 'pebble';
      const own = JSON.stringify({ ...pebble, meta: { profiles } }).replaceAll(
        new URL(stage.pebble.directoryUrl).origin,
        new URL(ca?.directoryUrl ?? '').origin,
      );
      return { status: 200, headers: { 'content-type': 'application/json' }, body: own };
    };
  };
  const directory = async (): Promise<string> => {
    return await runOrThrow('curl', ['-s', '--cacert', stage.pebble.caFile, stage.pebble.directoryUrl]);
  };
  const ordered = (): unknown => ca?.requests.find(({ path }) => path === '/order-plz')?.payload;

  it('is ordered by where the CA lists it', async () => {
    const profile = { name: 'shortlived', required: true };
    const script = await withProfiles({ classic: 'the usual', shortlived: 'a week' });
    await order(script, ['profile.test'], { profile });
    expect(ordered()).toMatchObject({ profile: 'shortlived' });
  });

  it('that is not listed is gone without where it is preferred', async () => {
    await order(await withProfiles({ classic: 'the usual' }), ['p.test'], {
      profile: { name: 'x', required: false },
    });
    expect(ordered()).not.toHaveProperty('profile');
  });

  it('that is not listed is told where it is required, before anything is ordered', async () => {
    const profile = { name: 'x', required: true };
    await expect(
      order(await withProfiles({ classic: 'the usual', short: '' }), ['p.test'], { profile }),
    ).rejects.toMatchObject({
      code: 'acme-profile-unknown',
      message: expect.stringContaining('classic, short') as string,
    });
    expect(ordered()).toBeUndefined();
    await ca?.stop();
    await expect(order(() => 'pebble', ['p.test'], { profile })).rejects.toMatchObject({
      code: 'acme-profile-unknown',
    });
  });
});

describe('a preferred chain', () => {
  it('that cannot be downloaded does not cost the certificate', async () => {
    const script = ({ path }: CaRequest): Reply => (/^\/certZ\/.*alternate/.test(path) ? { status: 404 } : 'pebble');
    const issued = await order(script, ['chain.test'], { preferredChain: 'Nobody' });
    expect(issued.steps.map(({ kind }) => kind)).toContain('chain-unmatched');
    expect(readCertificate(issued.chain).names).toEqual(['chain.test']);
    expect(ca?.requests.filter(({ path }) => path.includes('alternate'))).toHaveLength(1);
  });
});
