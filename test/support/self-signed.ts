import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOrThrow } from './child.js';

export interface SelfSigned {
  readonly certFile: string;
  readonly keyFile: string;
  /** Certificate then key in one file, as HAProxy's `crt` takes it. */
  readonly bundleFile: string;
}

/** A self-signed P-256 certificate made by openssl in `directory`, as `NAME.crt`, `NAME.key` and `NAME.pem`. */
export async function selfSigned(directory: string, name: string, altNames: readonly string[]): Promise<SelfSigned> {
  const certFile = join(directory, `${name}.crt`);
  const keyFile = join(directory, `${name}.key`);
  const bundleFile = join(directory, `${name}.pem`);
  await runOrThrow('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '3650'],
    ...['-subj', `/CN=${name}`, '-addext', `subjectAltName=${altNames.join(',')}`],
    ...['-keyout', keyFile, '-out', certFile],
  ]);
  writeFileSync(bundleFile, readFileSync(certFile, 'utf8') + readFileSync(keyFile, 'utf8'), { mode: 0o600 });
  return { certFile, keyFile, bundleFile };
}
