import { isIP, isIPv6 } from 'node:net';
import type { LookupAddresses } from './addresses.js';
import { hostOf } from './brackets.js';
import { deadlinesOf } from './deadlines.js';
import { httpGet } from './http-get.js';
import { isInside } from './inability.js';
import type { End, Look, Lookup, Place, Redirect, Reply } from './look.js';

/** As Let's Encrypt. */
const mostRedirects = 10;
/** The CA/Browser Forum's Baseline Requirements, 3.2.2.4.19, name these four. */
const followed = [301, 302, 307, 308];
/** Milliseconds to connect to an IPv6 address for which an IPv4 one can stand in. */
const connectTimeout = 3_000;

export interface Following {
  /** What is looked for, with the name as its host. */
  readonly url: URL;
  /** One of the name's. */
  readonly address: string;
  /** What stands for the CA's ports at the machines that are ours. */
  readonly ports: { readonly http: number; readonly https: number };
  /** Given in place of what the DNS has for any of `names`. */
  readonly givenAddress: string | undefined;
  /** Those that are looked at together, which are ours. */
  readonly names: ReadonlySet<string>;
  /** Whether hosts elsewhere may be in a private network: where the CA is in one itself. */
  readonly followsInside: boolean;
  readonly lookup: LookupAddresses;
  readonly userAgent: string;
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** Asks one address and follows where it leads. Never throws. */
export async function look(following: Following): Promise<Look> {
  const { address } = following;
  const redirects: Redirect[] = [];
  const seen = new Set<string>();
  let { url } = following;
  let found = await addressesOf(hostOf(url), following);
  for (;;) {
    seen.add(url.href);
    const [end, place] = await ask(url, found, following);
    if (end.kind !== 'reply' || place === undefined || !isRedirect(end.reply)) return { address, redirects, end };
    const { status, location = '' } = end.reply;
    const next = await nextOf(parse(location, url), status, { following, seen, count: redirects.length });
    if ('reason' in next) {
      const refused = { kind: 'not-followed', url: url.href, place, status } as const;
      return { address, redirects, end: { ...refused, target: location, ...next } };
    }
    redirects.push({ url: url.href, place, status });
    [url, found] = [next.url, next.found];
  }
}

interface Way {
  readonly following: Following;
  readonly seen: ReadonlySet<string>;
  readonly count: number;
}

type Next = { readonly url: URL; readonly found: Lookup } | { readonly reason: string };

/** Where a redirect leads, or why a CA does not go there, as the end of a sentence. */
async function nextOf(target: URL | undefined, status: number, { following, seen, count }: Way): Promise<Next> {
  if (count === mostRedirects) return { reason: `a CA follows ${mostRedirects} redirects at most` };
  if (!followed.includes(status)) return { reason: `a CA does not follow a ${status}` };
  if (target === undefined) return { reason: 'that is no URL' };
  const reason = refusal(target, following.url, seen);
  if (reason !== undefined) return { reason };
  const host = hostOf(target);
  const found = allowed(await addressesOf(host, following), host, following);
  return found === undefined ? { reason: 'a CA does not follow into a private network' } : { url: target, found };
}

/** An IPv6 address that cannot be connected to makes way for an IPv4 one, except for the name that is looked at. */
async function ask(url: URL, found: Lookup, following: Following): Promise<readonly [End, Place | undefined]> {
  const host = hostOf(url);
  if (found.kind !== 'found') return [{ kind: 'unresolved', host, lookup: found }, undefined];
  const six = found.addresses.find((address) => isIPv6(address));
  const four = found.addresses.find((address) => !isIPv6(address));
  if (six !== undefined && four !== undefined) {
    const deadlines = deadlinesOf(following.signal);
    const patience = deadlines.start(connectTimeout);
    const first = await askAt(six, url, following, patience.signal).finally(() => {
      patience.clear();
      deadlines.close();
    });
    if (first[0].kind !== 'unconnected') return first;
  }
  const address = four ?? six;
  if (address !== undefined) return await askAt(address, url, following);
  return [{ kind: 'unresolved', host, lookup: { kind: 'none', code: 'ENODATA' } }, undefined];
}

async function askAt(
  address: string,
  url: URL,
  following: Following,
  patience?: AbortSignal,
): Promise<readonly [End, Place]> {
  const { signal, userAgent, limit } = following;
  const place = { address, port: portOf(url, address, following) };
  const got = await httpGet({ url, place, userAgent, limit, signal, patience });
  if ('status' in got) return [{ kind: 'reply', url: url.href, place, reply: got }, place];
  return [{ url: url.href, place, ...got }, place];
}

async function addressesOf(host: string, following: Following): Promise<Lookup> {
  return addressesAtHand(host, following) ?? (await following.lookup(host, following.signal));
}

/** What a CA asks of what was found: a name of others cannot send it, or us, into a network that is not theirs. */
function allowed(found: Lookup, host: string, { address: first, names, followsInside }: Following): Lookup | undefined {
  if (found.kind !== 'found' || followsInside || names.has(host)) return found;
  const addresses = found.addresses.filter((address) => address === first || !isInside(address));
  return addresses.length === 0 ? undefined : { kind: 'found', addresses };
}

/** A redirect to the name itself stays at the address that is looked at: each of them is to answer by itself. */
function addressesAtHand(host: string, { url, address, givenAddress, names }: Following): Lookup | undefined {
  const known = host === hostOf(url) ? address : names.has(host) ? givenAddress : undefined;
  const own = known ?? (isIP(host) === 0 ? undefined : host);
  return own === undefined ? undefined : { kind: 'found', addresses: [own] };
}

/** A host elsewhere has its ports where the CA looks for them. */
function portOf(url: URL, address: string, { names, ports, address: first }: Following): number {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  if (!names.has(hostOf(url)) && address !== first) return port;
  return port === 80 ? ports.http : ports.https;
}

function isRedirect({ status }: Reply): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

function refusal(target: URL, from: URL, seen: ReadonlySet<string>): string | undefined {
  const host = hostOf(target);
  if (target.protocol !== 'http:' && target.protocol !== 'https:') return 'a CA follows http and https alone';
  if (!['', '80', '443'].includes(target.port)) return 'a CA follows to the ports 80 and 443 alone';
  if (host.endsWith('.well-known')) return "a '/' is missing between host and path";
  if (isIP(host) !== 0 && isIP(hostOf(from)) === 0) return 'a CA does not follow to an address';
  return seen.has(target.href) ? 'that is a loop' : undefined;
}

function parse(location: string, base: URL): URL | undefined {
  if (location === '' || !URL.canParse(location, base.href)) return undefined;
  const url = new URL(location, base.href);
  url.hash = '';
  return url;
}
