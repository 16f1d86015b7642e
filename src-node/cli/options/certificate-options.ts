import type { CertificateFlags, KeyFlags, RevocationFlags } from '../../config/raw-options.js';
import { initialToggle, integer, list, text, toggle, type OptionTable } from './option-spec.js';

/** Which certificate, and with which key. */
export const certificateOptions: OptionTable<keyof CertificateFlags> = {
  domains: list(
    '-d, --domain, --domains NAME',
    'A DNS name of the certificate; may repeat, or hold several with commas. The first names the lineage.',
  ),
  ipAddresses: list(
    '--ip-address ADDRESS',
    'An IP address of the certificate; may repeat, or hold several with commas.',
  ),
  certName: text('--cert-name NAME', 'The lineage that is meant.'),
  csr: text(
    '--csr FILE',
    'Order by this signing request (DER or PEM): the certificate goes to --cert-path, --chain-path and --fullchain-path, and no lineage is kept.',
  ),
  forceRenewal: toggle(
    '--force-renewal, --renew-by-default',
    'Order a new certificate although the present one is not due.',
  ),
  keepUntilExpiring: toggle(
    '--keep-until-expiring, --keep, --reinstall',
    'Keep a certificate that is not due; so it is done without this flag too.',
  ),
  expand: toggle('--expand', 'Give a lineage whose names are all among those of -d the names that it lacks.'),
  renewWithNewDomains: toggle('--renew-with-new-domains', 'Give the lineage of --cert-name exactly the names of -d.'),
  duplicate: toggle('--duplicate', 'Order a second certificate for names that a lineage has already.'),
  allowSubsetOfNames: toggle(
    '--allow-subset-of-names',
    'Go on with the names that can be validated, and leave the others out.',
  ),
  autorenew: initialToggle('--autorenew', "Let 'renew' renew the lineage (default).", '--no-autorenew'),
  dryRun: toggle(
    '--dry-run, --test-run',
    "Order from the staging CA to see that it works, and store nothing ('certonly', 'renew', 'reconfigure').",
  ),
  breakMyCerts: toggle(
    '--break-my-certs',
    'Let the certificate of a staging CA take the place of one that is trusted.',
  ),
};

export const keyOptions: OptionTable<keyof KeyFlags> = {
  keyType: text(
    '--key-type TYPE',
    "'ecdsa' (default) or 'rsa'; 'both': the lineage NAME with an ECDSA key and NAME-rsa beside it ('certonly', 'run').",
  ),
  ellipticCurve: text('--elliptic-curve CURVE', "'secp256r1' (default), 'secp384r1' or 'secp521r1'."),
  rsaKeySize: integer('--rsa-key-size BITS', '2048 (default), 3072 or 4096.'),
  reuseKey: toggle('--reuse-key', 'Use the same private key again at each renewal.', '--no-reuse-key'),
  newKey: toggle('--new-key', 'Make a new private key this time, where --reuse-key is kept.'),
  mustStaple: toggle(
    '--must-staple',
    'Ask for a certificate that is valid only with a stapled OCSP answer (RFC 7633).',
  ),
  preferredChain: text(
    '--preferred-chain CN',
    "Take the CA's chain whose topmost certificate is issued by this common name, where it offers one.",
  ),
  preferredProfile: text('--preferred-profile NAME', 'Order by this profile of the CA, where it has it.'),
  requiredProfile: text('--required-profile NAME', 'Order by this profile of the CA, or not at all.'),
};

export const revocationOptions: OptionTable<keyof RevocationFlags> = {
  reason: text(
    '--reason REASON',
    "Why it is revoked: 'unspecified' (default), 'keycompromise', 'affiliationchanged', 'superseded' or 'cessationofoperation'.",
  ),
  deleteAfterRevoke: initialToggle(
    '--delete-after-revoke',
    'Delete the lineage once its certificate is revoked; so it is done unless told otherwise.',
    '--no-delete-after-revoke',
  ),
};
