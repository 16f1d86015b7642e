import type { X509Certificate } from 'node:crypto';
import { connect, isIP, type Socket } from 'node:net';
import { connect as tlsConnect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { canonicalIp } from '../certificate/ip-address.js';
import { systemCode } from '../platform/coded-error.js';
import { clean, readLeaf, type ServedLeaf } from './served-leaf.js';

export type { ServedLeaf } from './served-leaf.js';

/** Where a bind listens: TCP, or a UNIX socket. */
export type HandshakeTarget = ({ readonly host: string; readonly port: number } | { readonly path: string }) & {
  /** The bind has `accept-proxy`: a PROXY protocol header goes first. */
  readonly acceptProxy: boolean;
};

export type Handshake =
  | { readonly kind: 'served'; readonly leaf: ServedLeaf }
  /** `reason` is the end of a sentence. */
  | { readonly kind: 'no-answer'; readonly reason: string };

type KeyType = 'ecdsa' | 'rsa';

export interface HandshakeOptions {
  /** The SNI; undefined for none. */
  readonly servername: string | undefined;
  /** The only kind of key that is offered: of an ECDSA and an RSA certificate of one name, that one is served. */
  readonly keyType: KeyType;
  /** Milliseconds, for everything. */
  readonly timeout: number;
}

/**
 * Shakes hands by TLS 1.2 or 1.3 and tells which certificate was served, trusted or not. Nothing is sent after that.
 * Never throws.
 */
export async function handshake(target: HandshakeTarget, options: HandshakeOptions): Promise<Handshake> {
  try {
    return await shakeHands(target, options);
  } catch (error) {
    return noAnswer(reasonOf(error));
  }
}

async function shakeHands(target: HandshakeTarget, options: HandshakeOptions): Promise<Handshake> {
  const secureContext = contextFor(options.keyType);
  const deadline = AbortSignal.timeout(options.timeout);
  const socket = 'path' in target ? connect({ path: target.path }) : connect({ host: target.host, port: target.port });
  return await new Promise<Handshake>((resolve) => {
    let tls: TLSSocket | undefined;
    let leaf: X509Certificate | undefined;
    const end = (reason: string): void => {
      resolve(leaf === undefined ? noAnswer(reason) : describe(leaf));
      tls?.destroy();
      socket.destroy();
    };
    const fail = (error: unknown): void => end(reasonOf(error));
    const expire = (): void => end(`no answer within ${options.timeout / 1000} s`);
    deadline.addEventListener('abort', expire);
    socket.on('error', fail).once('close', () => {
      deadline.removeEventListener('abort', expire);
      fail(closed);
    });
    const secure = (): void => {
      tls = tlsConnect({ socket, secureContext, ...serverName(options.servername), rejectUnauthorized: false });
      // Told between the server's certificate and, by TLS 1.2, its refusal of a client that has none.
      tls.on('keylog', () => (leaf ??= tls?.getPeerX509Certificate()));
      tls.on('error', fail).once('secureConnect', () => {
        leaf ??= tls?.getPeerX509Certificate();
        if (leaf !== undefined) resolve(describe(leaf));
        // Finished and close_notify still go out, so that HAProxy does not log a handshake that failed.
        tls?.destroySoon();
      });
    };
    socket.once('connect', () => begin(socket, target, secure));
  });
}

/** PROXY protocol, section 2.1: with UNKNOWN, the receiver takes the connection's own addresses. */
function begin(socket: Socket, { acceptProxy }: HandshakeTarget, secure: () => void): void {
  if (acceptProxy) socket.write('PROXY UNKNOWN\r\n', (error) => (error === null || error === undefined) && secure());
  else secure();
}

/** RFC 6066 section 3: literal addresses are not permitted in SNI. */
function serverName(name: string | undefined): { readonly servername?: string } {
  return name === undefined || isIP(name) !== 0 ? {} : { servername: name };
}

/**
 * What limits the kind of key. HAProxy looks for one of the older signatures (RSA+, ECDSA+) and, for ECDSA, for a cipher;
 * its OpenSSL looks at both in TLS 1.2 and at the signatures alone in TLS 1.3.
 */
const offers: Readonly<Record<KeyType, { readonly sigalgs: string; readonly ciphers: string }>> = {
  ecdsa: { sigalgs: signatures('ECDSA'), ciphers: 'aECDSA' },
  rsa: { sigalgs: `${signatures('RSA-PSS')}:${signatures('RSA')}`, ciphers: 'aRSA' },
};

function signatures(algorithm: string): string {
  return ['SHA256', 'SHA384', 'SHA512'].map((hash) => `${algorithm}+${hash}`).join(':');
}

const ciphers13 = 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256';

const contexts = new Map<KeyType, SecureContext>();

function contextFor(keyType: KeyType): SecureContext {
  const known = contexts.get(keyType);
  if (known !== undefined) return known;
  const { sigalgs, ciphers } = offers[keyType];
  const made = createSecureContext({
    // Nothing is verified: reading the system's authorities would be the dearest part.
    ca: [],
    sigalgs,
    // What is weak is to be seen too.
    ciphers: `${ciphers13}:${ciphers}:@SECLEVEL=0`,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
  });
  contexts.set(keyType, made);
  return made;
}

function describe(certificate: X509Certificate): Handshake {
  try {
    return { kind: 'served', leaf: readLeaf(certificate) };
  } catch (error) {
    return noAnswer(`its certificate cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const closed = Object.assign(new Error('closed'), { code: 'ECONNRESET' });

function noAnswer(reason: string): Handshake {
  return { kind: 'no-answer', reason: clean(reason) };
}

const meanings: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection was closed during the handshake',
  EPIPE: 'the connection was closed during the handshake',
  ENOTFOUND: 'its host name has no address',
  EAI_AGAIN: 'its host name cannot be looked up',
  ENOENT: 'the socket does not exist',
  EACCES: 'permission is denied',
  ENOTSOCK: 'it is not a socket',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'the network is unreachable',
  ETIMEDOUT: 'the connection timed out',
};

/** What OpenSSL's words mean here. */
const alerts: Readonly<Record<string, string>> = {
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: 'it has no certificate for this name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS 1.2 or 1.3',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS 1.2 or 1.3',
};

function reasonOf(error: unknown): string {
  const code = systemCode(error) ?? '';
  const meaning = meanings[code];
  if (meaning !== undefined) return `${meaning} (${code})`;
  const reason = error instanceof Error && 'reason' in error ? error.reason : undefined;
  const text = typeof reason === 'string' ? reason : error instanceof Error ? error.message : String(error);
  return `the handshake failed: ${alerts[code] ?? text}`;
}

/** A name to ask for by SNI so that the certificate of `name` is served; undefined for an IP address, which has none. */
export function sniFor(name: string): string | undefined {
  if (canonicalIp(name) !== undefined) return undefined;
  if (!name.startsWith('*.')) return name;
  const parent = name.slice(1);
  const host = `haproxy-acme${parent}`;
  // RFC 1035 section 2.3.4.
  return host.length > 253 ? `x${parent}` : host;
}
