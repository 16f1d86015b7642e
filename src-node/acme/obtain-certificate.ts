import { splitChain } from '../certificate/chain.js';
import type { Challenge } from '../challenge/challenge-publisher.js';
import type { Clock } from '../platform/clock.js';
import type { AcmeConnection, Polled } from './acme-client-adapter.js';
import { AcmeError } from './acme-error.js';
import type { IssueRequest } from './certificate-authority.js';
import { clean, describeProblem, readProblem } from './problem.js';
import type { AcmeChallenge, Authorization, Order } from './resources.js';

/** Time, and the wish to stop. */
export interface Waiting {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** An authorization that has yet to be shown, with the challenge that shows it. */
interface Pending {
  readonly url: string;
  readonly name: string;
  readonly acme: AcmeChallenge;
  readonly challenge: Challenge;
}

/**
 * RFC 8555 section 7.4 from the order to the certificate: every challenge is published, then all are initiated, then
 * polled; all are withdrawn whatever happens.
 * @returns the chain as PEM, leaf first.
 */
export async function obtainCertificate(
  connection: AcmeConnection,
  request: IssueRequest,
  waiting: Waiting,
): Promise<string> {
  const order = await connection.newOrder(request.names);
  request.onStep({ kind: 'ordered' });
  const pending = await pendingAuthorizations(connection, order, request);
  try {
    await request.publisher.publish(pending.map(({ challenge }) => challenge));
    for (const { name } of pending) request.onStep({ kind: 'published', name });
    await allOrFirstError(pending.map(async (entry) => await connection.initiate(entry.acme)));
    await validateAll(connection, pending, { request, waiting });
  } finally {
    await request.publisher.withdraw(pending.map(({ challenge }) => challenge)).catch(() => undefined);
  }
  request.onStep({ kind: 'finalizing' });
  const valid = await finalize(connection, order, { request, waiting });
  const chain = await connection.download(valid.certificate ?? '');
  if (splitChain(chain) === undefined) {
    throw new AcmeError('acme-bad-answer', `The CA sent no certificate from ${valid.certificate ?? 'its order'}.`);
  }
  request.onStep({ kind: 'downloaded' });
  return chain;
}

async function pendingAuthorizations(
  connection: AcmeConnection,
  order: Order,
  request: IssueRequest,
): Promise<readonly Pending[]> {
  const pending = await settled(
    new AbortController(),
    order.authorizations.map(async (url) => {
      const { value } = await connection.authorization(url);
      const name = value.identifier.value;
      if (value.status === 'valid') {
        request.onStep({ kind: 'already-valid', name });
        return undefined;
      }
      if (value.status !== 'pending') throw authorizationError([failure(name, value)]);
      return await choose(connection, { url, name, authorization: value });
    }),
  );
  return pending.filter((entry) => entry !== undefined);
}

interface Choice {
  readonly url: string;
  readonly name: string;
  readonly authorization: Authorization;
}

async function choose(connection: AcmeConnection, { url, name, authorization }: Choice): Promise<Pending> {
  const acme = authorization.challenges.find((challenge) => challenge.type === 'http-01');
  const token = acme?.token ?? '';
  if (acme === undefined) {
    const offered = authorization.challenges.map((challenge) => clean(challenge.type)).join(', ');
    throw new AcmeError('acme-no-challenge', `The CA offers no http-01 challenge for ${name}, only: ${offered}.`);
  }
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(token)) {
    throw new AcmeError('acme-bad-answer', `The CA sent a challenge for ${name} whose token is not base64url.`);
  }
  const keyAuthorization = await connection.keyAuthorization(token);
  const challenge: Challenge = { type: 'http-01', name, token, keyAuthorization, validation: keyAuthorization };
  return { url, name, acme, challenge };
}

async function allOrFirstError(promises: readonly Promise<void>[]): Promise<void> {
  await settled(new AbortController(), promises);
}

/** As Promise.all, but aborts `others` at the first error and throws it once all have ended. */
async function settled<T>(others: AbortController, promises: readonly Promise<T>[]): Promise<readonly T[]> {
  const errors: unknown[] = [];
  const values: T[] = [];
  await Promise.all(
    promises.map(async (promise, index) => {
      try {
        values[index] = await promise;
      } catch (error) {
        errors.push(error);
        others.abort();
      }
    }),
  );
  if (errors.length > 0) throw errors[0];
  return values;
}

interface Context {
  readonly request: IssueRequest;
  readonly waiting: Waiting;
}

async function validateAll(connection: AcmeConnection, pending: readonly Pending[], context: Context): Promise<void> {
  // One that cannot be polled ends the others too: nothing goes on behind an error that is reported.
  const together = new AbortController();
  const waiting = { ...context.waiting, signal: AbortSignal.any([context.waiting.signal, together.signal]) };
  const failures = await settled(
    together,
    pending.map(async (entry) => {
      context.request.onStep({ kind: 'validating', name: entry.name });
      const poll = async (): Promise<Polled<Authorization>> => await connection.authorization(entry.url);
      const subject = `the authorization of ${entry.name}`;
      const authorization = await pollUntil(poll, (value) => value.status !== 'pending', {
        ...waiting,
        subject,
      });
      if (authorization.status !== 'valid') return failure(entry.name, authorization);
      context.request.onStep({ kind: 'validated', name: entry.name });
      return undefined;
    }),
  );
  const failed = failures.filter((line) => line !== undefined);
  if (failed.length > 0) throw authorizationError(failed);
}

function failure(name: string, authorization: Authorization): string {
  const problems = authorization.challenges.map((challenge) => readProblem(challenge.error));
  const problem = problems.find((found) => found !== undefined);
  return `${name}: ${problem === undefined ? `the authorization is ${authorization.status}` : describeProblem(problem)}`;
}

function authorizationError(details: readonly string[]): AcmeError {
  const [first = ''] = details;
  const message =
    details.length === 1 ? `The CA could not validate ${first}.` : `The CA could not validate ${details.length} names.`;
  return new AcmeError('acme-authorization-failed', message, { details: details.length === 1 ? [] : details });
}

async function finalize(connection: AcmeConnection, order: Order, { request, waiting }: Context): Promise<Order> {
  const csr = await request.csr(request.names);
  const poll = async (): Promise<Polled<Order>> => await connection.order(order.url);
  try {
    await connection.finalize(order, csr);
  } catch (error) {
    // A finalization whose answer was lost, repeated, is refused as not ready: the order itself tells.
    if (!(error instanceof AcmeError) || waiting.signal.aborted) throw error;
    const { status } = (await poll()).value;
    if (status !== 'processing' && status !== 'valid') throw error;
  }
  const done = (value: Order): boolean => value.status === 'valid' || value.status === 'invalid';
  const finished = await pollUntil(poll, done, { ...waiting, subject: 'the order' });
  if (finished.status === 'valid') return finished;
  const problem = readProblem(finished.error);
  const words = problem === undefined ? 'it gives no reason' : describeProblem(problem);
  throw new AcmeError('acme-order-failed', `The CA did not issue the certificate: ${words}.`, { problem });
}

/** Pauses in milliseconds between polls where the CA names none, the last one repeated; and how long in all. */
const pollPauses = [100, 250, 500, 1_000, 2_000, 3_000] as const;
const pollLimit = 300_000;
const longestPause = 60_000;

async function pollUntil<T>(
  poll: () => Promise<Polled<T>>,
  done: (value: T) => boolean,
  waiting: Waiting & { readonly subject: string },
): Promise<T> {
  const end = waiting.clock.now() + pollLimit;
  for (let turn = 0; ; turn += 1) {
    const { value, retryAfter } = await poll();
    if (done(value)) return value;
    const own = pollPauses[Math.min(turn, pollPauses.length - 1)] ?? 3_000;
    const pause = retryAfter === undefined ? own : Math.min(Math.max(retryAfter * 1_000, 100), longestPause);
    if (waiting.clock.now() + pause > end) {
      throw new AcmeError('acme-timeout', `The CA has not finished ${waiting.subject} after ${pollLimit / 1000} s.`);
    }
    await waiting.clock.sleep(pause, waiting.signal);
  }
}
