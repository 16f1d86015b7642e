import { splitChain } from '../certificate/chain.js';
import { topmostIssuer } from '../certificate/x509.js';
import { AcmeError } from './acme-error.js';
import type { OrderContext } from './order-context.js';
import type { Order } from './resources.js';

/**
 * The certificate of a valid order as PEM, leaf first: with the chain whose topmost certificate has the preferred issuer,
 * else with the CA's default one (RFC 8555 section 7.4.2). Other chains are fetched only where one is preferred.
 */
export async function downloadChain({ certificate = '' }: Order, context: OrderContext): Promise<string> {
  const { connection, request } = context;
  const { pem, alternates } = await connection.download(certificate);
  if (splitChain(pem) === undefined) {
    throw new AcmeError('acme-bad-answer', `The CA sent no certificate from ${certificate}.`);
  }
  const issuer = request.wishes.preferredChain;
  if (issuer === undefined || topmostIssuer(pem) === issuer) return pem;
  for (const url of alternates) {
    const alternate = await downloadAlternate(url, context);
    if (alternate !== undefined && topmostIssuer(alternate) === issuer) return alternate;
  }
  request.onStep({ kind: 'chain-unmatched', issuer });
  return pem;
}

/** The certificate is there already: an alternate that cannot be had is no reason to lose it. */
async function downloadAlternate(url: string, { connection, log }: OrderContext): Promise<string | undefined> {
  try {
    return (await connection.download(url)).pem;
  } catch (error) {
    if (!(error instanceof AcmeError)) throw error;
    log(`An alternate chain is not looked at: ${error.message}`);
    return undefined;
  }
}
