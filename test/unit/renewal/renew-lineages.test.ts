import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AcmeError } from '../../../src-node/acme/acme-error.js';
import { keyMatches } from '../../../src-node/certificate/x509.js';
import { DeployError } from '../../../src-node/haproxy/deploy-error.js';
import type { Lineage } from '../../../src-node/lineage/lineage.js';
import { hasFailed, type Outcome } from '../../../src-node/renewal/outcome.js';
import { RenewalError } from '../../../src-node/renewal/renewal-error.js';
import type { RenewalRequest } from '../../../src-node/renewal/renew-lineage.js';
import { renewLineages } from '../../../src-node/renewal/renew-lineages.js';
import { temporaryDirectory } from '../../support/temporary.js';
import { testAuthority, testDeployer, testRun, type TestRun } from '../../support/test-dependencies.js';
import { testCertificate } from '../../support/test-certificate.js';
import { noHaproxy } from '../../../src-node/lineage/haproxy-settings.js';
import { testSettings } from '../../support/test-lineage.js';

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

const withHaproxy = { ...noHaproxy, certDir: '/certs' };
const request = (name: string, haproxy = withHaproxy): RenewalRequest => ({
  certName: name,
  names: [name],
  settings: testSettings({ webrootMap: { [name]: '/w' }, haproxy }),
  deployHook: undefined,
  dryRun: false,
});
const told = (outcomes: readonly Outcome[]): string[] =>
  outcomes.map((outcome) => `${outcome.certName} ${outcome.kind}${'error' in outcome ? ` ${outcome.error.code}` : ''}`);
const listed = async ({ dependencies }: TestRun): Promise<readonly Lineage[]> =>
  (await dependencies.store.list()).lineages;
const failing = (names: readonly string[], error: () => Error): ReturnType<typeof testAuthority> =>
  testAuthority(({ names: [name = ''] }) => {
    if (names.includes(name)) throw error();
  });

describe('a run', () => {
  it('orders, stores and deploys each, with one deployment for all of the same settings', async () => {
    const run = testRun(directory.path);
    const renew = ['a.example', 'b.example', 'c.example'].map((name) => request(name));
    const { outcomes, reloads } = await renewLineages({ renew, deploy: [] }, run.dependencies);
    expect(told(outcomes)).toEqual(['a.example issued', 'b.example issued', 'c.example issued']);
    expect(run.authority.orders).toEqual(['a.example', 'b.example', 'c.example']);
    expect(run.deployer.deployments).toEqual(['a.example b.example c.example']);
    expect(reloads).toHaveLength(1);
    for (const { live, deployedVersion, settings } of await listed(run)) {
      expect(deployedVersion).toBe(1);
      expect(settings.account).toBe('a'.repeat(32));
      expect(keyMatches(readFileSync(live.cert, 'utf8'), readFileSync(live.privkey, 'utf8'))).toBe(true);
    }
  });

  it('makes the kind of key that the settings name', async () => {
    const run = testRun(directory.path);
    const settings = testSettings({ keyType: 'rsa', rsaKeySize: 3072, webrootMap: { 'a.example': '/w' } });
    const renew = [{ ...request('a.example'), settings }];
    const { outcomes } = await renewLineages({ renew, deploy: [] }, run.dependencies);
    expect(outcomes).toMatchObject([
      { kind: 'issued', deployment: { kind: 'none' }, issued: { names: ['a.example'] } },
    ]);
    expect((await listed(run))[0]?.settings).toMatchObject({ keyType: 'rsa', rsaKeySize: 3072 });
  });

  it('goes on after a failure, and exits as failed', async () => {
    const authority = failing(['b.example'], () => new AcmeError('acme-authorization-failed', 'No.'));
    const run = testRun(directory.path, { authority });
    const renew = ['a.example', 'b.example', 'c.example'].map((name) => request(name));
    const { outcomes } = await renewLineages({ renew, deploy: [] }, run.dependencies);
    expect(told(outcomes).sort()).toEqual([
      'a.example issued',
      'b.example failed acme-authorization-failed',
      'c.example issued',
    ]);
    expect(outcomes.some(hasFailed)).toBe(true);
    expect(run.deployer.deployments).toEqual(['a.example c.example']);
    expect(run.publisher.open.size).toBe(0);
    expect((await listed(run)).map(({ certName }) => certName)).toEqual(['a.example', 'c.example']);
  });

  it('tells a fault that nobody foresaw as internal, and goes on', async () => {
    const authority = failing(['a.example'], () => new TypeError('x is not a function'));
    const { outcomes } = await renewLineages(
      { renew: [request('a.example'), request('b.example')], deploy: [] },
      testRun(directory.path, { authority }).dependencies,
    );
    expect(told(outcomes).sort()).toEqual(['a.example failed internal', 'b.example issued']);
  });

  it('stores nothing of a certificate that is for another key, or is none', async () => {
    const other = (await testCertificate({ names: ['a.example'] })).chain;
    for (const chain of [other, 'garbage']) {
      const authority = {
        ...testAuthority(),
        issue: async () => await Promise.resolve({ chain, account: 'a', names: ['a.example'] }),
      };
      const run = testRun(directory.path, { authority });
      const { outcomes } = await renewLineages({ renew: [request('a.example')], deploy: [] }, run.dependencies);
      expect(told(outcomes)).toEqual(['a.example failed acme-bad-answer']);
      expect(await listed(run)).toEqual([]);
    }
  });

  it('tells every step of the way', async () => {
    const run = testRun(directory.path);
    await renewLineages({ renew: [request('a.example')], deploy: [] }, run.dependencies);
    const steps = run.progress.map((progress) => (progress.kind === 'issue' ? progress.step.kind : progress.kind));
    expect(steps).toEqual(['started', 'stored']);
  });

  it('deploys to one HAProxy at once, whatever the directories, and to another apart', async () => {
    const run = testRun(directory.path);
    const renew = [
      request('a.example'),
      request('b.example', { ...withHaproxy, certDir: '/other' }),
      request('c.example', { ...withHaproxy, pidfile: '/run/other.pid' }),
    ];
    await renewLineages({ renew, deploy: [] }, run.dependencies);
    expect(run.deployer.deployments).toEqual(['a.example b.example', 'c.example']);
  });

  it('takes a pidfile that is the default for the same as none', async () => {
    const run = testRun(directory.path);
    const renew = [request('a.example'), request('b.example', { ...withHaproxy, pidfile: '/run/haproxy.pid' })];
    await renewLineages({ renew, deploy: [] }, run.dependencies);
    expect(run.deployer.deployments).toEqual(['a.example b.example']);
  });

  it('uses a key again, and says which one cannot be', async () => {
    const run = testRun(directory.path);
    const { privateKey } = await testCertificate({ names: ['a.example'] });
    const [good, bad] = [join(directory.path, 'good.pem'), join(directory.path, 'bad.pem')];
    writeFileSync(good, privateKey);
    writeFileSync(bad, 'no key');
    const renew = [
      { ...request('a.example'), keyFile: good },
      { ...request('b.example'), keyFile: bad },
      { ...request('c.example'), keyFile: `${bad}.gone` },
    ];
    const { outcomes } = await renewLineages({ renew, deploy: [] }, run.dependencies);
    expect(told(outcomes)).toEqual([
      'a.example issued',
      'b.example failed lineage-broken',
      'c.example failed lineage-broken',
    ]);
    expect(run.authority.orders).toEqual(['a.example']);
    const [stored] = await listed(run);
    expect(readFileSync(stored?.live.privkey ?? '', 'utf8')).toBe(privateKey);
  });

  it('asks a CA that is out of reach once for all its lineages, and other CAs still', async () => {
    const authority = failing(['a.example', 'b.example'], () => new AcmeError('acme-unreachable', 'Nobody there.'));
    const run = testRun(directory.path, { authority });
    const other = request('c.example');
    const renew = [
      request('a.example'),
      request('b.example'),
      { ...other, settings: { ...other.settings, server: 'https://other.example/dir' } },
    ];
    const { outcomes } = await renewLineages({ renew, deploy: [] }, run.dependencies);
    expect(told(outcomes)).toEqual([
      'c.example issued',
      'a.example failed acme-unreachable',
      'b.example failed acme-unreachable',
    ]);
    expect(authority.orders).toEqual(['a.example', 'c.example']);
  });
});

describe('what is stored and not deployed', () => {
  const refusing = testDeployer((deployments) => ({
    results: deployments.map(({ certName }) =>
      certName === 'b.example'
        ? { certName, kind: 'failed', error: new DeployError('haproxy-config-rejected', 'No.') }
        : { certName, kind: 'deployed', bundle: '/certs/x', handshakes: 1 },
    ),
    ...{ reload: undefined, sockets: [], notes: [] },
  }));

  it('is told as such, lineage by lineage, and is deployed by the next run without an order', async () => {
    const first = testRun(directory.path, { deployer: refusing });
    const renew = [request('a.example'), request('b.example')];
    const report = await renewLineages({ renew, deploy: [] }, first.dependencies);
    expect(told(report.outcomes)).toEqual([
      'a.example issued',
      'b.example stored-not-deployed haproxy-config-rejected',
    ]);
    expect(report.outcomes.map(hasFailed)).toEqual([false, true]);
    const undeployed = (await listed(first)).filter(({ deployedVersion }) => deployedVersion === undefined);
    expect(undeployed.map(({ certName }) => certName)).toEqual(['b.example']);
    const second = testRun(directory.path);
    const { outcomes } = await renewLineages({ renew: [], deploy: undeployed }, second.dependencies);
    expect(told(outcomes)).toEqual(['b.example deployed']);
    expect(second.authority.orders).toEqual([]);
    expect((await listed(second)).map(({ deployedVersion }) => deployedVersion)).toEqual([1, 1]);
  });

  it('covers a deployer that throws, and one that says nothing', async () => {
    const throwing = testDeployer(() => {
      throw new DeployError('cert-dir-missing', 'No.');
    });
    const silent = testDeployer(() => ({ results: [], reload: undefined, sockets: [], notes: [] }));
    for (const [deployer, code] of [
      [throwing, 'cert-dir-missing'],
      [silent, 'internal'],
    ] as const) {
      const run = testRun(directory.path, { deployer });
      const { outcomes } = await renewLineages({ renew: [request('a.example')], deploy: [] }, run.dependencies);
      expect(told(outcomes)).toEqual([`a.example stored-not-deployed ${code}`]);
    }
  });

  it('holds up no other lineage when its own files cannot be read', async () => {
    const run = testRun(directory.path, { deployer: refusing });
    await renewLineages({ renew: [request('a.example'), request('b.example')], deploy: [] }, run.dependencies);
    const [one, other] = await listed(run);
    if (one === undefined || other === undefined) throw new Error('two lineages are expected');
    rmSync(other.live.privkey);
    const next = testRun(directory.path);
    const { outcomes } = await renewLineages({ renew: [], deploy: [other, one] }, next.dependencies);
    expect(told(outcomes)).toEqual(['b.example stored-not-deployed lineage-broken', 'a.example deployed']);
    expect(next.deployer.deployments).toEqual(['a.example']);
  });

  it('covers a deployment that cannot be noted, and keeps what is known of the others and of the reload', async () => {
    const run = testRun(directory.path, {
      deployer: testDeployer((deployments) => {
        rmSync(`${directory.path}/renewal/a.example.conf`);
        const results = deployments.map(
          ({ certName }) => ({ certName, kind: 'deployed', bundle: '/x', handshakes: 1 }) as const,
        );
        return { results, reload: { way: 'successor', started: [7], draining: [], hints: [] }, sockets: [], notes: [] };
      }),
    });
    const renew = [request('a.example'), request('b.example')];
    const { outcomes, reloads } = await renewLineages({ renew, deploy: [] }, run.dependencies);
    expect(told(outcomes)).toEqual(['a.example stored-not-deployed storage-not-writable', 'b.example issued']);
    expect(reloads).toEqual([{ way: 'successor', started: [7], draining: [], hints: [] }]);
  });
});

describe('an interruption', () => {
  const interrupted = new RenewalError('interrupted', 'The run was ended by SIGINT.');

  it('ends the order that goes on, starts no other, and leaves the deployment to the next run', async () => {
    let run: TestRun | undefined = undefined as TestRun | undefined;
    const authority = testAuthority(({ names: [name] }) => {
      if (name !== 'b.example') return;
      run?.interrupt(interrupted);
      throw new Error('aborted somewhere in the network');
    });
    run = testRun(directory.path, { authority });
    const renew = ['a.example', 'b.example', 'c.example'].map((name) => request(name));
    const { outcomes } = await renewLineages({ renew, deploy: [] }, run.dependencies);
    expect(told(outcomes)).toEqual([
      'a.example stored-not-deployed interrupted',
      'b.example failed interrupted',
      'c.example failed interrupted',
    ]);
    expect(run.authority.orders).toEqual(['a.example', 'b.example']);
    expect(run.deployer.deployments).toEqual([]);
    expect(run.publisher.open.size).toBe(0);
  });
});
