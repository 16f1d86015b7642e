import { AcmeError } from './acme-error.js';
import { clean, isRecord } from './problem.js';

const orderStatuses = ['pending', 'ready', 'processing', 'valid', 'invalid'] as const;
const authorizationStatuses = ['pending', 'valid', 'invalid', 'deactivated', 'expired', 'revoked'] as const;
const accountStatuses = ['valid', 'deactivated', 'revoked'] as const;

/** RFC 8555 section 7.1.3. */
export interface Order {
  readonly url: string;
  readonly status: (typeof orderStatuses)[number];
  readonly authorizations: readonly string[];
  readonly finalize: string;
  /** There where the status is valid. */
  readonly certificate: string | undefined;
  readonly error: unknown;
}

/** RFC 8555 section 7.1.4. Challenges of types that we do not know are passed over by whoever chooses. */
export interface Authorization {
  readonly status: (typeof authorizationStatuses)[number];
  readonly identifier: { readonly type: string; readonly value: string };
  /** The name as the user knows it: the identifier, with `*.` in front where the authorization is for a wildcard. */
  readonly name: string;
  readonly challenges: readonly AcmeChallenge[];
}

/** RFC 8555 section 7.1.5. */
export interface AcmeChallenge {
  readonly type: string;
  readonly url: string;
  readonly token: string | undefined;
  readonly error: unknown;
}

/** RFC 8555 section 7.1.2. */
export interface AccountState {
  readonly status: 'valid' | 'deactivated' | 'revoked';
  /** E-mail addresses; some CAs keep none, whatever they were given. */
  readonly emails: readonly string[];
}

/** @throws AcmeError `acme-bad-answer` where `value` is not an account. */
export function readAccount(value: unknown, url: string): AccountState {
  const status = accountStatuses.find((known) => isRecord(value) && known === value['status']);
  if (!isRecord(value) || status === undefined) throw notA('account', url);
  const contact = isListOfText(value['contact']) ? value['contact'] : [];
  const emails = contact.filter((entry) => entry.startsWith('mailto:')).map((entry) => clean(entry.slice(7)));
  return { status, emails };
}

/** @throws AcmeError `acme-bad-answer` where `value` is not an order. */
export function readOrder(value: unknown, url: string): Order {
  if (!isRecord(value)) throw notA('order', url);
  const { authorizations, finalize, certificate, error } = value;
  const status = orderStatuses.find((known) => known === value['status']);
  if (status === undefined || !isListOfText(authorizations) || typeof finalize !== 'string') throw notA('order', url);
  if (status === 'valid' && typeof certificate !== 'string') throw notA('order', url);
  return {
    ...{ url, status, authorizations, finalize, error },
    certificate: typeof certificate === 'string' ? certificate : undefined,
  };
}

/** @throws AcmeError `acme-bad-answer` where `value` is not an authorization. */
export function readAuthorization(value: unknown, url: string): Authorization {
  if (!isRecord(value)) throw notA('authorization', url);
  const { identifier, challenges } = value;
  const status = authorizationStatuses.find((known) => known === value['status']);
  if (status === undefined || !isRecord(identifier) || !Array.isArray(challenges)) throw notA('authorization', url);
  const { type, value: name } = identifier;
  if (typeof type !== 'string' || typeof name !== 'string') throw notA('authorization', url);
  return {
    status,
    identifier: { type, value: clean(name) },
    name: value['wildcard'] === true ? `*.${clean(name)}` : clean(name),
    challenges: challenges.map(readChallenge).filter((challenge) => challenge !== undefined),
  };
}

function readChallenge(value: unknown): AcmeChallenge | undefined {
  if (!isRecord(value)) return undefined;
  const { type, url, token, error } = value;
  if (typeof type !== 'string' || typeof url !== 'string') return undefined;
  return { type, url, token: typeof token === 'string' ? token : undefined, error };
}

function isListOfText(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

function notA(resource: 'account' | 'order' | 'authorization', url: string): AcmeError {
  return new AcmeError('acme-bad-answer', `What the CA sent as the ${resource} ${clean(url)} is not one.`);
}
