import type { ChallengeSource } from './challenge-source';

/** Answers every token for the account whose key has this thumbprint: nothing is stored anywhere. */
export function thumbprintSource(thumbprint: string): ChallengeSource {
  return { name: 'thumbprint', lookup: (token) => `${token}.${thumbprint}` };
}
