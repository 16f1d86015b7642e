import { isStaging, singleKeyType, type Config } from '../config/config.js';
import type { RenewalSettings } from '../lineage/lineage.js';
import type { Candidate } from './plan-renewals.js';
import { RenewalError } from './renewal-error.js';

/** True where a test certificate is to give way to one that is trusted, which is not to wait until it is due. */
export function leavesStaging({ lineage }: Candidate, server: string): boolean {
  return isStaging(lineage.settings.server) && !isStaging(server);
}

/**
 * True where --key-type asks for another kind of key than the certificate has; also that is not to wait.
 * @throws RenewalError `key-type-differs` where --cert-name does not show that this lineage is meant.
 */
export function changesKeyType({ lineage, certificate }: Candidate, config: Config): boolean {
  const wanted = singleKeyType(config);
  if (wanted === undefined || wanted === certificate.keyType) return false;
  if (config.certName !== undefined) return true;
  throw new RenewalError(
    'key-type-differs',
    `The certificate of '${lineage.certName}' has a key of type ${certificate.keyType}, not ${wanted}. ` +
      'Please provide both --cert-name and --key-type to change it.',
  );
}

/**
 * The private key to be used again, where reuse_key tells so.
 * @throws RenewalError `key-reused` where flags ask for another kind of key than the one that is kept.
 */
export function reusedKeyFile(candidate: Candidate, settings: RenewalSettings, config: Config): string | undefined {
  const { lineage, certificate } = candidate;
  const { key } = config;
  const type = singleKeyType(config);
  if (!settings.reuseKey || key.fresh) return undefined;
  const { rsaKeySize, ellipticCurve } = lineage.settings;
  const flags = [
    ...(type !== undefined && type !== certificate.keyType ? ['--key-type'] : []),
    ...(key.rsaKeySize !== undefined && key.rsaKeySize !== rsaKeySize ? ['--rsa-key-size'] : []),
    ...(key.ellipticCurve !== undefined && key.ellipticCurve !== ellipticCurve ? ['--elliptic-curve'] : []),
  ];
  if (flags.length === 0) return lineage.live.privkey;
  const message = `Unable to change the ${flags.join(', ')} of '${lineage.certName}', whose private key is used again (--reuse-key).`;
  throw new RenewalError('key-reused', message);
}

/**
 * Keeps a test certificate from taking the place of one that is trusted and still valid.
 * @param now milliseconds since 1970.
 * @throws RenewalError `staging-over-production`.
 */
export function refuseStaging(candidate: Candidate, settings: RenewalSettings, config: Config, now: number): void {
  const { lineage, certificate } = candidate;
  if (config.renewal.breakMyCerts || !isStaging(settings.server) || isStaging(lineage.settings.server)) return;
  if (certificate.notAfter <= now) return;
  throw new RenewalError(
    'staging-over-production',
    `The certificate of '${lineage.certName}' is trusted and valid, and one of ${settings.server} would not be trusted.`,
  );
}
