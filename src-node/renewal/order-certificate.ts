import { AcmeError } from '../acme/acme-error.js';
import type { IssueWishes } from '../acme/certificate-authority.js';
import type { ChallengePublisher } from '../challenge/challenge-publisher.js';
import { splitChain, type Chain } from '../certificate/chain.js';
import type { RenewalSettings } from '../lineage/lineage.js';
import type { Dependencies } from './dependencies.js';

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
  { authority, publisher, logger, onProgress }: Dependencies,
): Promise<OrderedCertificate> {
  const { certName, names, settings, csr } = order;
  const challenges = keptOutOf(logger, publisher(settings));
  await challenges.check(names);
  const ca = await authority(settings);
  const issued = await ca.issue({
    ...{ names, csr, publisher: challenges },
    wishes: wishesOf(order),
    onStep: (step) => onProgress({ kind: 'issue', certName, names, step }),
  });
  const chain = splitChain(issued.chain);
  if (chain === undefined) throw new AcmeError('acme-bad-answer', `The CA at ${settings.server} sent no certificate.`);
  return { chain, account: issued.account, names: issued.names };
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
