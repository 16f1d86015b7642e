import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Clock } from '../platform/clock.js';
import { systemCode } from '../platform/coded-error.js';
import { AcmeError } from './acme-error.js';
import { clean, describeProblem, describeSubproblems, readProblem } from './problem.js';
import { parseRetryAfter } from './retry-after.js';

export interface TransportSettings {
  readonly userAgent: string;
  /** PEM certificates to trust; undefined for those of Node. */
  readonly extraCa: readonly string[] | undefined;
  /** False with --no-verify-ssl. */
  readonly verify: boolean;
  /** Milliseconds that one request may take. */
  readonly timeout: number;
  readonly clock: Clock;
  /** Told of each request and each pause before another try; never of a nonce, a token or what is sent. */
  readonly log: (line: string) => void;
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

export interface Transport {
  /**
   * One exchange with the CA. Answers of 2xx, and badNonce which the protocol library repeats, are returned.
   * @throws AcmeError for all else: what the CA refuses comes with its problem document, a fault of the network with its reason.
   */
  readonly send: (request: Request) => Promise<Response>;
  /**
   * Repeats what met a fault that a second try may not meet. A signed request has to be made anew for it: the CA may have
   * used up its nonce, and says badNonce to all that comes after.
   * @param what its URL, for the log.
   */
  readonly retried: <T>(what: string, action: () => Promise<T>) => Promise<T>;
  readonly close: () => void;
}

const bodyLimit = 1024 * 1024;
/** Pauses in milliseconds before a request is repeated that met a fault of the network or a 5xx. */
const pauses = [500, 2_000, 5_000] as const;
/** A CA that says nothing for the whole of a request's time is asked once more. */
const silentTries = 2;

/** HTTP to a CA over kept-alive connections, each request bounded in time and size. */
export function createTransport(settings: TransportSettings): Transport {
  const http = new HttpAgent({ keepAlive: true });
  const https = new HttpsAgent({
    keepAlive: true,
    rejectUnauthorized: settings.verify,
    ...(settings.extraCa === undefined ? {} : { ca: [...settings.extraCa] }),
  });
  const agents = { http, https };
  return {
    send: async (request) => judge(request, await logged(request, settings, agents)),
    retried: async (what, action) => {
      for (let attempt = 0; ; attempt += 1) {
        try {
          return await action();
        } catch (error) {
          const pause = pauses[attempt];
          if (pause === undefined || !isPassing(error, attempt + 1)) throw error;
          settings.log(`${clean(what)} is tried again after ${pause} ms`);
          await settings.clock.sleep(pause, settings.signal);
        }
      }
    },
    close: () => {
      http.destroy();
      https.destroy();
    },
  };
}

/** A fault that a second try may not meet. A limit (429) is never slept through here. */
function isPassing(error: unknown, tries: number): boolean {
  if (!(error instanceof AcmeError) || error.retryAfter !== undefined) return false;
  if (error.code === 'acme-silent') return tries < silentTries;
  return error.code === 'acme-unreachable' || error.code === 'acme-server-error';
}

interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

async function logged(request: Request, settings: TransportSettings, agents: Agents): Promise<Response> {
  const start = settings.clock.now();
  const tell = (outcome: string): void =>
    settings.log(`${request.method} ${clean(request.url)} ${outcome} ${settings.clock.now() - start} ms`);
  try {
    const response = await exchange(request, settings, agents);
    tell(String(response.status));
    return response;
  } catch (error) {
    tell(error instanceof AcmeError ? error.code : 'failed');
    throw error;
  }
}

async function exchange(request: Request, settings: TransportSettings, agents: Agents): Promise<Response> {
  settings.signal.throwIfAborted();
  if (!URL.canParse(request.url)) {
    throw new AcmeError('acme-bad-answer', `The CA names '${clean(request.url)}' as a URL, which it is not.`);
  }
  const url = new URL(request.url);
  const secure = url.protocol === 'https:';
  const headers: Record<string, string> = { 'User-Agent': settings.userAgent, Accept: '*/*' };
  if (request.body !== undefined) {
    headers['Content-Type'] = 'application/jose+json';
    headers['Content-Length'] = String(Buffer.byteLength(request.body));
  }
  const deadline = AbortSignal.timeout(settings.timeout);
  const signal = AbortSignal.any([settings.signal, deadline]);
  const options = { method: request.method, headers, signal };
  try {
    return await new Promise((resolve, reject) => {
      const answer = (message: IncomingMessage): void => void readAnswer(message, request.url).then(resolve, reject);
      const outgoing = secure
        ? httpsRequest(url, { ...options, agent: agents.https }, answer)
        : httpRequest(url, { ...options, agent: agents.http }, answer);
      outgoing.once('error', reject);
      outgoing.end(request.body);
    });
  } catch (error) {
    settings.signal.throwIfAborted();
    if (error instanceof AcmeError) throw error;
    throw networkError(request.url, error, deadline.aborted ? settings.timeout : undefined);
  }
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

const untrusted = /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|ERR_TLS_CERT_)/;

function networkError(url: string, error: unknown, timeout: number | undefined): AcmeError {
  if (timeout !== undefined) {
    return new AcmeError('acme-silent', `The CA did not answer ${url} within ${timeout / 1000} s.`, {
      cause: error,
    });
  }
  const code = systemCode(error) ?? '';
  const reason = error instanceof Error ? clean(error.message !== '' ? error.message : code) : 'unknown';
  if (untrusted.test(code)) {
    return new AcmeError(
      'acme-untrusted',
      `The certificate of ${new URL(url).host} is not trusted: ${reason} (${code}).`,
      { cause: error },
    );
  }
  return new AcmeError('acme-unreachable', `Cannot reach the CA at ${url}: ${reason}.`, { cause: error });
}

function judge(request: Request, response: Response): Response {
  if (response.status >= 200 && response.status < 300) return response;
  const problem = readProblem(response.data);
  if (problem?.type === 'urn:ietf:params:acme:error:badNonce') return response;
  const from = `${request.url} answered ${response.status}`;
  const retryAfter = parseRetryAfter(response.headers['retry-after'], Date.parse(response.headers['date'] ?? ''));
  const details = problem === undefined ? [] : describeSubproblems(problem);
  const words = problem === undefined ? 'with no problem document' : describeProblem(problem);
  const wait = retryAfter === undefined ? '' : `; it asks to wait ${retryAfter} s`;
  const options = { problem, retryAfter, details };
  if (response.status === 429 || problem?.type === 'urn:ietf:params:acme:error:rateLimited') {
    throw new AcmeError('acme-rate-limited', `The CA's rate limit is reached: ${from} (${words})${wait}.`, options);
  }
  if (response.status >= 500)
    throw new AcmeError('acme-server-error', `The CA failed: ${from} (${words})${wait}.`, options);
  if (problem?.type === 'urn:ietf:params:acme:error:accountDoesNotExist') {
    throw new AcmeError('acme-account-unknown', `The CA does not know the account: ${words} (${from}).`, options);
  }
  if (problem !== undefined) throw new AcmeError('acme-problem', `The CA refused: ${words} (${from}).`, options);
  throw new AcmeError(
    'acme-bad-answer',
    `This is not an answer of an ACME server: ${from} without a problem document.`,
  );
}
