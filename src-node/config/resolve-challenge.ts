import { isIP } from 'node:net';
import { challengeTypes, type ChallengeType } from '../challenge/challenge-publisher.js';
import { usage } from './config-error.js';
import { authenticators, type Authenticator, type ChallengeOptions } from './config.js';
import { domainName, ipAddress } from './domain-name.js';
import type { Occurrence, OrderedKey, ParsedCommand } from './raw-options.js';
import { resolveChallengeSettings } from './resolve-challenge-settings.js';
import { nonEmpty, resolvePort } from './resolve-values.js';

type AbsolutePath = (value: string) => string;

/** The names that are asked for, and how their challenges are to be answered. */
export function resolveChallenge(
  { options: given, order, verb }: ParsedCommand,
  absolute: AbsolutePath,
): { readonly names: readonly string[]; readonly challenge: ChallengeOptions } {
  const { names, webrootMap, webroot } = resolveNames(order, absolute);
  const mapped = mapOfJson(given.webrootMap, absolute);
  // `renew` has lineages of all kinds before it: one that answers otherwise is not to lose its way by a -w for the rest.
  const implied = verb !== 'renew' && (webroot !== undefined || given.webrootMap !== undefined);
  return {
    names: [...new Set([...names, ...Object.keys(mapped)])],
    challenge: {
      authenticator: resolveAuthenticator(order) ?? (implied ? 'webroot' : undefined),
      // As certbot: the map counts before -w and -d.
      webrootMap: { ...webrootMap, ...mapped },
      webroot,
      http01Port: resolvePort('--http-01-port', given.http01Port),
      http01Address: nonEmpty(given.http01Address),
      authHook: nonEmpty(given.manualAuthHook),
      cleanupHook: nonEmpty(given.manualCleanupHook),
      types: resolveTypes(given.preferredChallenges),
      ...resolveChallengeSettings(given, absolute),
    },
  };
}

interface NamesGiven {
  readonly names: readonly string[];
  readonly webrootMap: Readonly<Record<string, string>>;
  readonly webroot: string | undefined;
}

function resolveNames(order: readonly Occurrence[], absolute: AbsolutePath): NamesGiven {
  const webrootMap: Record<string, string> = {};
  const names = new Set<string>();
  // As certbot: names before the first -w have that one.
  let current = order.find((entry) => entry.key === 'webrootPath')?.value;
  for (const { key, value } of order) {
    if (key === 'webrootPath') current = value;
    if (key !== 'domains' && key !== 'ipAddresses') continue;
    for (const name of value.split(',').map(key === 'domains' ? domainName : ipAddress)) {
      names.add(name);
      if (current !== undefined) webrootMap[name] = absolute(current);
    }
  }
  return { names: [...names], webrootMap, webroot: current === undefined ? undefined : absolute(current) };
}

const flagsOfAuthenticators: Readonly<Partial<Record<OrderedKey, string>>> = {
  webroot: 'webroot',
  standalone: 'standalone',
  manual: 'manual',
  runtimeMap: 'runtime-map',
  stateless: 'stateless',
  spoe: 'spoe',
  tlsAlpn01: 'tls-alpn-01',
};

/** Of -a and the flags of their own the last one counts. */
function resolveAuthenticator(order: readonly Occurrence[]): Authenticator | undefined {
  const chosen = order
    .map(({ key, value }) => (key === 'authenticator' ? value : flagsOfAuthenticators[key]))
    .filter((name) => name !== undefined)
    .at(-1);
  if (chosen === undefined) return undefined;
  const known = authenticators.find((name) => name === chosen);
  if (known !== undefined) return known;
  throw usage(
    `The authenticator '${chosen.slice(0, 80)}' is not one of haproxy-acme's; there are: ${authenticators.join(', ')}.`,
  );
}

/** certbot's form: {"a.example,b.example": "/webroot"}. */
function mapOfJson(given: string | undefined, absolute: AbsolutePath): Readonly<Record<string, string>> {
  if (given === undefined) return {};
  const wrong = usage('--webroot-map takes a JSON object of names and directories: {"a.example": "/var/www/acme"}.');
  let parsed: unknown;
  try {
    parsed = JSON.parse(given);
  } catch {
    throw wrong;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw wrong;
  const entries = Object.entries(parsed).flatMap(([names, directory]: [string, unknown]) => {
    if (typeof directory !== 'string') throw wrong;
    return names.split(',').map((name): [string, string] => [certificateName(name), absolute(directory)]);
  });
  return Object.fromEntries(entries);
}

function certificateName(text: string): string {
  return isIP(text.trim()) === 0 ? domainName(text) : ipAddress(text);
}

const shortTypes: Readonly<Record<string, ChallengeType>> = {
  http: 'http-01',
  dns: 'dns-01',
  'tls-alpn': 'tls-alpn-01',
};

function resolveTypes(given: string | undefined): readonly ChallengeType[] | undefined {
  if (given === undefined) return undefined;
  return given.split(',').map((word) => {
    const wanted = word.trim();
    const type = shortTypes[wanted] ?? challengeTypes.find((known) => known === wanted);
    if (type !== undefined) return type;
    throw usage(`--preferred-challenges takes 'http', 'dns' and 'tls-alpn', not '${wanted.slice(0, 80)}'.`);
  });
}
