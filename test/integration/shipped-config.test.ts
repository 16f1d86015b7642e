import { X509Certificate } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { join, resolve } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, runOrThrow, startDaemon, until, type Daemon } from '../support/child.js';
import { haproxyBin, servedCertificate } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { selfSigned } from '../support/self-signed.js';
import { temporaryDirectory } from '../support/temporary.js';

const project = resolve(import.meta.dirname, '../..');
const shipped = join(project, 'haproxy/haproxy.cfg');
const challenge = '/.well-known/acme-challenge';
const token = 'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA';
const keyAuthorization = `${token}.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI`;

const directory = temporaryDirectory();
const root = directory.path;
let ports: { http: number; https: number };
let env: Record<string, string>;
let application: Server;

beforeAll(async () => {
  ports = { http: await freePort(), https: await freePort() };
  const applicationPort = await freePort();
  env = {
    TRY_ROOT: root,
    TRY_HTTP: `${loopback}:${ports.http}`,
    TRY_HTTPS: `${loopback}:${ports.https}`,
    TRY_APPLICATION: `${loopback}:${applicationPort}`,
  };
  application = createServer((request, response) => response.end(JSON.stringify(request.headers)));
  await new Promise<void>((listening) => application.listen(applicationPort, loopback, listening));
  const bin = join(root, 'bin');
  mkdirSync(bin);
  symlinkSync(join(project, 'dist/haproxy-acme.js'), join(bin, 'haproxy-acme'));
  const PATH = `${bin}:${process.env['PATH'] ?? ''}`;
  await runOrThrow('sh', ['-e', '-c', documentedPreparation()], { cwd: join(project, 'dist'), env: { PATH } });
  mkdirSync(join(root, 'run/haproxy'), { recursive: true });
});

afterAll(async () => {
  await new Promise((closed) => application.close(closed));
  directory.remove();
});

/** The commands that the configuration's head tells to run before the first start, below `root`. */
function documentedPreparation(): string {
  const head = readFileSync(shipped, 'utf8').split(/^# Then, /m)[0] ?? '';
  const commands = [...head.matchAll(/^# {3}(.*)$/gm)].map((match) => match[1]).join('\n');
  expect(commands).toContain('haproxy-acme bootstrap');
  return commands.replace(/ \/(?=(var|etc|usr)\/)/g, ` ${root}/`);
}

async function start(file: string, starter: readonly string[] = []): Promise<Daemon> {
  const daemon = startDaemon('env', [...starter, haproxyBin, '-db', '-f', file], env);
  await until('HAProxy answers', async () => {
    if (daemon.exited()) throw new Error(`HAProxy exited: ${daemon.output()}`);
    return await plain('/').then(
      () => true,
      () => false,
    );
  });
  return daemon;
}

async function plain(path: string): Promise<Response> {
  return await fetch(`http://${loopback}:${ports.http}${path}`, { redirect: 'manual' });
}

/** What the application behind the https frontend says it was sent. */
async function forwardedHeaders(): Promise<IncomingHttpHeaders> {
  const response = await new Promise<IncomingMessage>((answered, failed) => {
    const options = { host: loopback, port: ports.https, rejectUnauthorized: false, agent: false };
    httpsRequest(options, answered).once('error', failed).end();
  });
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += String(chunk);
  return JSON.parse(body) as IncomingHttpHeaders;
}

async function negotiatedProtocol(offered: readonly string[]): Promise<string | false | null> {
  return await new Promise((agreed, failed) => {
    const options = { host: loopback, port: ports.https, rejectUnauthorized: false, ALPNProtocols: [...offered] };
    const socket = tlsConnect(options, () => {
      agreed(socket.alpnProtocol);
      socket.destroy();
    });
    socket.once('error', failed);
  });
}

function publish(webroot: string): void {
  const challenges = join(root, webroot, challenge);
  mkdirSync(challenges, { recursive: true });
  writeFileSync(join(challenges, token), keyAuthorization);
}

describe('haproxy.cfg as shipped', () => {
  let haproxy: Daemon;
  beforeAll(async () => {
    publish('var/www/acme');
    haproxy = await start(shipped);
  });
  afterAll(async () => await haproxy.stop());

  it('is valid, without a warning', async () => {
    const result = await run(haproxyBin, ['-c', '-f', shipped], { env });
    expect(result).toMatchObject({ code: 0 });
    expect(result.stdout + result.stderr).not.toMatch(/WARNING|ALERT/);
  });

  it('is valid with the addresses and the user of production', async () => {
    const production = join(root, 'production.cfg');
    writeFileSync(production, readFileSync(shipped, 'utf8').replace('defined(TRY_ROOT)', 'defined(NO_TRIAL)'));
    expect(await run(haproxyBin, ['-c', '-f', production], { env })).toMatchObject({ code: 0 });
  });

  it('answers a challenge on http from the webroot', async () => {
    const response = await plain(`${challenge}/${token}`);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(keyAuthorization);
  });

  it('does not redirect a challenge that it does not know', async () => {
    expect((await plain(`${challenge}/unknown`)).status).toBe(404);
    expect((await plain(`${challenge}/`)).status).toBe(404);
  });

  it('redirects every other path to https', async () => {
    const response = await plain('/shop?item=1');
    expect(response.status).toBe(301);
    expect(response.headers.get('location')).toBe(`https://${loopback}:${ports.http}/shop?item=1`);
    expect((await plain('/.well-known/other')).status).toBe(301);
  });

  it('serves the self-signed default certificate and the application on https', async () => {
    const made = new X509Certificate(readFileSync(join(root, 'etc/haproxy/default.pem')));
    const served = await servedCertificate(loopback, ports.https, 'unknown.example.org');
    expect(served.fingerprint).toBe(made.fingerprint256);
    expect(await forwardedHeaders()).toMatchObject({ 'x-forwarded-proto': 'https', 'x-forwarded-for': '127.0.0.1' });
  });

  it('speaks HTTP/2', async () => {
    expect(await negotiatedProtocol(['h2', 'http/1.1'])).toBe('h2');
  });

  it('serves a bundle of the certificate directory to its name', async () => {
    await haproxy.stop();
    const bundle = await selfSigned(root, 'shop', ['DNS:shop.example.org']);
    copyFileSync(bundle.bundleFile, join(root, 'etc/haproxy/certs/shop.pem'));
    haproxy = await start(shipped);
    const served = await servedCertificate(loopback, ports.https, 'shop.example.org');
    expect(served.subjectAltName).toBe('DNS:shop.example.org');
  });
});

describe('haproxy.cfg with the chroot that its comment describes', () => {
  it('answers a challenge from the webroot inside the chroot', async () => {
    const text = readFileSync(shipped, 'utf8');
    expect(text).toContain('"chroot /var/lib/haproxy", set ACME_WEBROOT to /acme');
    const chrooted = text
      .replace(/^ +setenv ACME_WEBROOT .*$/m, '    setenv ACME_WEBROOT /acme')
      .replace('log /dev/log local0', 'chroot "$TRY_ROOT/var/lib/haproxy"');
    writeFileSync(join(root, 'chrooted.cfg'), chrooted);
    publish('var/lib/haproxy/acme');
    // chroot(2) is for root, if only root of a user namespace.
    const starter = process.getuid?.() === 0 ? [] : ['unshare', '--map-root-user'];
    const haproxy = await start(join(root, 'chrooted.cfg'), starter);
    try {
      expect(await (await plain(`${challenge}/${token}`)).text()).toBe(keyAuthorization);
    } finally {
      await haproxy.stop();
    }
  });
});
