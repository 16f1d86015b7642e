import type { Clock } from '../platform/clock.js';
import { AcmeError } from './acme-error.js';
import { exchange, type ExchangeSettings, type Request, type Response } from './exchange.js';
import { clean, describeProblem, describeSubproblems, readProblem } from './problem.js';
import { parseRetryAfter } from './retry-after.js';
import { createRoutes, type Routes } from './routes.js';

export interface TransportSettings extends ExchangeSettings {
  /** URL of the proxy that leads to this URL, with its user and password, if one does. */
  readonly proxyFor: (url: string) => string | undefined;
  readonly clock: Clock;
  /** Told of each request and each pause before another try; never of a nonce, a token or what is sent. */
  readonly log: (line: string) => void;
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

/** Pauses in milliseconds before a request is repeated that met a fault of the network or a 5xx. */
const pauses = [500, 2_000, 5_000] as const;
/** A CA that says nothing for the whole of a request's time is asked once more. */
const silentTries = 2;

/** HTTP to a CA over kept-alive connections, each request bounded in time and size. */
export function createTransport(settings: TransportSettings): Transport {
  const routes = createRoutes(settings);
  return {
    send: async (request) => judge(request, await logged(request, settings, routes)),
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
    close: routes.close,
  };
}

/** A fault that a second try may not meet. A limit (429) is never slept through here. */
function isPassing(error: unknown, tries: number): boolean {
  if (!(error instanceof AcmeError) || error.retryAfter !== undefined) return false;
  if (error.code === 'acme-silent') return tries < silentTries;
  return ['acme-unreachable', 'acme-proxy-unreachable', 'acme-server-error'].includes(error.code);
}

async function logged(request: Request, settings: TransportSettings, routes: Routes): Promise<Response> {
  const start = settings.clock.now();
  const tell = (outcome: string): void =>
    settings.log(`${request.method} ${clean(request.url)} ${outcome} ${settings.clock.now() - start} ms`);
  try {
    const response = await exchange(request, settings, routes);
    tell(String(response.status));
    return response;
  } catch (error) {
    tell(error instanceof AcmeError ? error.code : 'failed');
    throw error;
  }
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
