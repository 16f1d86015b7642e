import { join } from 'node:path';

/** What stands for `haproxy-acme bootstrap`: the certificate directory, and default.pem beside it. */
export function bootstrapped(
  certDir: string,
  command = `haproxy-acme bootstrap --haproxy-cert-dir ${certDir}`,
): readonly [string, string] {
  const defaultPem = join(certDir, '../default.pem');
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
  const made = `openssl req -x509 ${key} -days 3650 -subj /CN=default -keyout ${defaultPem} -out ${defaultPem}`;
  return [command, `install -d -m 700 ${certDir}; ${made}`];
}
