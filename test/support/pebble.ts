import { request } from 'node:https';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDaemon, until, type Daemon } from './child.js';
import { freePort, loopback } from './loopback.js';
import { selfSigned } from './self-signed.js';

export interface PebbleOptions {
  /** Where Pebble's configuration and its listener's certificate are kept. */
  readonly directory: string;
  /** The port at which Pebble's validation authority looks for http-01 answers. */
  readonly httpPort: number;
  /** The port at which it looks for tls-alpn-01 answers; one that nobody listens on unless told. */
  readonly tlsPort?: number;
  /** Percentage of good nonces to reject; 0 unless told. */
  readonly nonceReject?: number;
  /** Percentage of valid authorizations to reuse; 0 unless told. */
  readonly authzReuse?: number;
  /** The address that every name resolves to; this process's loopback address unless told. */
  readonly address?: string;
  /** Seconds that its certificates live; five years, as Pebble has it, unless told. */
  readonly validity?: number;
  /** The OCSP responder that its certificates name; none unless told. */
  readonly ocspResponderUrl?: string;
  /** base64url HMAC keys by key id: accounts are made only with an external account binding by one of them. */
  readonly eab?: Readonly<Record<string, string>>;
  readonly env?: Record<string, string>;
}

export interface Pebble {
  /** URL of the ACME directory. */
  readonly directoryUrl: string;
  /** PEM file that makes a client trust Pebble's own listener. */
  readonly caFile: string;
  readonly managementUrl: string;
  /** URL of challtestsrv's management API. */
  readonly dnsManagementUrl: string;
  /** Address and port of its DNS server. */
  readonly dnsServer: string;
  /** Where it looks for answers. */
  readonly httpPort: number;
  readonly tlsPort: number;
  readonly output: () => string;
  /** GET on Pebble's management API, such as `/roots/0`. */
  readonly management: (path: string) => Promise<string>;
  readonly stop: () => Promise<void>;
}

/** Starts Pebble and its DNS server on free ports and waits until the directory answers. */
export async function startPebble(options: PebbleOptions): Promise<Pebble> {
  const address = options.address ?? loopback;
  const [port, managementPort] = [await freePort(), await freePort()];
  const tlsPort = options.tlsPort ?? (await freePort());
  const [dnsPort, dnsManagementPort] = [await freePort(), await freePort()];
  const { certFile, keyFile } = await selfSigned(options.directory, 'pebble-listener', [
    `IP:${loopback}`,
    'DNS:localhost',
  ]);
  const configFile = join(options.directory, 'pebble.json');
  const pebble = {
    listenAddress: `${loopback}:${port}`,
    managementListenAddress: `${loopback}:${managementPort}`,
    certificate: certFile,
    privateKey: keyFile,
    httpPort: options.httpPort,
    tlsPort,
    ocspResponderURL: options.ocspResponderUrl ?? '',
    externalAccountBindingRequired: options.eab !== undefined,
    ...(options.eab === undefined ? {} : { externalAccountMACKeys: options.eab }),
    ...(options.validity === undefined ? {} : { certificateValidityPeriod: options.validity }),
  };
  writeFileSync(configFile, JSON.stringify({ pebble }));
  const dns = startDaemon('pebble-challtestsrv', [
    ...['-defaultIPv6', '', '-defaultIPv4', address, '-dns01', `${loopback}:${dnsPort}`],
    ...['-http01', '', '-https01', '', '-tlsalpn01', '', '-management', `${loopback}:${dnsManagementPort}`],
  ]);
  const server = startDaemon('pebble', ['-config', configFile, '-dnsserver', `${loopback}:${dnsPort}`], {
    PEBBLE_VA_NOSLEEP: '1',
    PEBBLE_WFE_NONCEREJECT: String(options.nonceReject ?? 0),
    PEBBLE_AUTHZREUSE: String(options.authzReuse ?? 0),
    ...options.env,
  });
  const directoryUrl = `https://${loopback}:${port}/dir`;
  const stop = async (): Promise<void> => {
    await Promise.all([server.stop(), dns.stop()]);
  };
  try {
    await untilUp(server, directoryUrl, certFile);
    await until('challtestsrv answers', () => dns.output().includes('management') || dns.exited());
  } catch (error) {
    await stop();
    throw new Error(`Pebble did not start: ${server.output()} ${dns.output()}`, { cause: error });
  }
  const managementUrl = `https://${loopback}:${managementPort}`;
  return {
    directoryUrl,
    caFile: certFile,
    managementUrl,
    httpPort: options.httpPort,
    tlsPort,
    dnsServer: `${loopback}:${dnsPort}`,
    dnsManagementUrl: `http://${loopback}:${dnsManagementPort}`,
    output: server.output,
    management: async (path) => await httpsGet(managementUrl + path, certFile),
    stop,
  };
}

async function untilUp(server: Daemon, url: string, caFile: string): Promise<void> {
  await until('Pebble answers', async () => {
    if (server.exited()) throw new Error('Pebble exited');
    return await httpsGet(url, caFile).then(
      () => true,
      () => false,
    );
  });
}

async function httpsGet(url: string, caFile: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const get = request(url, { ca: readFileSync(caFile), agent: false, timeout: 5_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.once('end', () => resolve(body));
    });
    get.once('timeout', () => get.destroy(new Error('timeout')));
    get.once('error', reject);
    get.end();
  });
}
