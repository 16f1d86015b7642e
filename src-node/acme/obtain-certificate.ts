import { chooseProfile } from './choose-profile.js';
import { downloadChain } from './download-chain.js';
import { finalizeOrder } from './finalize-order.js';
import type { OrderContext } from './order-context.js';
import { placeOrder, type Placing } from './place-order.js';
import type { Refusal } from './refusal.js';
import type { Order } from './resources.js';

export interface ObtainedCertificate {
  /** PEM, leaf first. */
  readonly chain: string;
  /** Those of the request, without the ones that were left out. */
  readonly names: readonly string[];
}

/**
 * RFC 8555 section 7.4 from the order to the certificate. Where the wishes allow it, names that fail are left out and the
 * others ordered anew, since an order with a failed name is lost.
 */
export async function obtainCertificate(context: OrderContext): Promise<ObtainedCertificate> {
  const { wishes, onStep } = context.request;
  const profile = chooseProfile(wishes.profile, context.connection.meta);
  let { names } = context.request;
  for (let { fresh } = wishes; ; fresh = false) {
    const issued = await issueOrder({ names, profile, fresh }, context);
    if ('failures' in issued) {
      names = withoutFailed(names, issued, context);
      continue;
    }
    const chain = await downloadChain(issued, context);
    onStep({ kind: 'downloaded' });
    return { chain, names };
  }
}

async function issueOrder(placing: Placing, context: OrderContext): Promise<Order | Refusal> {
  const ready = await placeOrder(placing, context);
  if ('failures' in ready) return ready;
  context.request.onStep({ kind: 'finalizing' });
  return await finalizeOrder(ready, placing.names, context);
}

/** @throws the refusal's error where none may be left out, none would be left, or it speaks of other names. */
function withoutFailed(
  names: readonly string[],
  { failures, error }: Refusal,
  { request: { wishes, onStep } }: OrderContext,
): readonly string[] {
  const reasons = new Map(failures.map(({ name, reason }) => [name.toLowerCase(), reason]));
  const rest = names.filter((name) => !reasons.has(name.toLowerCase()));
  if (!wishes.allowSubset || rest.length === 0 || rest.length === names.length) throw error;
  for (const name of names) {
    const reason = reasons.get(name.toLowerCase());
    if (reason !== undefined) onStep({ kind: 'left-out', name, reason });
  }
  return rest;
}
