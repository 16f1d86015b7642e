import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { AccountSource } from '../../src-node/acme/account.js';
import { acmeAuthority, type AuthoritySettings } from '../../src-node/acme/acme-authority.js';
import type {
  CertificateAuthority,
  IssuedCertificate,
  IssueStep,
  IssueWishes,
  SelfCheck,
} from '../../src-node/acme/certificate-authority.js';
import { createCsr } from '../../src-node/certificate/csr.js';
import { generatePrivateKey } from '../../src-node/certificate/private-key.js';
import type { Challenge, ChallengePublisher, ChallengeType } from '../../src-node/challenge/challenge-publisher.js';
import { systemClock } from '../../src-node/platform/clock.js';
import { freePort, loopback } from './loopback.js';
import { startPebble, type Pebble, type PebbleOptions } from './pebble.js';
import { temporaryDirectory } from './temporary.js';

/** A publisher that answers really: http-01 by a server of this process, dns-01 by Pebble's DNS server. */
export interface AnsweringPublisher extends ChallengePublisher {
  /** Every challenge that was published. */
  readonly published: Challenge[];
  /** Those that are published and not withdrawn. */
  readonly open: Set<Challenge>;
}

export interface AcmeStage {
  readonly pebble: Pebble;
  readonly settings: (differing?: Partial<AuthoritySettings>) => AuthoritySettings;
  readonly publisher: (
    types: readonly ChallengeType[],
    wrong?: (challenge: Challenge) => boolean,
  ) => AnsweringPublisher;
  readonly stop: () => Promise<void>;
}

/** Pebble, and the server that it looks for http-01 answers at. */
export async function startAcmeStage(
  options: Pick<PebbleOptions, 'authzReuse' | 'eab' | 'env' | 'nonceReject'> = {},
): Promise<AcmeStage> {
  const directory = temporaryDirectory();
  const answers = new Map<string, string>();
  // Names lead to this process's loopback address; the other one is for an order of an address.
  const httpPort = await freePort('::1');
  const servers = [loopback, '::1'].map((host) => challengeServer(answers).listen(httpPort, host));
  await Promise.all(
    servers.map(async (server) => {
      await once(server, 'listening');
    }),
  );
  mkdirSync(join(directory.path, 'pebble'));
  const pebble = await startPebble({ ...options, directory: join(directory.path, 'pebble'), httpPort });
  const ca = readFileSync(pebble.caFile, 'utf8');
  return {
    pebble,
    settings: (differing = {}) => ({
      ...{ userAgent: 'test/1', extraCa: [ca], verify: true, timeout: 10_000, clock: systemClock },
      ...{
        issuanceTimeout: 60_000,
        proxyFor: () => undefined,
        log: () => undefined,
        signal: new AbortController().signal,
      },
      ...differing,
    }),
    publisher: (types, wrong = () => false) => answeringPublisher(types, { answers, pebble, wrong }),
    stop: async () => {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
      await pebble.stop();
      directory.remove();
    },
  };
}

function challengeServer(answers: ReadonlyMap<string, string>): Server {
  return createServer(({ url = '' }, response) => {
    const answer = answers.get(url.replace('/.well-known/acme-challenge/', ''));
    response.writeHead(answer === undefined ? 404 : 200).end(answer);
  });
}

interface Answering {
  readonly answers: Map<string, string>;
  readonly pebble: Pebble;
  readonly wrong: (challenge: Challenge) => boolean;
}

function answeringPublisher(
  types: readonly ChallengeType[],
  { answers, pebble, wrong }: Answering,
): AnsweringPublisher {
  const published: Challenge[] = [];
  const open = new Set<Challenge>();
  const dns = async (action: string, name: string, value: string): Promise<void> => {
    const body = JSON.stringify({ host: `_acme-challenge.${name}.`, value });
    await fetch(`${pebble.dnsManagementUrl}/${action}`, { method: 'POST', body });
  };
  return {
    types,
    published,
    open,
    check: async () => await Promise.resolve(),
    publish: async (challenges) => {
      for (const challenge of challenges) {
        published.push(challenge);
        open.add(challenge);
        const shown = wrong(challenge) ? 'wrong' : challenge.validation;
        if (challenge.type === 'http-01') answers.set(challenge.token, shown);
        else await dns('set-txt', challenge.name, shown);
      }
    },
    withdraw: async (challenges) => {
      for (const challenge of challenges) {
        open.delete(challenge);
        if (challenge.type === 'http-01') answers.delete(challenge.token);
        else await dns('clear-txt', challenge.name, '');
      }
    },
  };
}

/** An account that is made at the first certificate and kept in memory. */
export function accountSource(stage: AcmeStage, differing: Partial<AccountSource> = {}): AccountSource {
  return {
    server: stage.pebble.directoryUrl,
    ...{ stored: undefined, emails: [], agreeTos: true, eab: undefined },
    save: async (account) => await Promise.resolve({ ...account, id: 'a'.repeat(32) }),
    ...differing,
  };
}

const noWishes: IssueWishes = {
  challenges: [],
  preferredChain: undefined,
  profile: undefined,
  allowSubset: false,
  fresh: false,
};

export interface Issued extends IssuedCertificate {
  readonly privateKey: string;
  readonly steps: readonly IssueStep[];
}

export interface Issuing {
  readonly authority: CertificateAuthority;
  readonly names: readonly string[];
  readonly publisher: ChallengePublisher;
  readonly wishes?: Partial<IssueWishes>;
  readonly privateKey?: string;
  readonly steps?: IssueStep[];
  readonly selfCheck?: SelfCheck;
}

/** Issues for names with a key of P-256 unless another is given. */
export async function issue({ authority, names, publisher, ...given }: Issuing): Promise<Issued> {
  const privateKey = given.privateKey ?? (await generatePrivateKey({ type: 'ecdsa', curve: 'secp256r1' }));
  const steps = given.steps ?? [];
  const issued = await authority.issue({
    names,
    csr: async (included) => await createCsr({ names: included, privateKey, mustStaple: false }),
    publisher,
    selfCheck: given.selfCheck ?? (async () => await Promise.resolve({ passed: [], refusal: undefined })),
    wishes: { ...noWishes, ...given.wishes },
    onStep: (step) => steps.push(step),
  });
  return { ...issued, privateKey, steps };
}

/** The authority of a new account, closed by whoever opens it. */
export function openAuthority(stage: AcmeStage, settings: AuthoritySettings = stage.settings()): CertificateAuthority {
  return acmeAuthority(accountSource(stage), settings);
}
