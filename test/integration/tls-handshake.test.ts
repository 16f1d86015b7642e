import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeySpecification } from '../../src-node/certificate/private-key.js';
import { handshake, sniFor, type Handshake, type HandshakeTarget } from '../../src-node/haproxy/tls-handshake.js';
import { runOrThrow, until } from '../support/child.js';
import { startHaproxy, type Haproxy } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { selfSigned } from '../support/self-signed.js';
import { temporaryDirectory } from '../support/temporary.js';
import { testCertificate } from '../support/test-certificate.js';

const { path: root, remove } = temporaryDirectory();
const both = 'both.example.com';
const keys: Readonly<Record<string, KeySpecification>> = {
  'p256.example.com': { type: 'ecdsa', curve: 'secp256r1' },
  'p384.example.com': { type: 'ecdsa', curve: 'secp384r1' },
  'p521.example.com': { type: 'ecdsa', curve: 'secp521r1' },
  'rsa2048.example.com': { type: 'rsa', size: 2048 },
  'rsa4096.example.com': { type: 'rsa', size: 4096 },
};
const files = {
  ecdsa: join(root, 'both-ecdsa.pem'),
  rsa: join(root, 'both-rsa.pem'),
  default: join(root, 'default.pem'),
};
const fingerprints = new Map<string, string>();

const binds = {
  plain: 'alpn h2,http/1.1',
  strict: 'strict-sni',
  proxy: 'accept-proxy',
  tls12: 'ssl-min-ver TLSv1.2 ssl-max-ver TLSv1.2',
  tls13: 'ssl-min-ver TLSv1.3 ssl-max-ver TLSv1.3',
  client12: `ssl-max-ver TLSv1.2 ca-file ${join(root, 'default.crt')} verify required`,
  client13: `ssl-min-ver TLSv1.3 ca-file ${join(root, 'default.crt')} verify required`,
  narrow12: 'ssl-max-ver TLSv1.2 ciphers ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384 curves secp384r1',
  old: 'ssl-min-ver TLSv1.0 ssl-max-ver TLSv1.1 ciphers ALL:@SECLEVEL=0',
  rsaOnly: '',
};
type Bind = keyof typeof binds;
const ports = {} as Record<Bind, number>;
const unix = join(root, 'https.sock');
const unixProxy = join(root, 'https-proxy.sock');

async function bundle(file: string, name: string, keySpecification: KeySpecification): Promise<string> {
  const { chain, leaf, privateKey } = await testCertificate({ names: [name], keySpecification });
  writeFileSync(file, chain + privateKey, { mode: 0o600 });
  return new X509Certificate(leaf).fingerprint256;
}

function config(): string {
  const several = Object.keys(keys).map((name) => `crt ${join(root, `${name}.pem`)}`);
  const crt = [`crt ${files.default}`, `crt ${files.ecdsa}`, `crt ${files.rsa}`, ...several].join(' ');
  const lines = (Object.keys(binds) as Bind[]).map((bind) => {
    const certificates = bind === 'rsaOnly' ? `crt ${files.rsa}` : crt;
    return `  bind ${loopback}:${ports[bind]} ssl ${certificates} ${binds[bind]}`;
  });
  return [
    'global',
    '  log stdout format raw local0',
    'defaults',
    '  mode http',
    '  log global',
    '  option httplog',
    '  timeout connect 5s',
    '  timeout client 60s',
    '  timeout server 5s',
    'frontend https',
    ...lines,
    `  bind unix@${unix} ssl ${crt}`,
    `  bind unix@${unixProxy} ssl ${crt} accept-proxy`,
    '  http-request return status 200',
    '',
  ].join('\n');
}

function at(bind: Bind): HandshakeTarget {
  return { host: loopback, port: ports[bind], acceptProxy: bind === 'proxy' };
}

async function ask(target: HandshakeTarget, servername?: string, keyType: 'ecdsa' | 'rsa' = 'ecdsa'): Promise<string> {
  const answer = await handshake(target, { servername, keyType, timeout: 5_000 });
  return answer.kind === 'served' ? answer.leaf.fingerprint : answer.reason;
}

/** The reason of what must not be a certificate. */
async function refusal(target: HandshakeTarget, servername?: string, timeout = 5_000): Promise<string> {
  const answer: Handshake = await handshake(target, { servername, keyType: 'ecdsa', timeout });
  if (answer.kind === 'served') throw new Error(`served: ${answer.leaf.subject}`);
  return answer.reason;
}

let haproxy: Haproxy;

beforeAll(async () => {
  fingerprints.set('ecdsa', await bundle(files.ecdsa, both, { type: 'ecdsa', curve: 'secp256r1' }));
  fingerprints.set('rsa', await bundle(files.rsa, both, { type: 'rsa', size: 2048 }));
  for (const [name, key] of Object.entries(keys)) {
    fingerprints.set(name, await bundle(join(root, `${name}.pem`), name, key));
  }
  const made = await selfSigned(root, 'default', ['DNS:default.example.com']);
  fingerprints.set('default', await fingerprintOf(made.certFile));
  for (const bind of Object.keys(binds) as Bind[]) ports[bind] = await freePort();
  haproxy = await startHaproxy(root, config());
});
afterAll(async () => {
  await haproxy.stop();
  remove();
});

async function fingerprintOf(file: string): Promise<string> {
  const text = await runOrThrow('openssl', ['x509', '-in', file, '-noout', '-fingerprint', '-sha256']);
  return text.trim().split('=')[1] ?? '';
}

describe('the certificate that a bind serves', () => {
  it.each(['plain', 'strict', 'proxy', 'tls12', 'tls13', 'client12', 'client13', 'narrow12'] as const)(
    'is the one of the key type that is offered, by the bind %s',
    async (bind) => {
      expect(await ask(at(bind), both, 'ecdsa')).toBe(fingerprints.get('ecdsa'));
      expect(await ask(at(bind), both, 'rsa')).toBe(fingerprints.get('rsa'));
    },
  );

  it.each(Object.keys(keys))('is seen with the key of %s, by TLS 1.2 and by 1.3', async (name) => {
    const { type } = keys[name] ?? { type: 'ecdsa' };
    for (const bind of ['tls12', 'tls13'] as const) {
      expect(await ask(at(bind), name, type)).toBe(fingerprints.get(name));
    }
  });

  it('is seen on UNIX sockets', async () => {
    for (const acceptProxy of [false, true]) {
      const path = acceptProxy ? unixProxy : unix;
      expect(await ask({ path, acceptProxy }, both, 'rsa')).toBe(fingerprints.get('rsa'));
    }
  });

  it('is the default one without SNI and for a name that nobody has', async () => {
    expect(await ask(at('plain'))).toBe(fingerprints.get('default'));
    expect(await ask(at('plain'), 'unknown.example.org')).toBe(fingerprints.get('default'));
    expect(await ask(at('plain'), '192.0.2.1')).toBe(fingerprints.get('default'));
  });

  it('is told in the words of a message', async () => {
    const answer = await handshake(at('plain'), { servername: both, keyType: 'ecdsa', timeout: 5_000 });
    const file = join(root, 'both-ecdsa.pem');
    const serial = await runOrThrow('openssl', ['x509', '-in', file, '-noout', '-serial']);
    expect(answer).toEqual({
      kind: 'served',
      leaf: {
        fingerprint: fingerprints.get('ecdsa'),
        serial: serial.trim().split('=')[1]?.toLowerCase(),
        subject: both,
        issuer: 'Test Issuer',
        notAfter: Date.UTC(2026, 3, 1),
      },
    });
  });

  it('leaves no handshake in the log that failed', async () => {
    const before = haproxy.output().length;
    await ask(at('tls13'), both);
    await ask(at('tls12'), both);
    // HAProxy logs in order: what follows the two is the mark that they are through.
    await refusal(at('strict'), 'mark.example.org');
    const log = await until('the refused handshake is logged', () => {
      const text = haproxy.output().slice(before);
      return text.includes('handshake failure') && text;
    });
    expect(log.match(/handshake/gi)).toHaveLength(1);
  });
});

describe('no certificate', () => {
  it('is served by strict-sni for a name that nobody has', async () => {
    expect(await refusal(at('strict'), 'unknown.example.org')).toBe(
      'the handshake failed: it has no certificate for this name',
    );
    expect(await refusal(at('strict'))).toMatch(/^the handshake failed: /);
  });

  it('of the kind offered is there', async () => {
    expect(await refusal(at('rsaOnly'), both)).toMatch(/^the handshake failed: /);
  });

  it('is seen where a PROXY header is wanted and not sent, or sent and not wanted', async () => {
    expect(await refusal({ ...at('proxy'), acceptProxy: false }, both)).toMatch(/closed|failed/);
    expect(await refusal({ ...at('plain'), acceptProxy: true }, both)).toMatch(/closed|failed/);
  });

  it('comes by TLS 1.1', async () => {
    expect(await refusal(at('old'), both)).toMatch(/^the handshake failed: /);
  });

  it('comes from where nobody listens', async () => {
    const port = await freePort();
    expect(await refusal({ host: loopback, port, acceptProxy: false })).toBe(
      'the connection is refused (ECONNREFUSED)',
    );
    expect(await refusal({ path: join(root, 'none.sock'), acceptProxy: true })).toBe(
      'the socket does not exist (ENOENT)',
    );
    expect(await refusal({ path: files.default, acceptProxy: false })).toMatch(/refused|not a socket/);
    expect(await refusal({ host: 'nobody.invalid', port, acceptProxy: false })).toMatch(/ENOTFOUND|EAI_AGAIN/);
  });

  it('can be asked for at an impossible address', async () => {
    expect(await refusal({ host: loopback, port: 70_000, acceptProxy: false })).toContain('70000');
    expect(await refusal({ path: join(root, 'x'.repeat(200)), acceptProxy: false })).not.toBe('');
  });
});

describe('a peer that is no HAProxy', () => {
  async function peer(server: Server, use: (target: HandshakeTarget) => Promise<void>): Promise<void> {
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)));
    const port = await freePort();
    await new Promise<void>((listening) => server.listen(port, loopback, listening));
    try {
      await use({ host: loopback, port, acceptProxy: false });
      // Whatever came of it, the connection is given up.
      await until('the connection is closed', () => [...sockets].every((socket) => socket.destroyed));
    } finally {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    }
  }

  it('accepts and says nothing', async () => {
    await peer(
      createServer((socket) => socket.resume()),
      async (target) => expect(await refusal(target, both, 300)).toBe('no answer within 0.3 s'),
    );
  });

  it('says a little, again and again', async () => {
    // The head of a TLS record whose content then drips.
    const drip = createServer((socket) => {
      socket.resume().write(Buffer.from([22, 3, 3, 0x40, 0]));
      const timer = setInterval(() => socket.write(Buffer.from([2])), 20);
      socket.once('close', () => clearInterval(timer));
    });
    await peer(drip, async (target) => expect(await refusal(target, both, 300)).toMatch(/^no answer|failed/));
  });

  it('closes at once', async () => {
    await peer(
      createServer((socket) => socket.destroy()),
      async (target) => expect(await refusal(target, both)).toContain('closed during the handshake'),
    );
  });

  it('talks plain HTTP', async () => {
    await peer(
      createHttpServer((_, response) => response.end()),
      async (target) => expect(await refusal(target, both)).toMatch(/^the handshake failed: it does not speak TLS/),
    );
  });

  it('talks before it is asked', async () => {
    await peer(
      createServer((socket) => socket.resume().end('220 mail\u001b[2J\r\n')),
      async (target) => expect(await refusal(target, both)).toMatch(/^the handshake failed: it does not speak TLS/),
    );
  });
});

describe('names in a certificate', () => {
  it('reach a message without control characters, and cut', async () => {
    const name = 'evil';
    const made = join(root, 'evil.pem');
    // openssl takes the bytes of a CN as they are.
    const subject = `/O=line\u001b[31m\nbreak/CN=red\u001b[31m\nFailed: x\u202e${'y'.repeat(40)}`;
    await runOrThrow('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-utf8'],
      ...['-subj', subject, '-keyout', `${made}.key`, '-out', made],
    ]);
    const directory = temporaryDirectory();
    const port = await freePort();
    const pair = `crt ${made}`;
    const evil = await startHaproxy(
      directory.path,
      `defaults\n  mode http\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\nfrontend f\n  bind ${loopback}:${port} ssl ${pair}\n`,
    );
    try {
      const target = { host: loopback, port, acceptProxy: false };
      const answer = await handshake(target, { servername: name, keyType: 'ecdsa', timeout: 5_000 });
      if (answer.kind !== 'served') throw new Error(answer.reason);
      for (const text of [answer.leaf.subject, answer.leaf.issuer]) {
        expect(text).toMatch(/^red/);
        expect(text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      }
    } finally {
      await evil.stop();
      directory.remove();
    }
  });
});

describe('many handshakes', () => {
  it('leave no socket behind', async () => {
    const closedPort = await freePort();
    const held = (): number =>
      process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Pipe|Timeout/.test(name)).length;
    const before = held();
    const targets = [
      at('plain'),
      at('strict'),
      at('client12'),
      { host: loopback, port: closedPort, acceptProxy: true },
    ];
    for (let round = 0; round < 25; round++) {
      await Promise.all(targets.map(async (target) => await ask(target, 'unknown.example.org')));
    }
    // Sooner than the time that a handshake has.
    await until('every socket is closed', () => held() <= before, 3_000);
  });
});

describe('the SNI for a name', () => {
  it('is the name, a label of a wildcard, and none for an address', () => {
    expect(sniFor('www.example.com')).toBe('www.example.com');
    expect(sniFor('*.example.com')).toMatch(/^[a-z-]+\.example\.com$/);
    expect(sniFor('192.0.2.1')).toBeUndefined();
    expect(sniFor('2001:db8::1')).toBeUndefined();
    const long = `*.${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.example`;
    expect(sniFor(long)?.length).toBeLessThanOrEqual(253);
  });
});
