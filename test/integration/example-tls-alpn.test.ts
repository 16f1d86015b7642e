import { connect, createServer, type Server, type Socket } from 'node:net';
import { connect as tlsConnect, type ConnectionOptions } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApplication, type Application } from '../support/application.js';
import { clientHello } from '../support/client-hello.js';
import type { Example } from '../support/example.js';
import { exampleSuite } from '../support/example-suite.js';
import { rawHttp } from '../support/haproxy.js';
import { accepts, exchange, openConnection } from '../support/http-raw.js';
import { freePort, loopback } from '../support/loopback.js';
import { openWebSocket } from '../support/websocket.js';

const names = ['example.com', 'www.example.com'];
let application: Application;
let acmePort: number;
beforeAll(async () => {
  application = await startApplication('application');
  acmePort = await freePort();
});
afterAll(() => application.stop());

/** A request by HTTP/1.1 over TLS, and what came back. */
async function get(port: number, options: ConnectionOptions = {}): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = tlsConnect({ host: loopback, port, rejectUnauthorized: false, timeout: 20_000, ...options });
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    socket.once('secureConnect', () =>
      socket.write('GET / HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n'),
    );
    socket.once('timeout', () => socket.destroy(new Error('no answer in time')));
    socket.once('error', reject).once('close', () => resolve(answer));
  });
}

/** Leads to a port, and lets the client's first bytes through in two pieces with `pause` milliseconds between them. */
async function slowRelay(port: number, pause: number): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer((client: Socket) => {
    const onward = connect({ host: loopback, port });
    onward.setNoDelay(true).on('error', () => client.destroy());
    onward.once('close', () => client.destroy());
    client.on('error', () => onward.destroy());
    onward.pipe(client);
    client.once('data', (first: Buffer) => {
      client.pause();
      onward.write(first.subarray(0, 20));
      setTimeout(() => {
        onward.write(first.subarray(20));
        client.pipe(onward);
      }, pause);
    });
  });
  const own = await freePort();
  await new Promise<void>((resolve) => server.listen(own, loopback, resolve));
  return { port: own, server };
}

exampleSuite('tls-alpn', {
  options: async () =>
    await Promise.resolve({
      servers: { '127.0.0.1:8080': application.address, '127.0.0.1:8444': `${loopback}:${acmePort}` },
      commands: [
        ['--tls-alpn-01-port 8444', `--tls-alpn-01-port ${acmePort}`],
        ['--tls-alpn-01-address 127.0.0.1', `--tls-alpn-01-address ${loopback}`],
        ['--haproxy-verify 127.0.0.1:443', () => `--haproxy-verify ${loopback}:${example?.port(443) ?? 0}`],
      ],
    }),
  start: 'systemctl restart haproxy',
  names,
  bundle: '/etc/haproxy/certs/example.com.pem',
  longConnections: async (started) => [await openWebSocket(loopback, started.port(443), 'example.com')],
  more: (started) => ordinaryTraffic(started),
});

it('is verified at the socket of its bind where no other place is named', async () => {
  const verified = async (): Promise<string> => {
    const result = await example?.shell('haproxy-acme verify');
    expect(result, result?.stderr).toMatchObject({ code: 0 });
    return result?.stdout ?? '';
  };
  expect(await verified()).toContain(`${loopback}:${example?.port(443) ?? 0}`);
  const { code } = (await example?.shell('sed -i "/^verify *=/d" ../etc/letsencrypt/renewal/example.com.conf')) ?? {};
  expect(code).toBe(0);
  expect(await verified()).toContain('/run/haproxy/https.sock (frontend https)');
});

let example: Example | undefined;

function ordinaryTraffic(started: () => Example): void {
  let port: number;
  beforeAll(() => {
    example = started();
    port = example.port(443);
  });

  it.each([
    ['--http2', '2'],
    ['--http1.1', '1.1'],
  ])('is spoken to by curl %s, from the address that it has', async (flag, version) => {
    const from = loopback.replace(/\d+$/, (byte) => String((Number(byte) + 1) % 255));
    const { stdout, stderr } = await started().shell(
      `curl -sSk ${flag} --interface ${from} -w '\\n%{http_version}' https://${loopback}:${port}/`,
    );
    const [body = '', spoken] = stdout.split('\n');
    expect(spoken, stderr).toBe(version);
    expect((JSON.parse(body) as { headers: unknown }).headers).toMatchObject({
      'x-forwarded-for': from,
      'x-forwarded-proto': 'https',
    });
  });

  it.each<[string, ConnectionOptions]>([
    ['neither SNI nor ALPN', {}],
    ['SNI alone', { servername: 'example.com' }],
    ['TLS 1.2', { servername: 'example.com', maxVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] }],
    ['an unknown name', { servername: 'other.example', ALPNProtocols: ['http/1.1'] }],
    // As HAProxy has it without the frontend in front: a protocol that nobody speaks is passed over.
    ['an unknown protocol', { servername: 'example.com', ALPNProtocols: ['acme-tls/2'] }],
  ])('reaches the application with %s', async (_, options) => {
    expect(await get(port, options)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  it.each([
    ['a little slow', 300],
    ['slower than HAProxy waits for it', 6_000],
  ])('reaches the application when the ClientHello is %s', async (_, pause) => {
    const relay = await slowRelay(port, pause);
    const start = performance.now();
    expect(await get(relay.port, { servername: 'example.com' })).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(performance.now() - start).toBeGreaterThan(pause - 50);
    await new Promise((resolve) => relay.server.close(resolve));
  });

  it('is answered when the ClientHello is long, and comes byte by byte', async () => {
    const hello = clientHello({ serverName: 'example.com', protocols: ['http/1.1'], padding: 4_000 });
    const socket = (await openConnection(loopback, port)).setNoDelay(true);
    const first = new Promise<number | undefined>((resolve) => {
      socket.once('data', (bytes: Buffer) => resolve(bytes[0])).once('close', () => resolve(undefined));
    });
    for (const byte of hello) await new Promise((resolve) => socket.write(Buffer.from([byte]), resolve));
    const handshake = 22;
    expect(await first).toBe(handshake);
    socket.destroy();
  });

  it('that is not TLS is refused at once, as before', async () => {
    const start = performance.now();
    await rawHttp(loopback, port, 'GET / HTTP/1.1\r\nHost: example.com\r\n\r\n').catch(() => undefined);
    expect(performance.now() - start).toBeLessThan(4_000);
  });

  it('of the CA reaches nobody between two runs, and is ended', async () => {
    expect(await accepts(loopback, acmePort)).toBe(false);
    const hello = clientHello({ serverName: 'example.com', protocols: ['acme-tls/1'] });
    expect(await exchange(loopback, port, hello).catch(() => '')).toBe('');
  });
}
