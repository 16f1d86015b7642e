import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AcmeError } from '../../../src-node/acme/acme-error.js';
import type { Progress } from '../../../src-node/renewal/dependencies.js';
import { hasFailed } from '../../../src-node/renewal/outcome.js';
import { RenewalError } from '../../../src-node/renewal/renewal-error.js';
import type { RenewalRequest } from '../../../src-node/renewal/renew-lineage.js';
import { renewLineages } from '../../../src-node/renewal/renew-lineages.js';
import { temporaryDirectory } from '../../support/temporary.js';
import { testAuthority, testDeployer, testRun, type TestRun } from '../../support/test-dependencies.js';
import { noHaproxy } from '../../../src-node/lineage/haproxy-settings.js';
import { testSettings } from '../../support/test-lineage.js';

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

/** An authority to which a.example is a name that it does not issue for. */
const failing = (error: Error): ReturnType<typeof testAuthority> =>
  testAuthority(({ names }) => {
    if (names.includes('a.example')) throw error;
  });

/** Its hooks tell that they ran by what they write, which the run's progress has. */
const hooked = (name: string): RenewalRequest => ({
  certName: name,
  names: [name],
  dryRun: false,
  settings: testSettings({
    webrootMap: { [name]: '/w' },
    haproxy: { ...noHaproxy, certDir: '/certs' },
    hooks: { pre: `echo pre ${name}`, post: 'echo "post [$RENEWED_DOMAINS] [$FAILED_DOMAINS]"', deploy: 'exit 1' },
  }),
  deployHook: 'echo "deploy [$RENEWED_DOMAINS] ${RENEWED_LINEAGE##*/}"',
});

const way = ({ progress }: TestRun): string[] =>
  progress.flatMap((step) => {
    if (step.kind === 'hook') return [step.stdout.trim()];
    return step.kind === 'issue' ? [`${step.step.kind} ${step.certName}`] : [];
  });

describe('the hooks of a run', () => {
  it('run around each order, and at the end before HAProxy is given anything', async () => {
    const deployer = testDeployer();
    const run = testRun(directory.path, {
      authority: testAuthority(({ names }) => void run.progress.push(hookSaid(`order ${names.join(' ')}`))),
      deployer: {
        ...deployer,
        deploy: async (given, onStep) => {
          run.progress.push(hookSaid('HAProxy'));
          return await deployer.deploy(given, onStep);
        },
      },
    });
    const check = async (): Promise<void> => await Promise.resolve(void run.progress.push(hookSaid('check')));
    const { outcomes, warnings } = await renewLineages(
      { renew: [hooked('a.example'), hooked('b.example')], deploy: [] },
      { ...run.dependencies, publisher: async () => await Promise.resolve({ ...run.publisher, check }) },
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(['issued', 'issued']);
    expect(way(run)).toEqual([
      ...[
        'started a.example',
        'pre a.example',
        'check',
        'order a.example',
        'stored a.example',
        'deploy [a.example] a.example',
      ],
      ...[
        'started b.example',
        'pre b.example',
        'check',
        'order b.example',
        'stored b.example',
        'deploy [b.example] b.example',
      ],
      'post [a.example b.example] []',
      'HAProxy',
    ]);
    expect(warnings).toEqual([]);
  });

  it('run at the end after failures too, and are told of them', async () => {
    const authority = failing(new AcmeError('acme-authorization-failed', 'No.'));
    const run = testRun(directory.path, { authority });
    await renewLineages({ renew: [hooked('a.example'), hooked('b.example')], deploy: [] }, run.dependencies);
    expect(way(run).filter((step) => /^(pre|deploy|post)/.test(step))).toEqual([
      'pre a.example',
      'pre b.example',
      'deploy [b.example] b.example',
      'post [b.example] [a.example]',
    ]);
  });

  it('run at the end of an interrupted run, and not before what it did not begin', async () => {
    const run: TestRun = testRun(directory.path, {
      authority: testAuthority(() => {
        const stop = new RenewalError('interrupted', 'Stop.');
        run.interrupt(stop);
        throw stop;
      }),
    });
    await renewLineages({ renew: [hooked('a.example'), hooked('b.example')], deploy: [] }, run.dependencies);
    expect(way(run)).toEqual(['started a.example', 'pre a.example', 'post [] [a.example b.example]']);
  });

  it('do not run where nothing is ordered', async () => {
    const first = testRun(directory.path);
    await renewLineages({ renew: [hooked('a.example')], deploy: [] }, first.dependencies);
    const run = testRun(directory.path);
    await renewLineages({ renew: [], deploy: (await run.dependencies.store.list()).lineages }, run.dependencies);
    expect(run.deployer.deployments).toEqual(['a.example']);
    expect(way(run)).toEqual([]);
  });

  it('do not run for a CA that an order before has found out of reach', async () => {
    const authority = failing(new AcmeError('acme-unreachable', 'No.'));
    const run = testRun(directory.path, { authority });
    await renewLineages({ renew: [hooked('a.example'), hooked('b.example')], deploy: [] }, run.dependencies);
    expect(way(run)).toEqual(['started a.example', 'pre a.example', 'post [] [a.example b.example]']);
  });

  it('only warn where they fail', async () => {
    const run = testRun(directory.path);
    const { outcomes, warnings } = await renewLineages(
      { renew: [{ ...hooked('a.example'), deployHook: 'echo because >&2; exit 7' }], deploy: [] },
      run.dependencies,
    );
    expect(outcomes.some(hasFailed)).toBe(false);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('because');
  });
});

function hookSaid(stdout: string): Progress {
  return { kind: 'hook', hook: 'pre-hook', stdout, stderr: '' };
}
