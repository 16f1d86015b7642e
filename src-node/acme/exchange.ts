import { request as httpRequest, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { AcmeError } from './acme-error.js';
import { networkError, proxyRefusal, type Way } from './network-error.js';
import { clean } from './problem.js';
import { trust, type Proxy, type Route, type Routes } from './routes.js';

export interface ExchangeSettings {
  readonly userAgent: string;
  /** PEM certificates to trust; undefined for those of Node. */
  readonly extraCa: readonly string[] | undefined;
  /** False with --no-verify-ssl. */
  readonly verify: boolean;
  /** Milliseconds that one request may take. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

export interface Request {
  readonly method: string;
  readonly url: string;
  readonly body: string | undefined;
}

export interface Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed where the answer is JSON, else text. */
  readonly data: unknown;
}

const bodyLimit = 1024 * 1024;

/** One request and its answer, bounded in time and size. @throws AcmeError for a fault of the network. */
export async function exchange(request: Request, settings: ExchangeSettings, routes: Routes): Promise<Response> {
  settings.signal.throwIfAborted();
  if (!URL.canParse(request.url)) {
    throw new AcmeError('acme-bad-answer', `The CA names '${clean(request.url)}' as a URL, which it is not.`);
  }
  const url = new URL(request.url);
  const route = await routes.to(url);
  const deadline = AbortSignal.timeout(settings.timeout);
  const signal = AbortSignal.any([settings.signal, deadline]);
  const options = { method: request.method, headers: headersOf(request, settings), signal, ...trust(settings) };
  const way: Way = { url: request.url, proxy: route.proxy, passed: route.proxy === undefined };
  try {
    return await answerTo(request, open(url, options, route), way, signal);
  } catch (error) {
    settings.signal.throwIfAborted();
    if (error instanceof AcmeError) throw error;
    throw networkError(way, error, deadline.aborted ? settings.timeout : undefined);
  }
}

async function answerTo(
  { url, body }: Request,
  outgoing: ClientRequest,
  way: Way,
  signal: AbortSignal,
): Promise<Response> {
  return await new Promise<Response>((resolve, reject) => {
    let answered = false;
    // A request that waits for a proxy has no socket yet to be ended by.
    signal.addEventListener('abort', () => reject(new Error('no answer')), { once: true });
    outgoing.once('response', (message: IncomingMessage) => {
      answered = true;
      way.passed = true;
      if (way.proxy !== undefined && message.statusCode === 407) {
        message.resume();
        reject(proxyRefusal(way, 407));
      } else readAnswer(message, url).then(resolve, reject);
    });
    // Without a listener Node ends the connection of a 101 and tells nobody.
    outgoing.once('upgrade', ({ statusCode }: IncomingMessage, socket: Duplex) => {
      way.passed = true;
      reject(new Error(`it leaves HTTP for another protocol (${statusCode ?? 0})`));
      socket.destroy();
    });
    outgoing.once('proxyConnect', ({ statusCode }: { readonly statusCode: number }) => {
      way.passed = statusCode === 200;
      if (!way.passed) reject(proxyRefusal(way, statusCode));
    });
    outgoing.on('error', (error) => {
      way.passed ||= outgoing.reusedSocket;
      reject(error);
    });
    outgoing.once('close', () => {
      if (!answered) reject(new Error('the connection was closed without an answer'));
    });
    outgoing.end(body);
  });
}

function headersOf({ body }: Request, { userAgent }: ExchangeSettings): Record<string, string> {
  const headers = { 'User-Agent': userAgent, Accept: '*/*' };
  if (body === undefined) return headers;
  const length = String(Buffer.byteLength(body));
  return { ...headers, 'Content-Type': 'application/jose+json', 'Content-Length': length };
}

interface Options extends RequestOptions {
  readonly headers: Record<string, string>;
}

function open(url: URL, options: Options, { agent, proxy }: Route): ClientRequest {
  if (proxy === undefined)
    return url.protocol === 'https:'
      ? httpsRequest(url, { ...options, agent })
      : httpRequest(url, { ...options, agent });
  // A tunnel knows no more which server it leads to.
  const identity = (_: string, certificate: PeerCertificate): Error | undefined =>
    checkServerIdentity(url.hostname.replace(/[[\]]/g, ''), certificate);
  if (url.protocol === 'https:') return httpsRequest(url, { ...options, agent, checkServerIdentity: identity });
  // RFC 9112 section 3.2.2: a proxy is given the whole URL.
  const headers = { ...options.headers, Host: url.host, ...proxyCredentials(proxy) };
  const asked = { ...options, agent, headers, path: url.href };
  return proxy.url.protocol === 'https:' ? httpsRequest(proxy.url, asked) : httpRequest(proxy.url, asked);
}

function proxyCredentials({ url: { username, password } }: Proxy): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'Proxy-Authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

async function readAnswer(message: IncomingMessage, url: string): Promise<Response> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of message as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > bodyLimit) throw new AcmeError('acme-bad-answer', `${url} answered over ${bodyLimit} bytes.`);
    parts.push(part);
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return { status: message.statusCode ?? 0, headers, data: parseBody(headers, Buffer.concat(parts).toString('utf8')) };
}

function parseBody(headers: Readonly<Record<string, string>>, text: string): unknown {
  if (!/json/i.test(headers['content-type'] ?? '')) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
