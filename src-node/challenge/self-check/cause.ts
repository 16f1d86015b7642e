import { isIPv6 } from 'node:net';
import type { End, Look, Reply } from './look.js';
import { isBehindRouter, isOwnAddress, type Machine } from './inability.js';

/** What most likely keeps a challenge from its answer. */
export type Cause =
  | 'redirected'
  | 'redirect-not-followed'
  | 'other-backend'
  | 'unknown-token'
  | 'other-account'
  | 'added-bytes'
  | 'refused-by-rule'
  | 'no-server'
  | 'ipv6-elsewhere'
  | 'router'
  | 'nothing-listens'
  | 'port-closed'
  | 'timed-out'
  | 'silent'
  | 'broken-off'
  | 'no-http'
  | 'no-tls'
  | 'no-acme-tls'
  | 'other-acme-tls'
  | 'no-route'
  | 'no-name'
  | 'no-address'
  | 'resolver';

/** In words, as the end of a sentence; docs/errors.md says what to do about each. */
export const causes: Readonly<Record<Cause, string>> = {
  redirected: 'a redirect comes before the rule for challenges: except /.well-known/acme-challenge/ from it',
  'redirect-not-followed': 'except /.well-known/acme-challenge/ from the redirect',
  'other-backend':
    'another backend or web server answers: the rule for challenges comes after it, or is in another frontend',
  'unknown-token': 'the rule for challenges answers and does not know this one',
  'other-account': 'the answer is for another account: the thumbprint that HAProxy has is not that of this account',
  'added-bytes': 'the answer has more than the challenge: only white space may follow',
  'refused-by-rule': 'a rule that denies access comes before the rule for challenges',
  'no-server': 'HAProxy has no server for it: the backend is missing, leads to another port, or a check has it down',
  'ipv6-elsewhere': 'the AAAA record leads to another host than the A record, and a CA tries IPv6 first',
  router: 'another backend answers, or the router on the way does: behind NAT, give --self-check-address',
  'nothing-listens': 'nothing listens on that port of this machine',
  'port-closed': 'the port is closed there',
  'timed-out': 'a firewall drops what comes for that port',
  silent: 'whoever accepts the connection does not answer',
  'broken-off': 'whoever accepts the connection closes it without an answer',
  'no-http': 'what listens there does not speak HTTP',
  'no-tls': 'what listens there does not speak TLS 1.2 or 1.3',
  'no-acme-tls': 'connections of ALPN acme-tls/1 are not led to this run: another server has the port',
  'other-acme-tls': 'another answers challenges there: another node, or another program',
  'no-route': 'this machine has no way there',
  'no-name': 'the name does not exist in the DNS',
  'no-address': 'the DNS has neither an A nor an AAAA record for it',
  resolver: 'the DNS server does not answer as it should: --self-check-resolver names another one',
};

/** What a rule for challenges that does not know one is short of, by the lineage's authenticator. */
const unknownToken: Readonly<Record<string, string>> = {
  webroot: 'under chroot its directory is another path than -w, or another node answers',
  standalone: 'another server than that of this run answers',
  'runtime-map': "it reads another map than --runtime-map's, or another node answers",
  stateless: 'it has no thumbprint',
  spoe: 'it asks another agent, or the agent does not answer',
};

export interface Circumstances {
  readonly keyAuthorization: string;
  readonly authenticator: string;
  readonly machine: Machine;
  /** Whether an IPv4 address of the name answers as it should. */
  readonly ipv4Answers: boolean;
}

export function causeOf({ address, redirects, end }: Look, circumstances: Circumstances): Cause {
  if (isIPv6(address) && circumstances.ipv4Answers) return 'ipv6-elsewhere';
  switch (end.kind) {
    case 'not-followed':
      return 'redirect-not-followed';
    case 'unresolved':
      return causeOfLookup(end.lookup);
    case 'unconnected':
      // Had it not been led away, nobody would have had to listen there.
      return redirects.length > 0 ? 'redirected' : causeOfFault(end, circumstances.machine);
    case 'broken':
      return causeOfFault(end, circumstances.machine);
    case 'handshake':
      return end.agreed ? 'other-acme-tls' : 'no-acme-tls';
    case 'reply':
      return causeOfReply(end.reply, redirects.length > 0, address, circumstances);
  }
}

export function causeOfLookup({ kind, code }: Extract<End, { kind: 'unresolved' }>['lookup']): Cause {
  if (kind === 'unanswered') return 'resolver';
  return code === 'ENOTFOUND' ? 'no-name' : 'no-address';
}

/** The cause in words, which depend on the way that answers. */
export function causeText(cause: Cause, { authenticator }: Pick<Circumstances, 'authenticator'>): string {
  const more = cause === 'unknown-token' ? unknownToken[authenticator] : undefined;
  return more === undefined ? causes[cause] : `${causes[cause]}: ${more}`;
}

const byCode: Readonly<Record<string, Cause>> = {
  ECONNRESET: 'broken-off',
  EPIPE: 'broken-off',
  ETIMEDOUT: 'timed-out',
};

function causeOfFault({ kind, code, place }: Extract<End, { code: string }>, machine: Machine): Cause {
  if (code === 'ECONNREFUSED') return isOwnAddress(place.address, machine) ? 'nothing-listens' : 'port-closed';
  if (kind === 'broken' && code === 'ETIMEDOUT') return 'silent';
  if (code.includes('NO_APPLICATION_PROTOCOL')) return 'no-acme-tls';
  if (code.startsWith('HPE_')) return 'no-http';
  if (/SSL|TLS/.test(code) || code === 'EPROTO') return 'no-tls';
  return byCode[code] ?? 'no-route';
}

function causeOfReply(reply: Reply, redirected: boolean, address: string, circumstances: Circumstances): Cause {
  const { status, body } = reply;
  const [token = ''] = circumstances.keyAuthorization.split('.');
  if (status === 200 && body.startsWith(circumstances.keyAuthorization)) return 'added-bytes';
  if (status === 200 && body.startsWith(`${token}.`)) return 'other-account';
  if (redirected) return 'redirected';
  if (status === 503) return 'no-server';
  if (status === 401 || status === 403 || status === 429) return 'refused-by-rule';
  if (status === 404 && isOfRule(reply)) return 'unknown-token';
  return isBehindRouter(address, circumstances.machine) ? 'router' : 'other-backend';
}

/** The Lua service, a rule of HAProxy and the server of ours send a line at most, and do not tell who they are. */
function isOfRule({ server, contentType = '', body }: Reply): boolean {
  return server === undefined && !/html|json/i.test(contentType) && body.length < 64 && !body.includes('<');
}
