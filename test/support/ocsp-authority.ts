import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOrThrow, startDaemon, until, type Daemon } from './child.js';

/** A certificate file with its key's. */
export interface Signer {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface IssueOptions {
  /** The responder knows all but `unknown`; `revoked` may have a reason of RFC 5280 after a comma. */
  readonly status: 'good' | 'revoked' | `revoked,${string}` | 'unknown';
  /** Hexadecimal, of even length; a new one unless given. */
  readonly serial?: string;
  /** The value of authorityInfoAccess, in openssl's words; none unless given. */
  readonly access?: string;
}

export interface ResponderOptions {
  /** Who signs; the authority itself unless given. */
  readonly signer?: Signer;
  /** More of `openssl ocsp`'s flags. */
  readonly flags?: readonly string[];
}

/** A CA made by openssl, and `openssl ocsp` as its responder. */
export interface OcspAuthority extends Signer {
  /** PEM. */
  readonly certificate: string;
  /** A certificate as PEM. */
  readonly issue: (options: IssueOptions) => Promise<string>;
  /** A responder's certificate, with the purpose of OCSP signing unless another is given. */
  readonly delegate: (name: string, purpose?: string) => Promise<Signer>;
  /** The answer to a request as DER, good for a week. */
  readonly respond: (request: Uint8Array, options?: ResponderOptions) => Promise<Buffer>;
}

export interface OcspAuthorityOptions {
  readonly subject?: string;
  /** For `openssl req -newkey`. */
  readonly key?: readonly string[];
}

export const revokedAt: number = Date.UTC(2026, 0, 2, 3, 4, 5);
const p256 = ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];

export async function ocspAuthority(
  directory: string,
  name: string,
  options: OcspAuthorityOptions = {},
): Promise<OcspAuthority> {
  const { subject = `/CN=${name}`, key = p256 } = options;
  const own: Signer = { certFile: join(directory, `${name}.crt`), keyFile: join(directory, `${name}.key`) };
  await runOrThrow('openssl', [
    ...['req', '-x509', '-utf8', '-newkey', ...key, '-nodes', '-days', '3650', '-subj', subject],
    ...['-keyout', own.keyFile, '-out', own.certFile],
  ]);
  const index = join(directory, `${name}.index`);
  writeFileSync(index, '');
  let count = 0;

  const sign = async (to: string, serial: string, extensions: readonly string[]): Promise<Signer> => {
    const files = { certFile: join(directory, `${to}.crt`), keyFile: join(directory, `${to}.key`) };
    const request = join(directory, `${to}.csr`);
    await runOrThrow('openssl', [
      ...['req', '-new', '-newkey', ...p256, '-nodes', '-subj', `/CN=${to}`],
      ...['-keyout', files.keyFile, '-out', request],
    ]);
    const extensionFile = join(directory, `${to}.ext`);
    writeFileSync(extensionFile, extensions.join('\n'));
    await runOrThrow('openssl', [
      ...['x509', '-req', '-in', request, '-CA', own.certFile, '-CAkey', own.keyFile, '-days', '90'],
      ...['-set_serial', `0x${serial}`, '-extfile', extensionFile, '-out', files.certFile],
    ]);
    return files;
  };

  return {
    ...own,
    certificate: readFileSync(own.certFile, 'utf8'),
    issue: async ({ status, access, serial = (0x1000 + count).toString(16) }) => {
      count += 1;
      const extensions = access === undefined ? [] : [`authorityInfoAccess=${access}`];
      const { certFile } = await sign(`${name}-${serial}`, serial, extensions);
      appendFileSync(index, indexLine(status, serial));
      return readFileSync(certFile, 'utf8');
    },
    delegate: async (to, purpose = 'OCSPSigning') => await sign(to, '77', [`extendedKeyUsage=${purpose}`]),
    respond: async (request, { signer = own, flags = [] } = {}) => {
      count += 1;
      const [asked, answered] = [join(directory, `${name}-${count}.ask`), join(directory, `${name}-${count}.answer`)];
      writeFileSync(asked, request);
      const args = responderArguments(own, { index, signer });
      await runOrThrow('openssl', [...args, ...flags, '-reqin', asked, '-respout', answered]);
      return readFileSync(answered);
    },
  };
}

/** Starts `openssl ocsp` on a port, for the CA of which `index` tells the certificates, and waits until it listens. */
export async function startOcspResponder(ca: Signer, index: string, port: number): Promise<Daemon> {
  const responder = startDaemon('openssl', [...responderArguments(ca, { index, signer: ca }), '-port', String(port)]);
  try {
    await until('the responder listens', () => /waiting for OCSP client/i.test(responder.output()));
    return responder;
  } catch (error) {
    await responder.stop();
    throw new Error(`openssl ocsp did not start: ${responder.output()}`, { cause: error });
  }
}

function responderArguments(ca: Signer, { index, signer }: { index: string; signer: Signer }): string[] {
  const own = ['ocsp', '-index', index, '-CA', ca.certFile, '-ndays', '7'];
  return [...own, '-rsigner', signer.certFile, '-rkey', signer.keyFile];
}

/** A line of openssl's certificate database. */
export function indexLine(status: IssueOptions['status'], serial: string): string {
  if (status === 'unknown') return '';
  const date = new Date(revokedAt).toISOString().slice(2, 19).replace(/[-T:]/g, '');
  const [kind, reason] = status.split(',');
  const revoked = kind === 'good' ? '' : [`${date}Z`, reason].filter((part) => part !== undefined).join(',');
  return `${[kind === 'good' ? 'V' : 'R', '491231235959Z', revoked, serial.toUpperCase(), 'unknown', `/CN=${serial}`].join('\t')}\n`;
}
