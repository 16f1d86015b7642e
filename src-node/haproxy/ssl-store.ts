import { X509Certificate } from 'node:crypto';
import { canonicalIp } from '../certificate/ip-address.js';
import { DeployError } from './deploy-error.js';
import type { Runtime } from './runtime-api.js';

/** What HAProxy tells of a certificate in its memory (management manual 9.3, `show ssl cert`). */
export interface LoadedCertificate {
  /** As HAProxy knows it. */
  readonly name: string;
  /** `Used`, `Unused` (in no list) or `Empty` (begun by `new`). This and what follows: undefined where it is not told. */
  readonly status: string | undefined;
  /** Upper-case hex. */
  readonly serial: string | undefined;
  /** Of the leaf's DER, upper-case hex without separators. */
  readonly sha1: string | undefined;
  /** DNS names and IP addresses, the latter as `canonicalIp` has them. */
  readonly names: readonly string[];
}

/** Undefined where HAProxy does not know the name; of `m.pem.rsa` and `m.pem.ecdsa` the common part is none. */
export async function showCertificate(runtime: Runtime, name: string): Promise<LoadedCertificate | undefined> {
  if (!name.startsWith('*')) return await show(runtime, name);
  // An asterisk asks for the open transaction; newer versions (3.2, not 3.0) take it for a name's after a backslash.
  const shown = await show(runtime, `\\${name}`);
  if (shown !== undefined || !(await listCertificates(runtime)).includes(name)) return shown;
  return { name, status: undefined, serial: undefined, sha1: undefined, names: [] };
}

/** What is in the open transaction, if it is for this name. */
export async function showTransaction(runtime: Runtime, name: string): Promise<LoadedCertificate | undefined> {
  return await show(runtime, `*${name}`);
}

async function show(runtime: Runtime, word: string): Promise<LoadedCertificate | undefined> {
  const lines = (await runtime.command(['show', 'ssl', 'cert', word])).split('\n');
  const valueOf = (field: string): string | undefined =>
    lines.find((line) => line.startsWith(`${field}: `))?.slice(field.length + 2);
  const name = valueOf('Filename');
  if (name === undefined) return undefined;
  return {
    name,
    status: valueOf('Status'),
    serial: valueOf('Serial'),
    sha1: valueOf('SHA1 FingerPrint'),
    names: alternativeNames(valueOf('Subject Alternative Name') ?? ''),
  };
}

/** Whether it is the leaf of a PEM; undefined where HAProxy does not tell. */
export function isLeafOf(pem: string, shown: LoadedCertificate): boolean | undefined {
  const leaf = new X509Certificate(pem);
  if (shown.sha1 !== undefined) return shown.sha1 === leaf.fingerprint.replaceAll(':', '');
  if (shown.serial !== undefined) return shown.serial === leaf.serialNumber;
  return shown.status === undefined ? undefined : false;
}

/** The names of all certificates in memory, without the one of an open transaction. */
export async function listCertificates(runtime: Runtime): Promise<readonly string[]> {
  const lines = (await runtime.command(['show', 'ssl', 'cert'])).split('\n');
  return lines.slice(lines.indexOf('# filename') + 1).filter((line) => line !== '');
}

/** The names of the crt-lists and the directories that binds have loaded, a directory without a slash at its end. */
export async function listCrtLists(runtime: Runtime): Promise<readonly string[]> {
  return (await runtime.command(['show', 'ssl', 'crt-list'])).split('\n').filter((line) => line !== '');
}

/** The certificates in a crt-list or a directory, each as often as it is there. @throws DeployError `runtime-not-loaded` */
export async function crtListEntries(runtime: Runtime, list: string): Promise<readonly string[]> {
  return (await numberedEntries(runtime, list)).map(({ name }) => name);
}

/** A line of a crt-list in memory. */
export interface NumberedEntry {
  readonly name: string;
  /** By which `del ssl crt-list` tells entries of one certificate apart; 0 in a directory. */
  readonly line: number;
}

/** @throws DeployError `runtime-not-loaded` */
export async function numberedEntries(runtime: Runtime, list: string): Promise<readonly NumberedEntry[]> {
  const words = ['show', 'ssl', 'crt-list', '-n', list];
  const [heading = '', ...lines] = (await runtime.command(words)).split('\n');
  if (!heading.startsWith('# ')) {
    throw new DeployError('runtime-not-loaded', `HAProxy at ${runtime.address} has not loaded ${list} by a bind.`);
  }
  // The number alone is between the name, which may hold spaces, and options and filters.
  const entries = lines.map((line) => /^(.+?):(\d+)(?: |$)/.exec(line) ?? []);
  return entries.flatMap(([, name, line]) => (name === undefined ? [] : [{ name, line: Number(line) }]));
}

function alternativeNames(extension: string): readonly string[] {
  const values = extension.split(', ').map((entry) => /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1]);
  return values.flatMap((value) => (value === undefined ? [] : [canonicalIp(value) ?? value]));
}
