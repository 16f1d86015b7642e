import { AcmeError } from './acme-error.js';
import type { IssueWishes } from './certificate-authority.js';
import type { DirectoryMeta } from './directory.js';
import { clean } from './problem.js';

/**
 * The profile to order by: the one that is wished where the CA has it.
 * @throws AcmeError `acme-profile-unknown` where it is required and the CA does not have it.
 */
export function chooseProfile(wished: IssueWishes['profile'], { profiles }: DirectoryMeta): string | undefined {
  if (wished === undefined) return undefined;
  if (profiles.includes(wished.name)) return wished.name;
  if (!wished.required) return undefined;
  const offered = profiles.length === 0 ? 'It offers none' : `It offers: ${profiles.map(clean).join(', ')}`;
  throw new AcmeError('acme-profile-unknown', `The CA has no profile '${wished.name}'. ${offered}.`);
}
