import { isIPv6 } from 'node:net';
import type { SelfCheckMode } from '../../lineage/challenge-settings.js';
import { causeOf, causeOfLookup, causeText, type Cause } from './cause.js';
import { isBehindRouter, isOwnInability, type Machine } from './inability.js';
import type { Look, Lookup } from './look.js';
import { lookText } from './words.js';

/** What was seen of one name's challenge. */
export interface Seen {
  readonly name: string;
  readonly keyAuthorization: string;
  /** What is to be shown. */
  readonly validation: string;
  /** Undefined where no address had to be looked up. */
  readonly lookup: Lookup | undefined;
  /** One for each address. */
  readonly looks: readonly Look[];
}

/** What there is to say of a name: that the CA will not find the answer, or that it may be so. */
export interface Finding {
  readonly kind: 'failure' | 'warning';
  readonly name: string;
  readonly cause: Cause;
  /** The end of a sentence. */
  readonly reason: string;
}

export interface Judging {
  readonly mode: Exclude<SelfCheckMode, 'off'>;
  readonly authenticator: string;
  readonly machine: Machine;
}

/**
 * Decides what of a look counts. Every address of a name has to answer, except that an IPv6 one which cannot be connected
 * to is passed over where an IPv4 one answers, as CAs do. What only this machine cannot reach is a warning, and so
 * is what a router on the way may have answered in place of whom it leads the CA to.
 */
export function assess(seen: Seen, judging: Judging): readonly Finding[] {
  const { name, lookup, looks, keyAuthorization } = seen;
  const isGood = (look: Look): boolean => isAnswered(look, seen);
  const { mode, machine } = judging;
  const finding = (kind: Finding['kind'], cause: Cause, met: string): Finding => ({
    ...{ kind: mode === 'warn' ? 'warning' : kind, name, cause },
    reason: `${met}; ${causeText(cause, judging)}`,
  });
  if (lookup !== undefined && lookup.kind !== 'found') {
    const kind = lookup.kind === 'unanswered' ? 'warning' : 'failure';
    return [finding(kind, causeOfLookup(lookup), `the DNS does not resolve it (${lookup.code})`)];
  }
  const [token = ''] = keyAuthorization.split('.');
  const ipv4Answers = looks.some((look) => !isIPv6(look.address) && isGood(look));
  return looks
    .filter((look) => !isGood(look))
    .map((look) => {
      const passedOver = isPassedOver(look) && ipv4Answers;
      const circumstances = { ...judging, keyAuthorization, ipv4Answers: ipv4Answers && !passedOver };
      const cause = causeOf(look, circumstances);
      const doubtful = isInability(look, machine) || isOfRouter(look, cause, machine);
      return finding(passedOver || doubtful ? 'warning' : 'failure', cause, lookText(look, token));
    });
}

/** RFC 8555 section 8.3: white space at the end is allowed. RFC 8737 section 3: the certificate is for that name alone. */
function isAnswered({ end }: Look, { name, validation }: Seen): boolean {
  if (end.kind === 'reply') return end.reply.status === 200 && end.reply.body.trimEnd() === validation;
  if (end.kind !== 'handshake' || !end.agreed) return false;
  const { names = [], digest } = end.identifier ?? {};
  return digest === validation && names.length === 1 && names[0]?.toLowerCase() === name.toLowerCase();
}

function isPassedOver({ address, redirects, end }: Look): boolean {
  return isIPv6(address) && redirects.length === 0 && end.kind === 'unconnected';
}

function isInability({ end }: Look, machine: Machine): boolean {
  if (end.kind === 'unresolved') return end.lookup.kind === 'unanswered';
  return (end.kind === 'unconnected' || end.kind === 'broken') && isOwnInability(end, end.place.address, machine);
}

/** A router with a page of its own answers for its outer address to those inside, whatever it does for a CA. */
function isOfRouter({ address }: Look, cause: Cause, machine: Machine): boolean {
  return cause === 'router' || (cause === 'no-acme-tls' && isBehindRouter(address, machine));
}
