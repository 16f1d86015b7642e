import { X509Certificate } from 'node:crypto';
import type { Agent } from 'node:http';
import { pemBlocks } from '../certificate/chain.js';
import type { CertificateStatus, OcspSubject } from '../certificate/ocsp.js';
import { ocspUrl } from '../certificate/ocsp-url.js';
import type { Clock } from '../platform/clock.js';

/** A certificate as a lineage has it. */
export interface CheckedCertificate {
  /** PEM; the first certificate of it is meant. */
  readonly certificate: string;
  /** PEM of the chain, in whichever order; undefined or empty where the CA sent none. */
  readonly issuer: string | undefined;
}

/**
 * Why the state of a certificate is not known. `no-url`, `expired` and `no-issuer` are nobody's fault: a CA need not run
 * OCSP, responders do not speak of what has expired, and a CA need not send a chain.
 */
export type NotCheckedReason =
  | 'unreadable'
  | 'no-url'
  | 'expired'
  | 'no-issuer'
  | 'unreachable'
  | 'silent'
  | 'refused'
  | 'bad-answer'
  | 'untrusted'
  | 'stale'
  | 'interrupted';

export type OcspState =
  | CertificateStatus
  | { readonly kind: 'not-checked'; readonly reason: NotCheckedReason; /** One sentence. */ readonly detail: string };

export interface OcspOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Milliseconds that the question for one certificate may take; 10 s unless told. */
  readonly timeout?: number;
  readonly userAgent?: string;
  /** The way to a URL, where it is not the direct one. */
  readonly agentFor?: (url: URL) => Agent | undefined;
}

const patience = 10_000;
const atOnce = 4;

/**
 * Whether a certificate is revoked, by its CA's word. Never throws, and takes no longer than the timeout: a responder that
 * fails is passed over. HTTP and what reads a response are loaded only for a certificate that has a responder.
 */
export async function checkRevocation(checked: CheckedCertificate, options: OcspOptions): Promise<OcspState> {
  const found = findResponder(checked, options.clock.now());
  return 'kind' in found ? found : await ask(found, options);
}

/**
 * The states of several certificates, in their order, four asked for at once. A responder that was silent once is not
 * waited for again, so that one which is down delays a run with many certificates by little.
 */
export async function checkAll(
  checked: readonly CheckedCertificate[],
  options: OcspOptions,
): Promise<readonly OcspState[]> {
  const states: OcspState[] = [];
  const silent = new Set<string>();
  const queue = checked.entries();
  const work = async (): Promise<void> => {
    for (const [index, one] of queue) {
      const found = findResponder(one, options.clock.now());
      states[index] = 'kind' in found ? found : await askUnlessSilent(found, options, silent);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return states;
}

interface Responder {
  readonly url: string;
  readonly subject: OcspSubject;
}

function findResponder({ certificate, issuer }: CheckedCertificate, now: number): Responder | OcspState {
  try {
    const url = ocspUrl(certificate);
    if (url === undefined) return notChecked('no-url', 'The certificate names no OCSP responder.');
    const leaf = new X509Certificate(certificate);
    if (Date.parse(leaf.validTo) <= now) return notChecked('expired', 'The certificate has expired.');
    const signer = pemBlocks(issuer ?? '', 'CERTIFICATE').find((pem) => hasSigned(new X509Certificate(pem), leaf));
    if (signer === undefined) return notChecked('no-issuer', "The chain lacks the certificate's issuer.");
    return { url, subject: { certificate, issuer: signer } };
  } catch (error) {
    return notChecked('unreadable', `The certificate or its chain cannot be read: ${describe(error)}.`);
  }
}

function hasSigned(issuer: X509Certificate, leaf: X509Certificate): boolean {
  return leaf.checkIssued(issuer) && leaf.verify(issuer.publicKey);
}

async function askUnlessSilent(found: Responder, options: OcspOptions, silent: Set<string>): Promise<OcspState> {
  const { host } = new URL(found.url);
  if (silent.has(host)) return notChecked('silent', `${host} did not answer for another certificate.`);
  const state = await ask(found, options);
  if (state.kind === 'not-checked' && state.reason === 'silent') silent.add(host);
  return state;
}

async function ask({ url, subject }: Responder, options: OcspOptions): Promise<OcspState> {
  const { askResponder } = await import('./ask-responder.js');
  const { ocspRequest, readOcspResponse } = await import('../certificate/ocsp.js');
  const { signal, timeout = patience, userAgent = 'haproxy-acme', agentFor } = options;
  try {
    const answer = await askResponder({ url, body: ocspRequest(subject), userAgent, timeout, signal, agentFor });
    if (answer.kind === 'failed') return notChecked(answer.reason, answer.detail);
    const reading = readOcspResponse(answer.body, subject, options.clock.now());
    if (reading.kind !== 'rejected') return reading;
    return notChecked(reading.fault, `The answer of ${url} does not count: ${reading.why}.`);
  } catch (error) {
    return notChecked('unreadable', `The certificate or its chain cannot be read: ${describe(error)}.`);
  }
}

function notChecked(reason: NotCheckedReason, detail: string): OcspState {
  return { kind: 'not-checked', reason, detail };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
