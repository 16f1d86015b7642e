import {
  confList,
  haproxySection,
  parseRenewalConf,
  renewalParams,
  serializeRenewalConf,
  setConfSection,
  setConfValue,
  webrootMapSection,
  type RenewalConf,
} from '../lineage/renewal-conf.js';
import { readSettings, writeSettings } from '../lineage/renewal-settings.js';
import type { RenewalSettings } from '../lineage/lineage.js';
import type { GivenAuthenticator, PlannedLineage } from './plan-lineages.js';
import type { ConfChange } from './record.js';

/** A lineage's configuration without these hooks, and with the authenticator that it is to have. */
export function adoptedConf(conf: RenewalConf, lineage: PlannedLineage, hookKeys: readonly string[]): RenewalConf {
  let result = conf;
  for (const key of hookKeys) result = setConfValue(result, renewalParams, key, undefined);
  const { renewal } = lineage;
  const settings = readSettings(result);
  if (renewal.kind !== 'changed' || settings === undefined) return result;
  // All that a renewal would write with it, so that all of it is taken back together.
  return writeSettings(result, { ...settings, ...authenticatorSettings(renewal.to, lineage.found.names) });
}

function authenticatorSettings(to: GivenAuthenticator, names: readonly string[]): Partial<RenewalSettings> {
  if (to.kind === 'standalone') return { authenticator: 'standalone', http01Port: to.port };
  const webrootMap = Object.fromEntries(names.map((name) => [name, to.path]));
  return { authenticator: 'webroot', webrootMap, webrootDefault: undefined };
}

/** What differs between two configurations, as the latter has it. */
export function confDifference(before: RenewalConf, after: RenewalConf): readonly ConfChange[] {
  const [old, now] = [entriesOf(before), entriesOf(after)];
  return [...new Map([...old, ...now]).values()]
    .filter(({ section, key }) => !sameValue(valueOf(before, section, key), valueOf(after, section, key)))
    .map(({ section, key }) => ({ section, key, value: valueOf(after, section, key) }));
}

/** What renewals write there is of no account when an adoption is taken back. */
const ownKeys = [
  ...['deployed_version', 'self_check', 'self_check_port', 'self_check_https_port', 'self_check_address'],
  'self_check_resolver',
].map((key) => ({ section: haproxySection, key }));

/** A configuration with what was set taken back; or the keys that somebody has changed since. */
export type Restoration =
  | { readonly kind: 'restored'; readonly text: string }
  | { readonly kind: 'already' }
  | { readonly kind: 'changed-since'; readonly keys: readonly string[] };

export function restoreConf(current: string, original: string, after: readonly ConfChange[]): Restoration {
  const [now, old] = [parseRenewalConf(current), parseRenewalConf(original)];
  const changed = after.filter(({ section, key, value }) => {
    if (ownKeys.some((own) => own.section === section && own.key === key)) return false;
    const present = valueOf(now, section, key);
    return !sameValue(present, value) && !sameValue(present, valueOf(old, section, key));
  });
  if (changed.length > 0) return { kind: 'changed-since', keys: changed.map(({ key }) => key) };
  let result = now;
  for (const { section, key } of [...after, ...ownKeys]) result = restoreKey(result, old, section, key);
  const sections = new Set(old.lines.map(({ section }) => section));
  for (const section of [webrootMapSection, haproxySection]) {
    const empty = !result.lines.some((line) => line.kind === 'entry' && line.section === section);
    if (empty && !sections.has(section)) result = setConfSection(result, section, new Map());
  }
  // Where nothing else has changed, the file is what it was to the byte.
  const text = confDifference(old, result).length === 0 ? original : serializeRenewalConf(result);
  return text === current ? { kind: 'already' } : { kind: 'restored', text };
}

/** The line of a key as the old configuration has it, or without one as it has none. */
function restoreKey(conf: RenewalConf, old: RenewalConf, section: string, key: string): RenewalConf {
  const isKey = (line: RenewalConf['lines'][number]): boolean =>
    line.kind === 'entry' && line.section === section && line.key === key;
  const line = old.lines.find(isKey);
  if (line === undefined) return setConfValue(conf, section, key, undefined);
  const present = conf.lines.some(isKey) ? conf : setConfValue(conf, section, key, '');
  return { ...present, lines: present.lines.map((candidate) => (isKey(candidate) ? line : candidate)) };
}

interface Entry {
  readonly section: string;
  readonly key: string;
}

function entriesOf({ lines }: RenewalConf): ReadonlyMap<string, Entry> {
  const entries = lines.flatMap((line): [string, Entry][] => {
    return line.kind === 'entry' ? [[`${line.section}\0${line.key}`, { section: line.section, key: line.key }]] : [];
  });
  return new Map(entries);
}

function valueOf(conf: RenewalConf, section: string, key: string): readonly string[] | null {
  const present = conf.lines.some((line) => line.kind === 'entry' && line.section === section && line.key === key);
  return present ? confList(conf, section, key) : null;
}

function sameValue(one: readonly string[] | null, other: readonly string[] | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
