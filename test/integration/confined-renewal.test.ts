import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, runOrThrow, until } from '../support/child.js';
import { alive, haproxyBin, servedCertificate } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { startPebble, type Pebble } from '../support/pebble.js';
import { errorCodes } from '../support/report.js';
import { selfSigned } from '../support/self-signed.js';
import { temporaryDirectory } from '../support/temporary.js';
import { selfCheckFlags } from '../support/user-settings.js';

const project = resolve(import.meta.dirname, '../..');
const shipped = join(project, 'haproxy/haproxy.cfg');
const name = 'shop.example.org';

const directory = temporaryDirectory();
const at = (path: string): string => join(directory.path, path);
const pidfile = at('run/haproxy.pid');
let httpsPort: number;
let pebble: Pebble;

beforeAll(async () => {
  const httpPort = await freePort();
  httpsPort = await freePort();
  for (const path of ['run/haproxy', 'var/www/acme', 'etc/haproxy/certs', 'usr/local/share/haproxy-acme']) {
    mkdirSync(at(path), { recursive: true });
  }
  copyFileSync(join(project, 'dist/acme-http01.lua'), at('usr/local/share/haproxy-acme/acme-http01.lua'));
  copyFileSync(
    (await selfSigned(directory.path, 'default', ['DNS:default'])).bundleFile,
    at('etc/haproxy/default.pem'),
  );
  pebble = await startPebble({ directory: directory.path, httpPort });
  const env = {
    TRY_ROOT: directory.path,
    TRY_HTTP: `${loopback}:${httpPort}`,
    TRY_HTTPS: `${loopback}:${httpsPort}`,
    TRY_APPLICATION: `${loopback}:${await freePort()}`,
  };
  await runOrThrow(haproxyBin, ['-W', '-D', '-f', shipped, '-p', pidfile], { env });
});

afterAll(async () => {
  const master = Number(readFileSync(pidfile, 'utf8'));
  process.kill(master, 'SIGTERM');
  await until('HAProxy is gone', () => !alive(master));
  await pebble.stop();
  directory.remove();
});

/** What systemd leaves to the renewal service, as arguments of setpriv(1); only root has capabilities to lose. */
function confinement(): readonly string[] {
  if (process.getuid?.() !== 0) return ['--no-new-privs'];
  const service = readFileSync(join(project, 'haproxy/systemd/haproxy-acme-renew.service'), 'utf8');
  const capabilities = /^CapabilityBoundingSet=(.*)$/m.exec(service)?.[1]?.split(' ') ?? [];
  const kept = capabilities.map((capability) => capability.replace('CAP_', '+').toLowerCase());
  expect(kept).toContain('+kill');
  return ['--no-new-privs', `--bounding-set=${['-all', ...kept].join(',')}`];
}

describe("with the capabilities of the systemd service, beside the shipped configuration's master", () => {
  it('issues a certificate and has the master put it into service', async () => {
    const master = readFileSync(pidfile, 'utf8');
    const result = await run(
      'setpriv',
      [
        ...[...confinement(), process.execPath, join(project, 'dist/haproxy-acme.js'), 'certonly', '--webroot', '-n'],
        ...['-w', at('var/www/acme'), '-d', name, '--agree-tos', '--server', pebble.directoryUrl],
        ...selfCheckFlags(pebble),
        ...['--config-dir', at('config'), '--work-dir', at('work'), '--logs-dir', at('logs')],
        ...['--haproxy-cert-dir', at('etc/haproxy/certs'), '--haproxy-cfg', shipped, '--haproxy-pidfile', pidfile],
        ...['--haproxy-bin', haproxyBin],
      ],
      { env: { NODE_EXTRA_CA_CERTS: pebble.caFile } },
    );
    expect(result, result.stderr).toMatchObject({ code: 0 });
    const served = await servedCertificate(loopback, httpsPort, name);
    expect(served.subjectAltName).toBe(`DNS:${name}`);
    expect(served.issuer).toContain('Pebble');
    expect(readFileSync(pidfile, 'utf8')).toBe(master);
  });

  it.each(['--standalone --http-01-port', '--tls-alpn-01 --tls-alpn-01-port'])(
    '%s listens on a port that is not for everybody, before a CA is asked that is not there',
    async (flags) => {
      const result = await run('setpriv', [
        ...[...confinement(), process.execPath, join(project, 'dist/haproxy-acme.js'), 'certonly', '-n'],
        ...[...flags.split(' '), '81', '-d', name, '--agree-tos', '--server', `https://${loopback}:1/`],
        ...['--config-dir', at('none'), '--work-dir', at('none/work'), '--logs-dir', at('none/logs')],
      ]);
      expect(errorCodes(result), result.stderr).toEqual([
        process.getuid?.() === 0 ? 'acme-unreachable' : 'port-refused',
      ]);
    },
  );
});
