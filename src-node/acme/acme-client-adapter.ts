import { axios, Client } from 'acme-client';
import { CodedError } from '../platform/coded-error.js';
import { AcmeError } from './acme-error.js';
import { clean } from './problem.js';
import { readAuthorization, readOrder, type AcmeChallenge, type Authorization, type Order } from './resources.js';
import { parseRetryAfter, type Response, type Transport } from './transport.js';

/** A resource as polled, with the pause that the CA asks for. */
export interface Polled<T> {
  readonly value: T;
  /** Seconds, from Retry-After. */
  readonly retryAfter: number | undefined;
}

/** The protocol (RFC 8555) for one account key: each method is one signed request. */
export interface AcmeConnection {
  readonly termsOfService: () => Promise<string | undefined>;
  /** Registers the key; returns the account's URL. */
  readonly register: (emails: readonly string[]) => Promise<string>;
  readonly newOrder: (names: readonly string[]) => Promise<Order>;
  readonly order: (url: string) => Promise<Polled<Order>>;
  readonly authorization: (url: string) => Promise<Polled<Authorization>>;
  readonly keyAuthorization: (token: string) => Promise<string>;
  /** Tells the CA that the challenge is answered (RFC 8555 section 7.5.1). */
  readonly initiate: (challenge: AcmeChallenge) => Promise<void>;
  readonly finalize: (order: Order, csr: Buffer) => Promise<void>;
  readonly download: (url: string) => Promise<string>;
}

export interface ConnectionSettings {
  /** URL of the ACME directory. */
  readonly server: string;
  /** PKCS#8 PEM. */
  readonly accountKey: string;
  /** URL of the account, where there is one. */
  readonly accountUrl: string | undefined;
  readonly transport: Transport;
}

/** The members of acme-client that its types leave out. */
interface ClientInternals {
  readonly http: { maxBadNonceRetries: number; getDirectory: () => Promise<unknown> };
  readonly api: {
    readonly createAccount: (data: object) => Promise<Response>;
    readonly apiRequest: (url: string, payload: object | null, valid: number[]) => Promise<Response>;
  };
}

const badNonceRetries = 20;

/**
 * Connects to a CA by acme-client, whose HTTP adapter is replaced by our transport: no hidden retries or sleeps, typed
 * errors, and a nonce that came with an answer is used for the next request instead of asking for one.
 * @throws AcmeError `acme-not-a-directory` where the URL is not one of an ACME server.
 */
export async function connectAcme(settings: ConnectionSettings): Promise<AcmeConnection> {
  useTransport(settings.transport);
  const { client, http, api } = openClient(settings);
  await checkDirectory(settings.server, http);
  const get = async <T>(url: string, read: (value: unknown, url: string) => T): Promise<Polled<T>> => {
    const response = await usable(url, async () => await api.apiRequest(url, null, [200]));
    const answeredAt = Date.parse(response.headers['date'] ?? '');
    const retryAfter = parseRetryAfter(response.headers['retry-after'], answeredAt);
    return { value: read(response.data, url), retryAfter };
  };
  return {
    termsOfService: async () => {
      const terms: unknown = await usable(settings.server, async () => await client.getTermsOfServiceUrl());
      return typeof terms === 'string' ? terms : undefined;
    },
    register: async (emails) => {
      const contact = emails.length === 0 ? {} : { contact: emails.map((email) => `mailto:${email}`) };
      return await usable(settings.server, async () => {
        await api.createAccount({ termsOfServiceAgreed: true, ...contact });
        return client.getAccountUrl();
      });
    },
    newOrder: async (names) => {
      const identifiers = names.map((value) => ({ type: 'dns', value }));
      const order = await usable(settings.server, async () => await client.createOrder({ identifiers }));
      return readOrder(order, order.url);
    },
    order: async (url) => await get(url, readOrder),
    authorization: async (url) => await get(url, readAuthorization),
    keyAuthorization: async (token) =>
      await client.getChallengeKeyAuthorization({ type: 'http-01', token, url: '', status: 'pending' }),
    initiate: async ({ url }) => {
      await usable(url, async () => await api.apiRequest(url, {}, [200]));
    },
    finalize: async ({ finalize }, csr) => {
      const payload = { csr: csr.toString('base64url') };
      await usable(finalize, async () => await api.apiRequest(finalize, payload, [200]));
    },
    download: async (url) => (await get(url, String)).value,
  };
}

function openClient(settings: ConnectionSettings): ClientInternals & { readonly client: Client } {
  const { server, accountKey, accountUrl } = settings;
  const client = new Client({ directoryUrl: server, accountKey, ...(accountUrl === undefined ? {} : { accountUrl }) });
  const { http, api } = client as unknown as ClientInternals;
  http.maxBadNonceRetries = badNonceRetries;
  return { client, http, api };
}

/** What acme-client itself complains of is an answer that it cannot use: its own errors name neither URL nor code. */
async function usable<T>(url: string, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof CodedError || !(error instanceof Error)) throw error;
    const message = `The CA at ${clean(url)} sent an answer that cannot be used: ${clean(error.message).replace(/\.$/, '')}.`;
    throw new AcmeError('acme-bad-answer', message, { cause: error });
  }
}

async function checkDirectory(server: string, http: ClientInternals['http']): Promise<void> {
  const wrong = (answer: string, cause?: unknown): AcmeError =>
    new AcmeError('acme-not-a-directory', `${server} is not the directory of an ACME server.`, {
      cause,
      details: [answer],
    });
  let directory: unknown;
  try {
    directory = await http.getDirectory();
  } catch (error) {
    // acme-client's own error is about an answer without content.
    if (!(error instanceof CodedError) || error.code === 'acme-bad-answer') {
      throw wrong(error instanceof CodedError ? error.message : 'It answered without content.', error);
    }
    throw error;
  }
  const needed = ['newNonce', 'newAccount', 'newOrder'];
  const isDirectory =
    typeof directory === 'object' &&
    directory !== null &&
    needed.every((key) => URL.canParse(String((directory as Record<string, unknown>)[key])));
  if (!isDirectory) throw wrong('It answered, but not with the URLs of newNonce, newAccount and newOrder.');
}

/** Unused nonces by the CA's host (RFC 8555 section 6.5). */
const nonces = new Map<string, string[]>();

/** acme-client has one HTTP client for the whole process; the transport of the newest connection serves it. */
function useTransport(transport: Transport): void {
  axios.defaults.adapter = async (config) => {
    const method = (config.method ?? 'get').toUpperCase();
    const url = config.url ?? '';
    const pool = noncePool(url);
    const pooled = method === 'HEAD' ? pool.pop() : undefined;
    const response: Response =
      pooled === undefined
        ? await transport.send({ method, url, body: config.data as string | undefined })
        : { status: 200, headers: { 'replay-nonce': pooled }, data: '' };
    const nonce = response.headers['replay-nonce'];
    // acme-client takes the nonce of a HEAD or of badNonce itself.
    if (nonce !== undefined && method !== 'HEAD' && response.status < 300) pool.push(nonce);
    return { ...response, headers: { ...response.headers }, statusText: '', config };
  };
}

function noncePool(url: string): string[] {
  const host = URL.canParse(url) ? new URL(url).host : '';
  const pool = nonces.get(host) ?? [];
  nonces.set(host, pool);
  return pool;
}
