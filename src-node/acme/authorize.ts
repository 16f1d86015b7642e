import type { Challenge } from '../challenge/challenge-publisher.js';
import type { Polled } from './acme-connection.js';
import { answer, challengeOrder, chooseChallenge, describeOffer, type ChosenChallenge } from './choose-challenge.js';
import type { OrderContext } from './order-context.js';
import { pollUntil, settled } from './poll.js';
import { describeProblem, readProblem } from './problem.js';
import { refusal, type NameFailure, type Refusal } from './refusal.js';
import type { AcmeChallenge, Authorization } from './resources.js';

/** An authorization with its URL. */
export interface Located {
  readonly url: string;
  readonly authorization: Authorization;
}

/**
 * Shows control over each name of an order: every challenge is published, then looked at by ourselves, then all are
 * initiated, then polled; all are withdrawn whatever happens.
 * @returns the names that fail, if any does.
 */
export async function authorize(located: readonly Located[], context: OrderContext): Promise<Refusal | undefined> {
  const { onStep, publisher } = context.request;
  for (const { authorization } of located) {
    if (authorization.status === 'valid') onStep({ kind: 'already-valid', name: authorization.name });
  }
  const open = located.filter(({ authorization }) => authorization.status !== 'valid');
  const closed = open.filter(({ authorization }) => authorization.status !== 'pending');
  if (closed.length > 0) return validationRefusal(closed.map(({ authorization }) => failure(authorization)));
  const choices = choose(open, context);
  if ('failures' in choices) return choices;

  const challenges = choices.map(({ challenge }) => challenge);
  try {
    await publisher.publish(challenges);
    for (const { authorization } of choices) onStep({ kind: 'published', name: authorization.name });
    const { passed, refusal: unanswered } = await context.request.selfCheck(challenges);
    if (unanswered !== undefined) return unanswered;
    for (const name of passed) onStep({ kind: 'self-checked', name });
    await settled(choices.map(async ({ acme }) => await context.connection.initiate(acme)));
    const failures = await validateAll(choices, context);
    return failures.length === 0 ? undefined : validationRefusal(failures);
  } finally {
    await publisher.withdraw(challenges).catch(() => undefined);
  }
}

interface Choice extends Located, ChosenChallenge {
  readonly challenge: Challenge;
}

function choose(located: readonly Located[], { request, key }: OrderContext): readonly Choice[] | Refusal {
  const order = challengeOrder(request.wishes.challenges, request.publisher.types);
  const choices: Choice[] = [];
  const failures: NameFailure[] = [];
  for (const { url, authorization } of located) {
    const chosen = chooseChallenge(authorization, order);
    if (chosen === undefined) failures.push({ name: authorization.name, reason: describeOffer(authorization, order) });
    else choices.push({ url, authorization, ...chosen, challenge: answer(chosen, authorization, key) });
  }
  if (failures.length === 0) return choices;
  return refusal('acme-no-challenge', 'No challenge can be answered for', failures);
}

async function validateAll(choices: readonly Choice[], context: OrderContext): Promise<readonly NameFailure[]> {
  const { connection, request } = context;
  // One that cannot be polled ends the others too: nothing goes on behind an error that is reported.
  const together = new AbortController();
  const waiting = { ...context.waiting, signal: AbortSignal.any([context.waiting.signal, together.signal]) };
  const results = await settled(
    choices.map(async ({ url, authorization: { name } }) => {
      request.onStep({ kind: 'validating', name });
      const poll = async (): Promise<Polled<Authorization>> => await connection.authorization(url);
      const subject = `the authorization of ${name}`;
      const authorization = await pollUntil(poll, ({ status }) => status !== 'pending', { ...waiting, subject });
      if (authorization.status !== 'valid') return failure(authorization);
      request.onStep({ kind: 'validated', name });
      return undefined;
    }),
    together,
  );
  return results.filter((result) => result !== undefined);
}

function failure({ name, status, challenges }: Authorization): NameFailure {
  const problem = challenges.map(({ error }) => readProblem(error)).find((found) => found !== undefined);
  if (problem === undefined) return { name, reason: `the authorization is ${status}` };
  return { name, reason: withoutTokens(describeProblem(problem), challenges) };
}

/** A CA's words may have the URL that it asked, or what it expected there: a token, or a key authorization. */
function withoutTokens(words: string, challenges: readonly AcmeChallenge[]): string {
  return challenges.reduce((text, { token }) => {
    if (token === undefined || !/^[A-Za-z0-9_-]{8,}$/.test(token)) return text;
    return text.replace(new RegExp(`${token}(\\.[A-Za-z0-9_-]{43})?`, 'g'), 'TOKEN');
  }, words);
}

function validationRefusal(failures: readonly NameFailure[]): Refusal {
  return refusal('acme-authorization-failed', 'The CA could not validate', failures);
}
