import type { Polled } from './acme-connection.js';
import { AcmeError } from './acme-error.js';
import type { OrderContext } from './order-context.js';
import { pollUntil } from './poll.js';
import { describeProblem, describeSubproblems, readProblem } from './problem.js';
import { refusedNames, type Refusal } from './refusal.js';
import type { Order } from './resources.js';

/** RFC 8555 section 7.4 from a ready order to a valid one; CAs look at names once more here (CAA), and may refuse some. */
export async function finalizeOrder(
  order: Order,
  names: readonly string[],
  context: OrderContext,
): Promise<Order | Refusal> {
  const csr = await context.request.csr(names);
  try {
    return await finalized(order, csr, context);
  } catch (error) {
    return refusedNames(error);
  }
}

async function finalized(order: Order, csr: Buffer, { connection, waiting }: OrderContext): Promise<Order> {
  const poll = async (): Promise<Polled<Order>> => await connection.order(order.url);
  try {
    await connection.finalize(order, csr);
  } catch (error) {
    // A finalization whose answer was lost, repeated, is refused as not ready: the order itself tells.
    if (!(error instanceof AcmeError) || waiting.signal.aborted) throw error;
    const { status } = (await poll()).value;
    if (status !== 'processing' && status !== 'valid') throw error;
  }
  const done = ({ status }: Order): boolean => status === 'valid' || status === 'invalid';
  const finished = await pollUntil(poll, done, { ...waiting, subject: 'the order' });
  if (finished.status === 'valid') return finished;
  const problem = readProblem(finished.error);
  const words = problem === undefined ? 'it gives no reason' : describeProblem(problem);
  throw new AcmeError('acme-order-failed', `The CA did not issue the certificate: ${words}.`, {
    problem,
    details: problem === undefined ? [] : describeSubproblems(problem),
  });
}
