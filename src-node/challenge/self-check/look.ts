import type { AcmeIdentifier } from '../../certificate/acme-identifier.js';

/** Where a request goes. */
export interface Place {
  readonly address: string;
  readonly port: number;
}

/** An answer, as far as it was read. */
export interface Reply {
  readonly status: number;
  readonly location: string | undefined;
  readonly server: string | undefined;
  readonly contentType: string | undefined;
  /** Its first bytes, one character each. */
  readonly body: string;
}

/** Why there is no answer: a system's code such as ECONNREFUSED, or the HTTP parser's or OpenSSL's. */
export interface Fault {
  /** The connection did not come about, or it broke. */
  readonly kind: 'unconnected' | 'broken';
  readonly code: string;
}

/** What the DNS has for a name. */
export type Lookup =
  | { readonly kind: 'found'; readonly addresses: readonly string[] }
  /** It exists not at all, or has no address. */
  | { readonly kind: 'none'; readonly code: string }
  /** The DNS server gave no usable answer. */
  | { readonly kind: 'unanswered'; readonly code: string };

/** A redirect that was followed. */
export interface Redirect {
  readonly url: string;
  readonly place: Place;
  readonly status: number;
}

/** How a look ended, at the URL that came last. */
export type End =
  | { readonly kind: 'reply'; readonly url: string; readonly place: Place; readonly reply: Reply }
  | ({ readonly url: string; readonly place: Place } & Fault)
  /** Of tls-alpn-01: whether ALPN was agreed on, and what the certificate shows. */
  | {
      readonly kind: 'handshake';
      readonly url: string;
      readonly place: Place;
      readonly agreed: boolean;
      readonly identifier: AcmeIdentifier | undefined;
    }
  /** A redirect that a CA does not follow; `reason` is the end of a sentence. */
  | {
      readonly kind: 'not-followed';
      readonly url: string;
      readonly place: Place;
      readonly status: number;
      readonly target: string;
      readonly reason: string;
    }
  /** A redirect to a host whose addresses are not known. */
  | { readonly kind: 'unresolved'; readonly host: string; readonly lookup: Exclude<Lookup, { kind: 'found' }> };

/** One look at a name's challenge, from one of its addresses. */
export interface Look {
  readonly address: string;
  readonly redirects: readonly Redirect[];
  readonly end: End;
}
