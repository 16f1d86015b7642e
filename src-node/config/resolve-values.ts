import { revocationReasons, type RevocationReason } from '../acme/certificate-authority.js';
import { ellipticCurves, type EllipticCurve } from '../certificate/private-key.js';
import { usage } from './config-error.js';
import type { KeyOptions } from './config.js';
import type { RawOptions } from './raw-options.js';

export type Given = Partial<RawOptions>;

const rsaKeySizes = [2048, 3072, 4096];

export function resolveKey(given: Given): KeyOptions {
  const type = given.keyType?.toLowerCase();
  if (type !== undefined && type !== 'ecdsa' && type !== 'rsa' && type !== 'both') {
    throw usage(`--key-type is 'ecdsa', 'rsa' or 'both', not '${type.slice(0, 80)}'.`);
  }
  const { rsaKeySize } = given;
  if (rsaKeySize !== undefined && !rsaKeySizes.includes(rsaKeySize)) {
    throw usage(`--rsa-key-size is one of ${rsaKeySizes.join(', ')}, not ${rsaKeySize}.`);
  }
  return {
    type,
    rsaKeySize,
    ellipticCurve: resolveCurve(given.ellipticCurve),
    reuse: given.reuseKey,
    fresh: given.newKey === true,
  };
}

function resolveCurve(given: string | undefined): EllipticCurve | undefined {
  if (given === undefined) return undefined;
  const curve = ellipticCurves.find((known) => known === given.toLowerCase());
  if (curve !== undefined) return curve;
  throw usage(`--elliptic-curve is one of ${ellipticCurves.join(', ')}, not '${given.slice(0, 80)}'.`);
}

export function resolveReason(given: string | undefined): RevocationReason {
  if (given === undefined) return 'unspecified';
  const names = Object.keys(revocationReasons) as RevocationReason[];
  const reason = names.find((name) => name === given.toLowerCase());
  if (reason !== undefined) return reason;
  throw usage(`--reason is one of ${names.join(', ')}, not '${given.slice(0, 80)}'.`);
}

export function resolvePort(flag: string, given: number | undefined): number | undefined {
  if (given === undefined || (given >= 1 && given <= 65_535)) return given;
  throw usage(`${flag} is a port from 1 to 65535, not ${given}.`);
}

export function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}
