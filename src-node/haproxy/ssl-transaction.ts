import { privateKeyBlock, splitChain } from '../certificate/chain.js';
import type { Clock } from '../platform/clock.js';
import { redaction } from '../platform/redaction.js';
import { DeployError } from './deploy-error.js';
import { commandText, type Runtime } from './runtime-api.js';
import { isLeafOf, showCertificate, showTransaction } from './ssl-store.js';

export interface CertificateUpdate {
  /** As HAProxy knows it, or shall. */
  readonly name: string;
  /** Leaf, chain and key. */
  readonly pem: string;
}

export interface TransactionContext {
  readonly clock: Clock;
  /** HAProxy's tune.bufsize, in bytes. */
  readonly bufsize: number;
  /** Milliseconds to wait for another tool's open transaction. */
  readonly patience: number;
  /** Names whose open transaction is a leftover of a killed run of ours and may be aborted. */
  readonly ours: ReadonlySet<string>;
}

const pause = 100;
/** Bytes by which a command has to be smaller than the buffer: 1 up to 3.2, 4 in 3.4. */
const reserve = 64;
/** From 3.4 on a payload may have 128 kB, of which about 8 kB are lost where the buffer is small. */
const largePayload = 120_000;
/** No certificate has this name. */
const nobody = '/dev/null';

/**
 * Replaces a certificate in HAProxy's memory, wherever it is used (management manual 9.3: `set ssl cert` begins or
 * continues a transaction, `commit ssl cert` ends it), and looks whether it is there. HAProxy has one transaction for
 * all: MUST NOT run twice at once. No transaction of ours stays open.
 * @throws DeployError `runtime-busy`, `runtime-rejected`, `runtime-too-large`, `runtime-not-loaded`, or the Runtime's.
 */
export async function updateCertificate(
  runtime: Runtime,
  update: CertificateUpdate,
  context: TransactionContext,
): Promise<void> {
  const parts = await partsOf(runtime, update, context.bufsize);
  const end = context.clock.now() + context.patience;
  for (;;) {
    const obstacle = await attempt(runtime, update, { parts, ours: context.ours });
    if (obstacle === undefined) return;
    if (context.clock.now() >= end) throw obstacle;
    await context.clock.sleep(pause);
  }
}

/** A payload of `set ssl cert`, and what it is set for: the name itself, or `NAME.key`. */
interface Part {
  readonly name: string;
  readonly payload: string;
}

/**
 * All at once, or where that does not fit into HAProxy's buffer the chain and then the key, in this order: loading a
 * certificate discards the key that was there.
 */
async function partsOf(runtime: Runtime, update: CertificateUpdate, bufsize: number): Promise<readonly Part[]> {
  const chain = splitChain(update.pem);
  const key = privateKeyBlock(update.pem);
  if (chain === undefined || key === undefined) {
    throw new DeployError('bundle-invalid', `The bundle for ${update.name} lacks a certificate or a key.`);
  }
  const certificates = { name: update.name, payload: chain.leaf + chain.intermediates };
  const whole = { name: update.name, payload: certificates.payload + key };
  const size = ({ name, payload }: Part): number =>
    Buffer.byteLength(commandText(['set', 'ssl', 'cert', name], payload)) + reserve;
  if (size(whole) <= bufsize) return [whole];
  const limit = size(certificates) <= bufsize ? bufsize : await payloadLimit(runtime, bufsize);
  if (size(certificates) <= limit) return [certificates, { name: `${update.name}.key`, payload: key }];
  throw tooLarge(runtime, update.name);
}

/** Up to 3.3 what a socket takes is bounded by the buffer. */
async function payloadLimit(runtime: Runtime, bufsize: number): Promise<number> {
  const [, major, minor] = /^Version: (\d+)\.(\d+)/m.exec(await runtime.command(['show', 'info'])) ?? [];
  return Number(major) * 100 + Number(minor) >= 304 ? Math.max(bufsize, largePayload) : bufsize;
}

/** One try. Returns what stood in its way and may pass. */
async function attempt(
  runtime: Runtime,
  update: CertificateUpdate,
  { parts, ours }: { readonly parts: readonly Part[]; readonly ours: ReadonlySet<string> },
): Promise<DeployError | undefined> {
  const other = await openTransaction(runtime, ours);
  if (other !== undefined) return busy(runtime, other);
  try {
    for (const [index, part] of parts.entries()) {
      const obstacle = await set(runtime, update, { part, expected: index === 0 ? 'created' : 'updated' });
      if (obstacle !== undefined) return obstacle;
    }
    return (
      (await checkTransaction(runtime, update)) ?? (await commit(runtime, update)) ?? (await readBack(runtime, update))
    );
  } catch (error) {
    // What was wrong is in the transaction, which a failure leaves open.
    await runtime.command(['abort', 'ssl', 'cert', update.name]).catch(() => undefined);
    throw error;
  }
}

/** The certificate that a transaction is open for; one of ours is aborted. */
async function openTransaction(runtime: Runtime, ours: ReadonlySet<string>): Promise<string | undefined> {
  const other = ongoing(await runtime.command(['abort', 'ssl', 'cert', nobody]));
  if (other === undefined || !ours.has(other)) return other;
  await runtime.command(['abort', 'ssl', 'cert', other]);
  return undefined;
}

/**
 * Sets a part in our transaction. Up to 2.6 another's open transaction is overwritten, and only the name in the answer
 * shows it: that one is aborted, so that nobody commits our certificate for it.
 */
async function set(
  runtime: Runtime,
  update: CertificateUpdate,
  { part, expected }: { readonly part: Part; readonly expected: 'created' | 'updated' },
): Promise<DeployError | undefined> {
  const answer = await runtime.command(['set', 'ssl', 'cert', part.name], part.payload);
  const [, kind, name] = /^Transaction (created|updated) for certificate (.*)!$/m.exec(answer) ?? [];
  if (name === update.name && kind === expected) return undefined;
  if (name !== undefined) {
    await runtime.command(['abort', 'ssl', 'cert', name]);
    return busy(runtime, name);
  }
  const other = ongoing(answer);
  if (other !== undefined) return busy(runtime, other);
  if (/which is not referenced/.test(answer)) throw await unknown(runtime, update.name);
  if (/is too big/.test(answer)) throw tooLarge(runtime, update.name);
  throw rejected(runtime, update, answer);
}

async function commit(runtime: Runtime, update: CertificateUpdate): Promise<DeployError | undefined> {
  const answer = await runtime.command(['commit', 'ssl', 'cert', update.name]).catch(async (error: unknown) => {
    // The answer got lost, not HAProxy: what it holds tells how it went.
    if (error instanceof DeployError && error.code === 'runtime-silent' && (await holds(runtime, update))) return '';
    throw error;
  });
  if (answer === '' || /^Success!$/m.test(answer)) return undefined;
  const other = /^No ongoing transaction!/m.test(answer) ? update.name : ongoing(answer);
  if (other !== undefined) return busy(runtime, other);
  throw rejected(runtime, update, answer);
}

async function holds(runtime: Runtime, { name, pem }: CertificateUpdate): Promise<boolean> {
  const shown = await showCertificate(runtime, name).catch(() => undefined);
  return shown !== undefined && isLeafOf(pem, shown) === true;
}

/** Up to 2.6 another tool's certificate may be in our transaction by now. */
async function checkTransaction(runtime: Runtime, { name, pem }: CertificateUpdate): Promise<DeployError | undefined> {
  const shown = await showTransaction(runtime, name);
  if (shown === undefined || isLeafOf(pem, shown) !== false) return undefined;
  await runtime.command(['abort', 'ssl', 'cert', name]);
  return busy(runtime, name);
}

/** A success is believed when the certificate is there. */
async function readBack(runtime: Runtime, { name, pem }: CertificateUpdate): Promise<DeployError | undefined> {
  const shown = await showCertificate(runtime, name);
  if (shown !== undefined && isLeafOf(pem, shown) !== false) return undefined;
  const message = `HAProxy at ${runtime.address} took the certificate for ${name}, but holds another.`;
  return new DeployError('runtime-rejected', message);
}

function ongoing(answer: string): string | undefined {
  return /^The ongoing transaction is about '(.*)' but you/m.exec(answer)?.[1];
}

function busy(runtime: Runtime, name: string): DeployError {
  const message = `Another program is changing the certificate ${name} in HAProxy at ${runtime.address}.`;
  return new DeployError('runtime-busy', message);
}

/** `set` does not know a name. 2.6 takes `.crt` for the end of a file that belongs to another. */
async function unknown(runtime: Runtime, name: string): Promise<DeployError> {
  if ((await showCertificate(runtime, name)) === undefined) {
    return new DeployError('runtime-not-loaded', `HAProxy at ${runtime.address} knows no certificate ${name}.`);
  }
  const message = `HAProxy at ${runtime.address} cannot replace ${name}: this version takes none whose name ends so.`;
  return new DeployError('runtime-rejected', message);
}

function tooLarge(runtime: Runtime, name: string): DeployError {
  const message = `The certificate and chain for ${name} do not fit into the buffer of HAProxy at ${runtime.address}.`;
  return new DeployError('runtime-too-large', message);
}

function rejected(runtime: Runtime, { name, pem }: CertificateUpdate, answer: string): DeployError {
  const message = `HAProxy at ${runtime.address} does not take the certificate for ${name}.`;
  const secrets = redaction();
  secrets.add(pem);
  return new DeployError('runtime-rejected', message, { details: answerLines(secrets.filter()(answer)) });
}

/** HAProxy's words for an error: at most five lines. */
export function answerLines(answer: string): readonly string[] {
  const lines = answer.split('\n').map((line) => line.trim().slice(0, 400));
  return lines.filter((line) => line !== '').slice(0, 5);
}
