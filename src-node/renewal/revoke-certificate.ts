import type { RevocationReason } from '../acme/certificate-authority.js';
import { CertificateError } from '../certificate/certificate-error.js';
import { readPrivateKey } from '../certificate/private-key.js';
import { keyMatches } from '../certificate/x509.js';
import { LineageError } from '../lineage/lineage-error.js';
import type { Lineage, RenewalSettings } from '../lineage/lineage.js';
import type { Dependencies } from './dependencies.js';
import { withoutRenewals, type CommandReport, type Outcome } from './outcome.js';
import { remainingBundle, removeLineage } from './remove-lineage.js';
import { errorInfo } from './renewal-error.js';
import { readGivenFile, type CertificateFile } from './revoked-certificate.js';

export interface Revocation {
  readonly file: CertificateFile;
  /** The lineages that the certificate is of; several where they share their archive, none where it is kept elsewhere. */
  readonly lineages: readonly Lineage[];
  /** The CA, and the account that signs where there is no key. */
  readonly settings: RenewalSettings;
  readonly reason: RevocationReason;
  /** File of the certificate's own private key, to sign by. */
  readonly keyFile: string | undefined;
  /** Undefined where the user is to be asked. */
  readonly deletes: boolean | undefined;
}

/** Revokes a certificate at its CA, then deletes its lineage where that is wished. */
export async function revokeCertificate(revocation: Revocation, dependencies: Dependencies): Promise<CommandReport> {
  const { file, settings, reason, keyFile, lineages } = revocation;
  const privateKey = keyFile === undefined ? undefined : await readOwnKey(keyFile, file);
  const authority = await dependencies.authority(settings);
  await authority.revoke({ certificate: file.pem, reason, privateKey });
  const { outcome, warnings, failed } = await afterRevocation(revocation, dependencies);
  const certName = lineages[0]?.certName ?? file.path;
  const outcomes: Outcome[] = [{ kind: 'revoked', certName, ...outcome }, ...failed];
  return { ...withoutRenewals({ outcomes }), warnings };
}

/** @throws RenewalError `file-unreadable`, or CertificateError `key-unreadable` or `key-mismatch`. */
async function readOwnKey(keyFile: string, file: CertificateFile): Promise<string> {
  const key = readPrivateKey((await readGivenFile(keyFile)).toString(), keyFile);
  if (keyMatches(file.pem, key)) return key;
  const message = `The private key in ${keyFile} is not that of the certificate in ${file.path}.`;
  throw new CertificateError('key-mismatch', message);
}

interface Aftermath {
  readonly outcome: { readonly deleted: readonly string[]; readonly kept: string | undefined };
  readonly warnings: readonly string[];
  readonly failed: readonly Outcome[];
}

async function afterRevocation({ lineages, deletes }: Revocation, dependencies: Dependencies): Promise<Aftermath> {
  const [lineage] = lineages;
  if (lineage === undefined) return aftermath({});
  const { certName } = lineage;
  const question = `Delete the lineage '${certName}' with all its versions and keys?`;
  if (!(deletes ?? (await dependencies.confirm(question)))) {
    const kept = `The lineage '${certName}' is kept, as is asked for.`;
    return aftermath({ kept, warnings: await remainingBundle(lineage) });
  }
  try {
    return aftermath({ deleted: [certName], warnings: await removeLineage(certName, dependencies) });
  } catch (error) {
    const warnings = await remainingBundle(lineage);
    if (!(error instanceof LineageError) || error.code !== 'archive-shared') {
      return aftermath({ warnings, failed: [{ kind: 'failed', certName, error: errorInfo(error) }] });
    }
    // Scripts look for certbot's words in the log.
    dependencies.logger.warn(`Not deleting revoked certificates due to overlapping archive dirs. ${error.message}`);
    return aftermath({ kept: `Nothing is deleted: ${error.message}`, warnings });
  }
}

function aftermath(given: {
  readonly deleted?: readonly string[];
  readonly kept?: string;
  readonly warnings?: readonly string[];
  readonly failed?: readonly Outcome[];
}): Aftermath {
  const { deleted = [], kept, warnings = [], failed = [] } = given;
  return { outcome: { deleted, kept }, warnings, failed };
}
