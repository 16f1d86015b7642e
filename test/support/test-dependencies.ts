import type { CertificateAuthority, IssueRequest } from '../../src-node/acme/certificate-authority.js';
import type { Challenge, ChallengePublisher } from '../../src-node/challenge/challenge-publisher.js';
import type { Deployer, Deployment, DeployReport } from '../../src-node/haproxy/deployer.js';
import { letsencryptStore } from '../../src-node/lineage/letsencrypt-directory.js';
import { silentLogger } from '../../src-node/platform/logger.js';
import { runShell } from '../../src-node/platform/run-shell.js';
import { createHooks } from '../../src-node/renewal/hooks.js';
import type { Dependencies, Progress } from '../../src-node/renewal/dependencies.js';
import { testCertificate } from './test-certificate.js';

export interface TestAuthority extends CertificateAuthority {
  /** The names of each order, joined by a blank. */
  readonly orders: string[];
}

/** An authority of this process: it publishes and withdraws as a CA's client does, and issues to whoever asks. */
export function testAuthority(
  onIssue: (request: IssueRequest) => void | Promise<void> = () => undefined,
): TestAuthority {
  const orders: string[] = [];
  return {
    orders,
    issue: async (request) => {
      orders.push(request.names.join(' '));
      const [name = ''] = request.names;
      const keyAuthorization = 'token.thumbprint';
      const challenge: Challenge = {
        type: 'http-01',
        name,
        token: 'token',
        keyAuthorization,
        validation: keyAuthorization,
      };
      try {
        await request.publisher.publish([challenge]);
        await onIssue(request);
      } finally {
        await request.publisher.withdraw([challenge]);
      }
      const { names } = request;
      const { chain } = await testCertificate({ names, csr: await request.csr(names) });
      return { chain, account: 'a'.repeat(32), names };
    },
    revoke: async () => await Promise.resolve(),
    close: () => undefined,
  };
}

export interface TestPublisher extends ChallengePublisher {
  readonly open: Set<string>;
}

export function testPublisher(): TestPublisher {
  const open = new Set<string>();
  return {
    open,
    check: async () => await Promise.resolve(),
    types: ['http-01'],
    publish: async (challenges) => {
      for (const { name } of challenges) await Promise.resolve(void open.add(name));
    },
    withdraw: async (challenges) => {
      for (const { name } of challenges) await Promise.resolve(void open.delete(name));
    },
  };
}

export interface TestDeployer extends Deployer {
  /** The names of each deployment, joined by a blank. */
  readonly deployments: string[];
}

/** A HAProxy that takes everything unless `answer` says otherwise. */
export function testDeployer(answer?: (deployments: readonly Deployment[]) => DeployReport): TestDeployer {
  const deployments: string[] = [];
  return {
    deployments,
    check: async () => await Promise.resolve(),
    inspect: async () => await Promise.resolve([]),
    deploy: async (given) => {
      deployments.push(given.map(({ certName }) => certName).join(' '));
      const results = given.map(
        ({ certName }) => ({ certName, kind: 'deployed', bundle: `/certs/${certName}`, handshakes: 1 }) as const,
      );
      return await Promise.resolve(
        answer?.(given) ?? {
          results,
          reload: { way: 'successor', started: [1], draining: [], hints: [] },
          sockets: [],
          notes: [],
        },
      );
    },
  };
}

export interface TestRun {
  readonly dependencies: Dependencies;
  readonly authority: TestAuthority;
  readonly publisher: TestPublisher;
  readonly deployer: TestDeployer;
  readonly progress: Progress[];
  readonly interrupt: (reason: unknown) => void;
}

/** A run on a real store below `root`, with an authority, a publisher and a deployer of this process. */
export function testRun(
  root: string,
  rooms: { readonly authority?: TestAuthority; readonly deployer?: TestDeployer } = {},
): TestRun {
  const { authority = testAuthority(), deployer = testDeployer() } = rooms;
  const publisher = testPublisher();
  const controller = new AbortController();
  const progress: Progress[] = [];
  return {
    authority,
    publisher,
    deployer,
    progress,
    interrupt: (reason) => controller.abort(reason),
    dependencies: {
      store: letsencryptStore(root, '0.0.0'),
      authority: async () => await Promise.resolve(authority),
      publisher: async () => await Promise.resolve(publisher),
      selfCheck: () => async () => await Promise.resolve({ passed: [], refusal: undefined }),
      deployer: () => deployer,
      hooks: createHooks({
        run: async (command, added) => await runShell(command, { env: { ...process.env, ...added } }),
        directory: undefined,
        skipDeploy: false,
        signal: controller.signal,
        logger: silentLogger,
        onOutput: (output) => progress.push({ kind: 'hook', ...output }),
      }),
      install: true,
      checkRevocation: async (certificates) => await Promise.resolve(certificates.map(() => ({ kind: 'good' }))),
      logger: silentLogger,
      clock: { now: () => Date.UTC(2026, 0, 2), sleep: async () => await Promise.resolve() },
      confirm: async () => await Promise.resolve(true),
      signal: controller.signal,
      onProgress: (step) => progress.push(step),
    },
  };
}
