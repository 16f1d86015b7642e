import { privateKeyBlock, splitChain } from '../certificate/chain.js';
import { keyMatches } from '../certificate/x509.js';
import { DeployError } from './deploy-error.js';

/**
 * HAProxy's PEM file (configuration manual, `crt`): the certificate, the chain above it and the private key in one
 * file. Blank lines are left out: they would end a Runtime API payload early.
 * @param source what the two files are, for the error.
 * @throws DeployError `bundle-invalid` where a part is missing or the key is not the certificate's.
 */
export function buildBundle(fullchain: string, privateKey: string, source: string): string {
  const chain = splitChain(fullchain);
  const key = privateKeyBlock(privateKey);
  if (chain === undefined)
    throw new DeployError('bundle-invalid', `There is no certificate in the files of ${source}.`);
  if (key === undefined) throw new DeployError('bundle-invalid', `There is no private key in the files of ${source}.`);
  if (!keyMatches(chain.leaf, key)) {
    throw new DeployError('bundle-invalid', `The private key of ${source} is not that of its certificate.`);
  }
  return chain.leaf + chain.intermediates + key;
}
