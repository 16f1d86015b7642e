import { AcmeError } from './acme-error.js';
import { authorize, type Located } from './authorize.js';
import type { OrderContext } from './order-context.js';
import { settled } from './poll.js';
import { refusedNames, type Refusal } from './refusal.js';
import type { Order } from './resources.js';

export interface Placing {
  readonly names: readonly string[];
  readonly profile: string | undefined;
  /** Validates names anew that are validated already. */
  readonly fresh: boolean;
}

/** RFC 8555 section 7.4 from the order to its authorizations: an order that is ready, or the names that fail. */
export async function placeOrder(placing: Placing, context: OrderContext): Promise<Order | Refusal> {
  const { connection, request } = context;
  const place = async (): Promise<Order | Refusal> =>
    await connection.newOrder(placing).catch((error: unknown) => refusedNames(error));
  const order = await place();
  if ('failures' in order) return order;
  request.onStep({ kind: 'ordered' });
  const located = await authorizations(order, context);
  if (!placing.fresh || !(await deactivateValid(located, context))) {
    return (await authorize(located, context)) ?? order;
  }
  context.log('Recreating order after authz deactivations');
  request.onStep({ kind: 'ordered-anew' });
  const anew = await place();
  if ('failures' in anew) return anew;
  return (await authorize(await authorizations(anew, context), context)) ?? anew;
}

async function authorizations(order: Order, { connection }: OrderContext): Promise<readonly Located[]> {
  return await settled(
    order.authorizations.map(async (url) => ({ url, authorization: (await connection.authorization(url)).value })),
  );
}

/** @returns whether there was any that is valid no more. */
async function deactivateValid(located: readonly Located[], { connection, log }: OrderContext): Promise<boolean> {
  const valid = located.filter(({ authorization }) => authorization.status === 'valid');
  const done = await settled(
    valid.map(async ({ url, authorization }) => {
      try {
        await connection.deactivateAuthorization(url);
        return true;
      } catch (error) {
        // A test that takes one name as validated is still a test.
        if (!(error instanceof AcmeError) || error.problem === undefined) throw error;
        log(`${authorization.name} is not validated anew: ${error.message}`);
        return false;
      }
    }),
  );
  return done.includes(true);
}
