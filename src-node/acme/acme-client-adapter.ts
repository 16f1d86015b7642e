import { Client } from 'acme-client';
import { canonicalIp } from '../certificate/ip-address.js';
import { CodedError } from '../platform/coded-error.js';
import type { AcmeConnection, ExternalAccountBinding, Polled } from './acme-connection.js';
import { AcmeError } from './acme-error.js';
import { readDirectory } from './directory.js';
import type { Response } from './exchange.js';
import { alternateLinks } from './link-header.js';
import { clean, describeProblem } from './problem.js';
import { readAccount, readAuthorization, readOrder } from './resources.js';
import { parseRetryAfter } from './retry-after.js';
import type { Transport } from './transport.js';

export interface ConnectionSettings {
  /** URL of the ACME directory. */
  readonly server: string;
  /** Private key as PEM: the account's, or a certificate's own to revoke it by. */
  readonly key: string;
  /** URL of the account, where there is one. */
  readonly accountUrl: string | undefined;
  readonly transport: Transport;
}

/** The members of acme-client that its types leave out. */
interface ClientInternals {
  readonly http: {
    maxBadNonceRetries: number;
    externalAccountBinding: ExternalAccountBinding | object;
    request: (url: string, method: string, options?: { readonly data?: object }) => Promise<Response>;
    readonly getDirectory: () => Promise<unknown>;
    readonly getResourceUrl: (resource: string) => Promise<string>;
    readonly getJwk: () => object;
    readonly createSignedBody: (url: string, payload: object) => object;
  };
  readonly api: {
    readonly accountUrl: string | null;
    readonly getAccountUrl: () => string;
    readonly createAccount: (data: object) => Promise<Response>;
    readonly apiRequest: (url: string, payload: object | null, valid: number[]) => Promise<Response>;
    readonly apiResourceRequest: (
      resource: string,
      payload: object,
      valid: number[],
      signing?: { readonly includeJwsKid: boolean },
    ) => Promise<Response>;
  };
}

const badNonceRetries = 20;

/**
 * Connects to a CA by acme-client, whose HTTP client is replaced by our transport: no hidden retries or sleeps, typed
 * errors, and a nonce that came with an answer is used for the next request instead of asking for one.
 * @throws AcmeError `acme-not-a-directory` where the URL is not one of an ACME server.
 */
export async function connectAcme(settings: ConnectionSettings): Promise<AcmeConnection> {
  const internals = openClient(settings);
  const { server, transport } = settings;
  const getDirectory = async (): Promise<unknown> => await internals.http.getDirectory();
  const meta = await readDirectory(server, async () => await transport.retried(server, getDirectory));
  return { meta, ...accountRequests(settings, internals), ...orderRequests(settings, internals) };
}

type AccountRequests = 'register' | 'findAccount' | 'account' | 'updateAccount' | 'changeKey';

function accountRequests(
  settings: ConnectionSettings,
  { http, api }: ClientInternals,
): Pick<AcmeConnection, AccountRequests> {
  const { server, transport } = settings;
  const accountRequest = async (payload: object | null): ReturnType<AcmeConnection['account']> => {
    const url = api.getAccountUrl();
    const { data } = await usable(
      transport,
      url,
      async () => await byAccount(api.apiRequest(url, payload, [200, 202])),
    );
    return readAccount(data, url);
  };
  return {
    register: async (emails, eab) => {
      http.externalAccountBinding = eab ?? {};
      const contact = emails.length === 0 ? {} : { contact: emails.map((email) => `mailto:${email}`) };
      return await usable(transport, server, async () => {
        await api.createAccount({ termsOfServiceAgreed: true, ...contact });
        return api.getAccountUrl();
      });
    },
    findAccount: async () => {
      const found = usable(transport, server, async () => {
        await api.createAccount({ onlyReturnExisting: true });
        return api.getAccountUrl();
      });
      return await found.catch((error: unknown) => {
        if (error instanceof AcmeError && error.code === 'acme-account-unknown') return undefined;
        throw error;
      });
    },
    account: async () => await accountRequest(null),
    updateAccount: accountRequest,
    changeKey: async (newKey) => {
      const next = openClient({ ...settings, key: newKey });
      await usable(transport, server, async () => {
        const url = await http.getResourceUrl('keyChange');
        // Signed by the new key, which shows that it is held, and then by the old one.
        const inner = next.http.createSignedBody(url, { account: api.getAccountUrl(), oldKey: http.getJwk() });
        await byAccount(api.apiResourceRequest('keyChange', inner, [200]));
      });
    },
  };
}

function orderRequests(
  settings: ConnectionSettings,
  { client, api }: ClientInternals & { readonly client: Client },
): Omit<AcmeConnection, 'meta' | AccountRequests> {
  const { server, transport } = settings;
  const post = async (url: string, payload: object | null): Promise<Response> =>
    await usable(transport, url, async () => await api.apiRequest(url, payload, [200]));
  const get = async <T>(url: string, read: (value: unknown, url: string) => T): Promise<Polled<T>> => {
    const { data, headers } = await post(url, null);
    const retryAfter = parseRetryAfter(headers['retry-after'], Date.parse(headers['date'] ?? ''));
    return { value: read(data, url), retryAfter };
  };
  return {
    newOrder: async ({ names, profile }) => {
      const request = { identifiers: names.map(identifier), ...(profile === undefined ? {} : { profile }) };
      const order = await usable(transport, server, async () => await byAccount(client.createOrder(request)));
      return readOrder(order, order.url);
    },
    order: async (url) => await get(url, readOrder),
    authorization: async (url) => await get(url, readAuthorization),
    deactivateAuthorization: async (url) => {
      await post(url, { status: 'deactivated' });
    },
    initiate: async ({ url }) => {
      await post(url, {});
    },
    finalize: async ({ finalize }, csr) => {
      await post(finalize, { csr: csr.toString('base64url') });
    },
    download: async (url) => {
      const { data, headers } = await post(url, null);
      return { pem: String(data), alternates: alternateLinks(headers['link'] ?? '', url) };
    },
    revoke: async (certificate, reason) => {
      const payload = { certificate: certificate.toString('base64url'), reason };
      const signing = { includeJwsKid: api.accountUrl !== null };
      await usable(transport, server, async () => await api.apiResourceRequest('revokeCert', payload, [200], signing));
    },
  };
}

/** RFC 8738 for addresses. */
function identifier(name: string): { readonly type: string; readonly value: string } {
  const address = canonicalIp(name);
  return address === undefined ? { type: 'dns', value: name } : { type: 'ip', value: address };
}

function openClient(settings: ConnectionSettings): ClientInternals & { readonly client: Client } {
  const { server, key, accountUrl, transport } = settings;
  const client = new Client({
    directoryUrl: server,
    accountKey: key,
    ...(accountUrl === undefined ? {} : { accountUrl }),
  });
  const { http, api } = client as unknown as ClientInternals;
  http.maxBadNonceRetries = badNonceRetries;
  http.request = async (url, method, options = {}) => {
    const body = options.data === undefined ? undefined : JSON.stringify(options.data);
    return await sendPooled(transport, { method: method.toUpperCase(), url, body });
  };
  return { client, http, api };
}

/** What acme-client itself complains of is an answer that it cannot use: its own errors name neither URL nor code. */
async function usable<T>(transport: Transport, url: string, request: () => Promise<T>): Promise<T> {
  try {
    return await transport.retried(url, request);
  } catch (error) {
    if (error instanceof CodedError || !(error instanceof Error)) throw error;
    const message = `The CA at ${clean(url)} sent an answer that cannot be used: ${clean(error.message).replace(/\.$/, '')}.`;
    throw new AcmeError('acme-bad-answer', message, { cause: error });
  }
}

/** A CA that has deactivated an account calls it unauthorized (RFC 8555 section 7.3.6), as much else elsewhere. */
async function byAccount<T>(request: Promise<T>): Promise<T> {
  return await request.catch((error: unknown) => {
    const unauthorized = 'urn:ietf:params:acme:error:unauthorized';
    if (!(error instanceof AcmeError) || error.problem?.type !== unauthorized) throw error;
    const { problem } = error;
    throw new AcmeError('acme-account-unknown', `The CA does not take the account: ${describeProblem(problem)}.`, {
      cause: error,
      problem,
    });
  });
}

/** Unused nonces by the CA's host (RFC 8555 section 6.5). */
const nonces = new Map<string, string[]>();

/** Answers a HEAD, which acme-client sends for nothing but a nonce, from those that came with earlier answers. */
async function sendPooled(transport: Transport, request: Parameters<Transport['send']>[0]): Promise<Response> {
  const pool = noncePool(request.url);
  const pooled = request.method === 'HEAD' ? pool.pop() : undefined;
  if (pooled !== undefined) return { status: 200, headers: { 'replay-nonce': pooled }, data: '' };
  const response = await transport.send(request);
  const nonce = response.headers['replay-nonce'];
  // acme-client takes the nonce of a HEAD or of badNonce itself.
  if (nonce !== undefined && request.method !== 'HEAD' && response.status < 300) pool.push(nonce);
  return response;
}

function noncePool(url: string): string[] {
  const host = URL.canParse(url) ? new URL(url).host : '';
  const pool = nonces.get(host) ?? [];
  nonces.set(host, pool);
  return pool;
}
