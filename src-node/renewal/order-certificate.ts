import { AcmeError } from '../acme/acme-error.js';
import type { IssueWishes } from '../acme/certificate-authority.js';
import { canonicalIp } from '../certificate/ip-address.js';
import type { ChallengePublisher, ChallengeType } from '../challenge/challenge-publisher.js';
import { splitChain, type Chain } from '../certificate/chain.js';
import type { RenewalSettings } from '../lineage/lineage.js';
import type { Dependencies } from './dependencies.js';
import { RenewalError } from './renewal-error.js';

/** A certificate to be had of a CA, wherever it is kept. */
export interface CertificateOrder {
  /** What the order is called while it goes on. */
  readonly certName: string;
  readonly names: readonly string[];
  readonly settings: RenewalSettings;
  /** The signing request for these names, as DER. */
  readonly csr: (names: readonly string[]) => Promise<Buffer>;
  /** A trial: every name is validated anew, and nothing is kept. */
  readonly dryRun: boolean;
}

export interface OrderedCertificate {
  readonly chain: Chain;
  /** Directory name of the account. */
  readonly account: string;
  /** Those of the order, without the ones that were left out. */
  readonly names: readonly string[];
}

/**
 * From the challenges to the certificate.
 * @throws what the rooms throw; nothing is kept then.
 */
export async function orderCertificate(
  order: CertificateOrder,
  { authority, publisher, selfCheck, logger, onProgress }: Dependencies,
): Promise<OrderedCertificate> {
  const { certName, names, settings, csr } = order;
  const challenges = keptOutOf(logger, await publisher(settings));
  checkWished(order, challenges.types);
  await challenges.check(names);
  const ca = await authority(settings);
  const issued = await ca.issue({
    ...{ names, csr, publisher: challenges, selfCheck: selfCheck(settings) },
    wishes: wishesOf(order),
    onStep: (step) => onProgress({ kind: 'issue', certName, names, step }),
  });
  const chain = splitChain(issued.chain);
  if (chain === undefined) throw new AcmeError('acme-bad-answer', `The CA at ${settings.server} sent no certificate.`);
  return { chain, account: issued.account, names: issued.names };
}

/**
 * A name for which no kind of challenge is both wished and answered fails for certain: nothing is ordered.
 * @throws RenewalError `challenge-unanswered`.
 */
function checkWished({ names, settings }: CertificateOrder, answered: readonly ChallengeType[]): void {
  const { authenticator, challenges, allowSubset } = settings;
  if (challenges.length === 0) return;
  const unanswered = names.filter((name) => !challenges.some((type) => answered.includes(type) && suits(name, type)));
  const [first] = unanswered;
  if (first === undefined || (allowSubset && unanswered.length < names.length)) return;
  throw new RenewalError(
    'challenge-unanswered',
    `No challenge can be answered for ${first}: wished is ${challenges.join(', ')}, and the authenticator '${authenticator}' answers ${answered.join(', ')}.`,
  );
}

/** RFC 8555 section 8.4: wildcards by dns-01; RFC 8738 section 7: addresses not by dns-01. */
function suits(name: string, type: ChallengeType): boolean {
  if (name.startsWith('*.')) return type === 'dns-01';
  return type !== 'dns-01' || canonicalIp(name) === undefined;
}

/** What a challenge holds is no line of a log, whoever speaks of it: a CA, a hook, the system. */
function keptOutOf(logger: Dependencies['logger'], publisher: ChallengePublisher): ChallengePublisher {
  return {
    ...publisher,
    publish: async (challenges) => {
      for (const { token, keyAuthorization, validation } of challenges) {
        for (const value of [token, keyAuthorization, validation]) logger.secret(value);
      }
      await publisher.publish(challenges);
    },
  };
}

function wishesOf({ settings, dryRun }: CertificateOrder): IssueWishes {
  const { requiredProfile, preferredProfile, challenges, preferredChain, allowSubset } = settings;
  const name = requiredProfile ?? preferredProfile;
  const profile = name === undefined ? undefined : { name, required: requiredProfile !== undefined };
  return { challenges, preferredChain, allowSubset, profile, fresh: dryRun };
}
