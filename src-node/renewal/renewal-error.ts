import { CodedError, type ErrorInfo } from '../platform/coded-error.js';

export type RenewalErrorCode =
  | 'interrupted'
  | 'internal'
  | 'names-differ'
  | 'no-such-lineage'
  | 'authenticator-unsupported'
  | 'challenge-unanswered'
  | 'staging-over-production'
  | 'key-type-differs'
  | 'key-reused'
  | 'hook-not-found'
  | 'csr-names'
  | 'file-unreadable'
  | 'file-unwritable'
  | 'no-account'
  | 'account-present'
  | 'account-ambiguous';

/** What to do about each error; docs/errors.md has an entry for each. */
export const renewalHints: Readonly<Record<RenewalErrorCode, string>> = {
  interrupted: 'Run the command again: what was stored is not ordered again.',
  internal: 'This is a fault of haproxy-acme: please report it with the command that you ran.',
  'names-differ':
    'Give --expand to add names to it, --renew-with-new-domains to give it these names, or another --cert-name.',
  'no-such-lineage': "Run 'haproxy-acme certificates' to see the names that there are.",
  'authenticator-unsupported':
    "Order it again by 'haproxy-acme certonly --webroot -w DIR --cert-name NAME --force-renewal'.",
  'challenge-unanswered':
    'Leave --preferred-challenges out, or name an authenticator that answers what it has: --manual for dns, --tls-alpn-01 for tls-alpn, the others for http.',
  'staging-over-production':
    'Try a staging CA with another --cert-name, or give --break-my-certs to lose the certificate that is trusted.',
  'key-type-differs': 'Leave --key-type out to keep the kind of key, or name the lineage by --cert-name to change it.',
  'csr-names': 'Nothing was ordered; leave -d out, or make a request that has the names.',
  'file-unreadable': 'Correct the path, or run as a user who may read it.',
  'file-unwritable': 'Give another path, or run as a user who may write there.',
  'no-account': "Make one by 'haproxy-acme register', or name the CA by --server.",
  'account-present':
    "Use it as it is; 'update_account' changes its contacts and its key, 'unregister' ends it. Another CA is named by --server.",
  'account-ambiguous': 'Name the one that is meant by --account.',
  'key-reused': 'Give --new-key to make a new key this time, or --no-reuse-key to use none again.',
  'hook-not-found': 'Nothing was done; correct the command, or give --disable-hook-validation.',
};

/** A run that cannot go on. */
export class RenewalError extends CodedError {
  public override readonly name = 'RenewalError';
  public readonly code: RenewalErrorCode;
  public readonly hint: string;

  public constructor(code: RenewalErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.hint = renewalHints[code];
  }
}

/** Any error as what is reported of it; one that nobody foresaw is ours. */
export function errorInfo(error: unknown): ErrorInfo {
  if (error instanceof CodedError) return error;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new RenewalError('internal', `Something went wrong that should not: ${text.slice(0, 300)}.`, error);
}
