import { isIP } from 'node:net';
import type { ChallengeSettings, SelfCheckMode } from '../../lineage/challenge-settings.js';
import { ChallengeError } from '../challenge-error.js';
import type { Challenge } from '../challenge-publisher.js';
import { dnsLookup } from './addresses.js';
import { assess, type Finding, type Judging, type Seen } from './assess.js';
import { bracketed } from './brackets.js';
import { deadlinesOf, type Deadlines } from './deadlines.js';
import { look, type Following } from './follow.js';
import { tlsLook } from './tls-look.js';
import type { Look, Lookup } from './look.js';
import { isInside, type Machine } from './inability.js';

/** Milliseconds for all that is done for one name. */
const nameTimeout = 10_000;
/** Names that are looked at together. */
const lanes = 16;
/** Let's Encrypt reads so many bytes more than the key authorization has. */
const moreBytes = 128;

/** What our own look at the answers has found. */
export interface SelfCheckReport {
  /** Names that are answered as the CA wants it. */
  readonly passed: readonly string[];
  /** Names that the CA must not be asked to look at, and the error that this is where none may be left out. */
  readonly refusal:
    | {
        readonly failures: readonly { readonly name: string; readonly reason: string }[];
        readonly error: ChallengeError;
      }
    | undefined;
  /** Sentences. */
  readonly warnings: readonly string[];
}

export interface SelfCheckSurroundings {
  readonly mode: Exclude<SelfCheckMode, 'off'>;
  /** That of the lineage, by which a cause may be told. */
  readonly authenticator: string;
  readonly machine: Machine;
  readonly userAgent: string;
  readonly signal: AbortSignal;
}

type Settings = Pick<
  ChallengeSettings,
  'selfCheckPort' | 'selfCheckHttpsPort' | 'selfCheckAddress' | 'selfCheckResolver'
>;

/**
 * Looks at each challenge as a CA would, from every address of its name: http-01 through redirects, tls-alpn-01 by a
 * handshake. dns-01 is not looked at.
 * @throws the reason of `signal` when it aborts, and nothing else.
 */
export async function selfCheck(
  challenges: readonly Challenge[],
  settings: Settings,
  surroundings: SelfCheckSurroundings,
): Promise<SelfCheckReport> {
  const looked = challenges.filter(({ type }) => type !== 'dns-01');
  const deadlines = deadlinesOf(surroundings.signal);
  const looker = lookerAt(looked, settings, { ...surroundings, deadlines });
  const findings = await inLanes(looked, looker, surroundings.signal).finally(deadlines.close);
  surroundings.signal.throwIfAborted();
  const troubled = new Set(findings.map(({ name }) => name));
  return {
    passed: looked.map(({ name }) => name).filter((name) => !troubled.has(name)),
    refusal: refusalOf(findings),
    warnings: findings
      .filter(({ kind }) => kind === 'warning')
      .map(({ name, reason }) => `The self-check of ${name} warns: ${reason}.`),
  };
}

function lookerAt(
  challenges: readonly Challenge[],
  settings: Settings,
  { userAgent, deadlines, ...judging }: SelfCheckSurroundings & { readonly deadlines: Deadlines },
): (challenge: Challenge) => Promise<readonly Finding[]> {
  const names = new Set(challenges.map(({ name }) => name));
  const shared = {
    ...{ names, userAgent, givenAddress: settings.selfCheckAddress },
    ports: { http: settings.selfCheckPort ?? 80, https: settings.selfCheckHttpsPort ?? 443 },
    lookup: dnsLookup(settings.selfCheckResolver),
  };
  return async (challenge) => {
    const deadline = deadlines.start(nameTimeout);
    return await lookAt(challenge, { ...shared, signal: deadline.signal }, judging).finally(deadline.clear);
  };
}

type Shared = Omit<Following, 'url' | 'address' | 'followsInside' | 'limit'>;

async function lookAt(challenge: Challenge, shared: Shared, judging: Judging): Promise<readonly Finding[]> {
  const { name, keyAuthorization, validation } = challenge;
  const at = shared.givenAddress ?? (isIP(name) === 0 ? undefined : name);
  const lookup: Lookup | undefined = at === undefined ? await shared.lookup(name, shared.signal) : undefined;
  const addresses = at === undefined ? (lookup?.kind === 'found' ? lookup.addresses : []) : [at];
  const lookFrom = challenge.type === 'tls-alpn-01' ? tlsLookFrom : httpLookFrom;
  const looks = await Promise.all(addresses.map(async (address) => await lookFrom(address, challenge, shared)));
  const seen: Seen = { name, keyAuthorization, validation, lookup, looks };
  return assess(seen, judging);
}

async function httpLookFrom(address: string, challenge: Challenge, shared: Shared): Promise<Look> {
  const { name, token, keyAuthorization } = challenge;
  const url = new URL(`http://${bracketed(name)}/.well-known/acme-challenge/${token}`);
  const limit = keyAuthorization.length + moreBytes;
  return await look({ ...shared, url, address, followsInside: isInside(address), limit });
}

async function tlsLookFrom(address: string, { name }: Challenge, { ports, signal }: Shared): Promise<Look> {
  return await tlsLook({ name, place: { address, port: ports.https }, signal });
}

function refusalOf(findings: readonly Finding[]): SelfCheckReport['refusal'] {
  const reasons = new Map<string, string>();
  for (const { kind, name, reason } of findings) {
    if (kind === 'failure')
      reasons.set(name, [reasons.get(name), reason].filter((text) => text !== undefined).join('; '));
  }
  const failures = [...reasons].map(([name, reason]) => ({ name, reason }));
  const [first] = failures;
  if (first === undefined) return undefined;
  const single = failures.length === 1;
  const message = single
    ? `The self-check of ${first.name} failed: ${first.reason}.`
    : `The self-check of ${failures.length} names failed.`;
  const details = single ? [] : failures.map(({ name, reason }) => `${name}: ${reason}`);
  return { failures, error: new ChallengeError('self-check-failed', message, undefined, details) };
}

/** All of them, some at once, in any order; no further one is begun once `signal` aborts. */
async function inLanes<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<readonly Result[]>,
  signal: AbortSignal,
): Promise<readonly Result[]> {
  const [rest, results]: [Item[], Result[]] = [[...items], []];
  const lane = async (): Promise<void> => {
    while (!signal.aborted) {
      const item = rest.shift();
      if (item === undefined) return;
      results.push(...(await work(item)));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}
