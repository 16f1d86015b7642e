import { X509Certificate } from 'node:crypto';

const access = /^OCSP - URI:(?:"(?<quoted>.*)"|(?<plain>.*))$/;

/**
 * The URL at which a certificate's state may be asked for (RFC 5280 section 4.2.2.1), the first that HTTP reaches.
 * Undefined is a normal answer: a CA need not run OCSP, and Let's Encrypt has ended it.
 * @throws where `pem` is not a certificate.
 */
export function ocspUrl(pem: string): string | undefined {
  return ocspUrlOf(new X509Certificate(pem));
}

export function ocspUrlOf(certificate: X509Certificate): string | undefined {
  const lines = (certificate.infoAccess ?? '').split('\n');
  return lines.map(readAccess).find((url) => url !== undefined && isHttp(url));
}

/** Node puts a value that could be taken for more than one into quotes, escaped as in JSON. */
function readAccess(line: string): string | undefined {
  const { quoted, plain } = access.exec(line)?.groups ?? {};
  if (quoted === undefined) return plain?.trim();
  return (JSON.parse(`"${quoted}"`) as string).trim();
}

function isHttp(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}
