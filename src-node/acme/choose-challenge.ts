import { acmeIdentifierDigest } from '../certificate/acme-identifier.js';
import type { Challenge, ChallengeType } from '../challenge/challenge-publisher.js';
import { AcmeError } from './acme-error.js';
import { clean } from './problem.js';
import type { AcmeChallenge, Authorization } from './resources.js';
import { dnsValidation, keyAuthorization } from './thumbprint.js';

/** The kinds of challenge to be looked for, in their order: those wished that the publisher answers. */
export function challengeOrder(
  wished: readonly ChallengeType[],
  answered: readonly ChallengeType[],
): readonly ChallengeType[] {
  return wished.length === 0 ? answered : wished.filter((type) => answered.includes(type));
}

export interface ChosenChallenge {
  readonly acme: AcmeChallenge;
  readonly type: ChallengeType;
}

/** The challenge of the kind that comes first in `order`; kinds that we do not know are passed over. */
export function chooseChallenge(
  { challenges }: Authorization,
  order: readonly ChallengeType[],
): ChosenChallenge | undefined {
  for (const type of order) {
    const acme = challenges.find((offered) => offered.type === type);
    if (acme !== undefined) return { acme, type };
  }
  return undefined;
}

/** What the CA offers for a name and what could be answered, as the end of a sentence. */
export function describeOffer({ challenges }: Authorization, order: readonly ChallengeType[]): string {
  const offered = challenges.map(({ type }) => clean(type)).join(', ');
  return `the CA offers ${offered === '' ? 'no challenge' : offered}; ${order.length === 0 ? 'none' : order.join(', ')} could be answered`;
}

const validations: Readonly<Record<ChallengeType, (keyAuthorization: string) => string>> = {
  'http-01': (authorization) => authorization,
  'dns-01': dnsValidation,
  'tls-alpn-01': acmeIdentifierDigest,
};

/**
 * The challenge as a publisher takes it.
 * @param key the account's private key.
 * @throws AcmeError `acme-bad-answer` where its token could be something else than a token.
 */
export function answer({ acme, type }: ChosenChallenge, { identifier }: Authorization, key: string): Challenge {
  const token = acme.token ?? '';
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(token)) {
    throw new AcmeError(
      'acme-bad-answer',
      `The CA sent a challenge for ${identifier.value} whose token is not base64url.`,
    );
  }
  const authorization = keyAuthorization(token, key);
  const validation = validations[type](authorization);
  return { type, name: identifier.value, token, keyAuthorization: authorization, validation };
}
