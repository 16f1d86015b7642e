import { readList } from './crt-list-file.js';
import { readCrtList } from './crt-list.js';
import type { Found } from './deployer.js';
import type { DeployerSettings } from './deployer-settings.js';
import { listedFile, type FoundHaproxy } from './found-haproxy.js';
import type { BindEndpoint, TlsBind } from './haproxy-config.js';
import { bindsServing } from './loaded-names.js';
import type { Placed } from './place-bundles.js';
import type { Handshake, HandshakeTarget } from './tls-handshake.js';

/** Of a deployment, what a handshake needs to know. */
export type Expected = Pick<Placed, 'deployment' | 'leaf'>;

/** A handshake to be tried: a bind, and a name as SNI. */
export interface Look {
  readonly expected: Expected;
  readonly target: HandshakeTarget;
  /** As the user knows the bind. */
  readonly place: string;
  readonly name: string;
  /** A look at a place that is looked at already: another process may hold the same port (SO_REUSEPORT). */
  readonly again: boolean;
}

/** What a look came to. */
export interface Seen extends Look {
  readonly handshake: Handshake;
  /** The new certificate is served, or that of another lineage which has the same name. */
  readonly good: boolean;
  /** The lineage whose certificate is served in place of this one. */
  readonly owner: string | undefined;
}

/** Milliseconds for one handshake. */
const handshakeTimeout = 5_000;
/** Milliseconds until what is not served counts as such, and between looks. */
const patience = 5_000;
const pause = 500;
const lanes = 8;
/** Looks at each place beside the one for each name. */
const more = 8;

/** Every bind that loads a bundle, with every name of its certificate; IP addresses have no SNI. */
export async function planLooks(
  all: readonly Expected[],
  found: FoundHaproxy,
  { verify }: DeployerSettings,
): Promise<readonly Look[]> {
  if (verify[0] === 'none') return [];
  const looks: Look[] = [];
  for (const expected of all) {
    if (expected.leaf.keyType === 'other') continue;
    const { bundle, crtList } = expected.deployment;
    const binds = bindsServing(bundle, crtList, found.config, found.names);
    const targets = verify.length > 0 ? verify.map(namedTarget) : binds.flatMap(targetsOf);
    const names = await listedNames(expected, found);
    for (const name of names) looks.push(...targets.map((target) => ({ ...target, expected, name, again: false })));
  }
  const places = new Map(looks.map((look) => [look.place, look]));
  return [
    ...looks,
    ...[...places.values()].flatMap((look) => Array.from({ length: more }, () => ({ ...look, again: true }))),
  ];
}

type Target = Pick<Look, 'target' | 'place'>;

function namedTarget(place: string): Target {
  const at = place.lastIndexOf(':');
  const host = place.slice(0, at).replace(/^\[|\]$/g, '');
  return { place, target: { host, port: Number(place.slice(at + 1)), acceptProxy: false } };
}

function targetsOf({ endpoints, section, acceptProxy }: TlsBind): readonly Target[] {
  return endpoints.map((endpoint) => ({
    target: { ...endpoint, acceptProxy },
    place: `${endpointText(endpoint)} (${section})`,
  }));
}

function endpointText(endpoint: BindEndpoint): string {
  if ('path' in endpoint) return endpoint.path;
  return endpoint.host.includes(':') ? `[${endpoint.host}]:${endpoint.port}` : `${endpoint.host}:${endpoint.port}`;
}

/** The names that HAProxy serves the certificate for: SNI filters of its crt-list line may leave some out. */
async function listedNames({ deployment, leaf }: Expected, found: FoundHaproxy): Promise<readonly string[]> {
  const names = leaf.names.filter((name) => !/^[\d.]+$|:/.test(name));
  const { crtList, bundle } = deployment;
  if (crtList === undefined) return names;
  const entry = readCrtList(await readList(crtList), crtList).find(
    ({ certificate }) => listedFile(found, certificate) === bundle,
  );
  const filters = (entry?.rest ?? '')
    .replace(/^\s*\[[^\]]*\]/, '')
    .split(/\s+/)
    .filter((word) => word !== '');
  return names.filter((name) => passes(name, filters));
}

/** Configuration manual, `crt-list`: filters are names, wildcards, and exceptions from these by `!`. */
function passes(name: string, filters: readonly string[]): boolean {
  const wanted = filters.filter((filter) => !filter.startsWith('!'));
  const matches = (filter: string): boolean => {
    const lower = filter.toLowerCase();
    return lower === name || (lower.startsWith('*.') && name.slice(name.indexOf('.')) === lower.slice(1));
  };
  if (filters.some((filter) => filter.startsWith('!') && matches(filter.slice(1)))) return false;
  return wanted.length === 0 || wanted.some(matches);
}

/**
 * Tries each look. A certificate that is not served everywhere has its time, and is looked at everywhere anew: of two
 * processes on one port one alone may have it, and a look meets either.
 */
export async function lookAtAll(
  looks: readonly Look[],
  settings: Pick<DeployerSettings, 'clock' | 'ownerOf'>,
  wait: number = patience,
): Promise<readonly Seen[]> {
  if (looks.length === 0) return [];
  const { clock, ownerOf } = settings;
  const end = clock.now() + wait;
  let seen = await inLanes(looks, async (look) => await shake(look));
  while (seen.some(({ good }) => !good) && clock.now() < end) {
    await clock.sleep(pause);
    const bad = new Set(seen.filter(({ good }) => !good).map(({ expected }) => expected));
    seen = await inLanes(seen, async (each) => (bad.has(each.expected) ? await shake(each) : each));
  }
  return await inLanes(seen, async (each) => await withOwner(each, ownerOf));
}

async function shake(look: Look): Promise<Seen> {
  const { handshake, sniFor } = await import('./tls-handshake.js');
  const { leaf } = look.expected;
  const answer = await handshake(look.target, {
    servername: sniFor(look.name),
    keyType: leaf.keyType === 'rsa' ? 'rsa' : 'ecdsa',
    timeout: handshakeTimeout,
  });
  const good = answer.kind === 'served' && answer.leaf.fingerprint === leaf.fingerprint;
  return { ...look, handshake: answer, good, owner: undefined };
}

/** Of two lineages with one name HAProxy serves one: that is as the user has it. */
async function withOwner(seen: Seen, ownerOf: DeployerSettings['ownerOf']): Promise<Seen> {
  if (seen.good || seen.handshake.kind !== 'served') return seen;
  const owner = await ownerOf(seen.handshake.leaf.fingerprint);
  const other = owner !== undefined && owner !== seen.expected.deployment.certName;
  return other ? { ...seen, good: true, owner } : seen;
}

async function inLanes<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at] as T);
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
  return results;
}

/** What was seen, in a few words. */
export function seenText({ handshake }: Pick<Seen, 'handshake'>): string {
  if (handshake.kind === 'no-answer') return handshake.reason;
  const { subject, serial, issuer, notAfter } = handshake.leaf;
  const until = new Date(notAfter).toISOString().slice(0, 10);
  return `the certificate of ${subject}, serial ${serial}, by ${issuer}, valid until ${until}`;
}

export function asFound(seen: Seen): Found {
  const owner = seen.owner === undefined ? '' : ` (that of the lineage '${seen.owner}')`;
  return { place: seen.place, name: seen.name, same: seen.good, seen: `${seenText(seen)}${owner}` };
}
