import { ChallengeError } from './challenge-error.js';

/**
 * RFC 8555 section 8: control of a wildcard is shown by dns-01 alone.
 * @param way the flag of a publisher that answers nothing but http-01.
 */
export function refuseWildcards(names: readonly string[], way: string): void {
  const wildcard = names.find((name) => name.startsWith('*.'));
  if (wildcard === undefined) return;
  throw new ChallengeError(
    'wildcard-needs-dns',
    `The wildcard ${wildcard} can be validated by dns-01 only, which ${way} does not answer.`,
  );
}
