import { CodedError } from '../platform/coded-error.js';
import type { Problem } from './problem.js';

export type AcmeErrorCode =
  | 'acme-unreachable'
  | 'acme-silent'
  | 'acme-timeout'
  | 'acme-untrusted'
  | 'acme-proxy'
  | 'acme-proxy-unreachable'
  | 'acme-not-a-directory'
  | 'acme-bad-answer'
  | 'acme-server-error'
  | 'acme-rate-limited'
  | 'acme-problem'
  | 'acme-authorization-failed'
  | 'acme-no-challenge'
  | 'acme-profile-unknown'
  | 'acme-terms'
  | 'acme-eab-required'
  | 'acme-eab-invalid'
  | 'acme-account-unknown'
  | 'acme-order-failed';

/** What to do about each error; docs/errors.md has an entry for each. */
export const acmeHints: Readonly<Record<AcmeErrorCode, string>> = {
  'acme-unreachable': 'Check the URL given by --server, and that this machine may connect there; then run this again.',
  'acme-silent':
    'Run this again later; if it stays so, look at the firewall on the way there and at the status of the CA.',
  'acme-timeout': 'Run this again later; what has been validated is not validated again.',
  'acme-untrusted':
    "Give the CA's root certificate in a file named by NODE_EXTRA_CA_CERTS, or use --no-verify-ssl for a test CA.",
  'acme-proxy': 'Correct HTTPS_PROXY (HTTP_PROXY for a CA at http), or except the host of the CA from it by NO_PROXY.',
  'acme-proxy-unreachable':
    'Check HTTPS_PROXY (HTTP_PROXY for a CA at http), and that the proxy runs; NO_PROXY excepts hosts from it.',
  'acme-not-a-directory':
    'Give the URL of an ACME directory by --server, such as https://acme-v02.api.letsencrypt.org/directory.',
  'acme-bad-answer': 'Run this again later; if it stays so, tell the CA.',
  'acme-server-error': 'The fault is on the side of the CA: run this again later.',
  'acme-rate-limited': 'Wait until the time that the CA names before trying again.',
  'acme-problem': "Correct what the CA's words name, then run this again.",
  'acme-authorization-failed':
    'Make sure that each name resolves to this machine and that http://NAME/.well-known/acme-challenge/ on port 80 is answered by it; for tls-alpn-01, that port 443 leads ALPN acme-tls/1 to it; for dns-01, that the TXT record has reached every name server.',
  'acme-no-challenge':
    'Use an authenticator that answers what is offered (a wildcard needs dns-01), and name it in --preferred-challenges if that is given.',
  'acme-profile-unknown': 'Give one of the profiles that the CA offers by --required-profile, or none.',
  'acme-terms': 'Read the terms of service at that URL and give --agree-tos.',
  'acme-eab-required': 'Give what the CA has issued to you by --eab-kid and --eab-hmac-key.',
  'acme-eab-invalid': 'Give --eab-hmac-key as the CA shows it, which is base64url.',
  'acme-account-unknown':
    'Register an account; if it is gone at the CA alone, remove its directory below accounts/ first. A certificate is revoked without account by --key-path.',
  'acme-order-failed': 'Run this again; the CA has closed this order.',
};

export interface AcmeErrorOptions {
  readonly cause?: unknown;
  /** What the CA answered (RFC 8555 section 6.7). */
  readonly problem?: Problem | undefined;
  /** Seconds to wait that the CA asked for. */
  readonly retryAfter?: number | undefined;
  readonly details?: readonly string[];
}

/** A failure between us and the CA. */
export class AcmeError extends CodedError {
  public override readonly name = 'AcmeError';
  public readonly code: AcmeErrorCode;
  public readonly hint: string;
  public readonly problem: Problem | undefined;
  public readonly retryAfter: number | undefined;

  public constructor(code: AcmeErrorCode, message: string, options: AcmeErrorOptions = {}) {
    super(message, { cause: options.cause, details: options.details ?? [] });
    this.code = code;
    this.hint = acmeHints[code];
    this.problem = options.problem;
    this.retryAfter = options.retryAfter;
  }
}
