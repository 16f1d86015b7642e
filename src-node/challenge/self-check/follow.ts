import { isIP, isIPv6 } from 'node:net';
import type { LookupAddresses } from './addresses.js';
import { httpGet } from './http-get.js';
import type { End, Look, Place, Redirect, Reply } from './look.js';

/** As Let's Encrypt. */
const mostRedirects = 10;
/** The CA/Browser Forum's Baseline Requirements, 3.2.2.4.19, name these four. */
const followed = [301, 302, 307, 308];

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
  for (;;) {
    seen.add(url.href);
    const [end, place] = await ask(url, following);
    if (end.kind !== 'reply' || place === undefined || !isRedirect(end.reply)) return { address, redirects, end };
    const { status, location } = end.reply;
    const target = parse(location ?? '', url);
    const reason =
      redirects.length === mostRedirects
        ? `a CA follows ${mostRedirects} redirects at most`
        : refusal(status, target, following.url, seen);
    if (reason !== undefined || target === undefined) {
      const refused = { kind: 'not-followed', url: url.href, place, status } as const;
      return { address, redirects, end: { ...refused, target: location ?? '', reason: reason ?? '' } };
    }
    redirects.push({ url: url.href, place, status });
    url = target;
  }
}

/** An IPv6 address that cannot be connected to makes way for an IPv4 one, except for the name that is looked at. */
async function ask(url: URL, following: Following): Promise<readonly [End, Place | undefined]> {
  const { lookup, signal, userAgent, limit } = following;
  const host = hostOf(url);
  const addresses = addressesAtHand(host, following) ?? (await lookup(host, signal));
  if (addresses.kind !== 'found') return [{ kind: 'unresolved', host, lookup: addresses }, undefined];
  const six = addresses.addresses.find((address) => isIPv6(address));
  const four = addresses.addresses.find((address) => !isIPv6(address));
  let last: readonly [End, Place | undefined] | undefined;
  for (const address of [six, four].filter((known) => known !== undefined)) {
    const place = { address, port: portOf(url, address, following) };
    const got = await httpGet({ url, place, userAgent, limit, signal });
    const end: End =
      'status' in got ? { kind: 'reply', url: url.href, place, reply: got } : { url: url.href, place, ...got };
    last = [end, place];
    if (end.kind !== 'unconnected') break;
  }
  return last ?? [{ kind: 'unresolved', host, lookup: { kind: 'none', code: 'ENODATA' } }, undefined];
}

type Found = Extract<Awaited<ReturnType<LookupAddresses>>, { kind: 'found' }>;

/** A redirect to the name itself stays at the address that is looked at: each of them is to answer by itself. */
function addressesAtHand(host: string, { url, address, givenAddress, names }: Following): Found | undefined {
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

/** Why a CA does not go there, as the end of a sentence. */
function refusal(status: number, target: URL | undefined, from: URL, seen: ReadonlySet<string>): string | undefined {
  if (!followed.includes(status)) return `a CA does not follow a ${status}`;
  if (target === undefined) return 'that is no URL';
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

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}
