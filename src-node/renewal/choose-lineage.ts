import { freeCertName } from '../lineage/letsencrypt-directory.js';
import { RenewalError } from './renewal-error.js';
import type { Candidate } from './plan-renewals.js';

/** What certonly is asked for. */
export interface Wish {
  readonly certName: string | undefined;
  readonly names: readonly string[];
  readonly expand: boolean;
  readonly newNames: boolean;
  readonly duplicate: boolean;
}

/** The lineage that a wish is about. */
export type Choice =
  | { readonly kind: 'new'; readonly certName: string; readonly names: readonly string[] }
  /** The names are those of the lineage. */
  | { readonly kind: 'same'; readonly candidate: Candidate; readonly names: readonly string[] }
  /** The lineage gets other names than it has. */
  | { readonly kind: 'changed'; readonly candidate: Candidate; readonly names: readonly string[] };

/**
 * As certbot chooses: the lineage that --cert-name names, else one with exactly these names, else with --expand the one
 * of most names that are all among them, else a new one named after the first; with --duplicate a new one at once. Where
 * NAME-rsa has the same names as NAME, as by --key-type both, it is NAME that the names are for.
 * @param taken the names of all lineages, broken ones included.
 * @throws RenewalError `names-differ` or `no-such-lineage`.
 */
export function chooseLineage(wish: Wish, candidates: readonly Candidate[], taken: ReadonlySet<string>): Choice {
  if (wish.certName !== undefined) return chooseNamed(wish, wish.certName, candidates);
  const { names } = wish;
  const fresh = (): Choice => {
    return { kind: 'new', certName: freeCertName((names[0] ?? '').replace(/^\*\./, ''), taken), names };
  };
  if (wish.duplicate) return fresh();
  const meant = withoutCompanions(candidates);
  const exact = meant.find((candidate) => sameNames(candidate.certificate.names, names));
  if (exact !== undefined) return { kind: 'same', candidate: exact, names };
  const subset = largestSubset(meant, names);
  if (subset !== undefined) {
    if (wish.expand) return { kind: 'changed', candidate: subset, names };
    throw differ(subset, names);
  }
  return fresh();
}

function chooseNamed(wish: Wish, certName: string, candidates: readonly Candidate[]): Choice {
  const candidate = candidates.find((known) => known.lineage.certName === certName);
  const { names } = wish;
  if (candidate === undefined) {
    if (names.length > 0) return { kind: 'new', certName, names };
    throw new RenewalError('no-such-lineage', `There is no lineage '${certName}', and no names are given by -d.`);
  }
  const current = candidate.certificate.names;
  if (names.length === 0 || sameNames(current, names)) return { kind: 'same', candidate, names: current };
  const grows = current.every((name) => names.includes(name));
  if (wish.newNames || (wish.expand && grows)) return { kind: 'changed', candidate, names };
  throw differ(candidate, names);
}

/** The name of the lineage that has the RSA key beside one with an ECDSA key. */
export function companionOf(certName: string): string {
  return `${certName}-rsa`;
}

/** The name of the lineage that one of such a name is the companion of. */
export function firstOf(certName: string): string | undefined {
  return /^(.+)-rsa$/.exec(certName)?.[1];
}

function withoutCompanions(candidates: readonly Candidate[]): readonly Candidate[] {
  const companions = new Map(candidates.map((each) => [companionOf(each.lineage.certName), each.certificate.names]));
  return candidates.filter(({ lineage, certificate }) => {
    const names = companions.get(lineage.certName);
    return names === undefined || !sameNames(names, certificate.names);
  });
}

function differ({ lineage, certificate }: Candidate, names: readonly string[]): RenewalError {
  const [has, wanted] = [certificate.names.join(', '), names.join(', ')];
  return new RenewalError('names-differ', `The lineage '${lineage.certName}' is for ${has}, and not for ${wanted}.`);
}

/** A certificate without names is part of nothing. */
function largestSubset(candidates: readonly Candidate[], names: readonly string[]): Candidate | undefined {
  const size = ({ certificate }: Candidate): number => certificate.names.length;
  return candidates
    .filter((candidate) => size(candidate) > 0 && candidate.certificate.names.every((name) => names.includes(name)))
    .reduce<Candidate | undefined>(
      (best, candidate) => (best === undefined || size(candidate) > size(best) ? candidate : best),
      undefined,
    );
}

function sameNames(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name) => other.includes(name));
}
