/**
 * The main job on embedded parts: Pebble as the CA and HAProxy on free loopback ports, a certificate issued, put into
 * service while HAProxy runs, renewed, and verified. `--keep` leaves everything running until Ctrl-C.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run, runOrThrow } from '../support/child.js';
import { haproxyBin, servedCertificate, startHaproxyDaemon, type Haproxy } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { startPebble, type Pebble } from '../support/pebble.js';
import { selfSigned } from '../support/self-signed.js';
import { temporaryDirectory } from '../support/temporary.js';

const dist = join(import.meta.dirname, '../../dist');
const names = ['demo.test', 'www.demo.test'];

interface Stage {
  readonly directory: string;
  readonly httpPort: number;
  readonly httpsPort: number;
}

function haproxyConfig({ directory, httpPort, httpsPort }: Stage): string {
  return `
global
  stats socket ${directory}/haproxy.sock mode 600 level admin expose-fd listeners
  hard-stop-after 30s
  setenv ACME_WEBROOT ${directory}/webroot
  .if version_atleast(3.2)
    tune.lua.bool-sample-conversion normal
  .endif
  lua-load-per-thread ${dist}/acme-http01.lua
defaults
  mode http
  timeout client 10s
  timeout connect 5s
  timeout server 10s
frontend http
  bind ${loopback}:${httpPort}
  http-request use-service lua.acme-http01 if { path_beg /.well-known/acme-challenge/ }
  http-request redirect scheme https
frontend https
  bind ${loopback}:${httpsPort} ssl crt ${directory}/default.pem crt ${directory}/certs alpn h2,http/1.1
  http-request return status 200 content-type text/plain string "HAProxy %[ssl_fc_sni] over TLS\\n"
`.replace('string "HAProxy %', 'lf-string "HAProxy %');
}

function say(text: string): void {
  console.log(text);
}

async function showServed(stage: Stage, what: string): Promise<void> {
  const { subjectAltName, issuer, fingerprint } = await servedCertificate(loopback, stage.httpsPort, names[0] ?? '');
  say(
    `  ${what}: ${subjectAltName ?? 'no names'}, by ${issuer.replace(/\n/g, ', ')}, SHA-256 ${fingerprint.slice(0, 23)}...`,
  );
}

type Command = (...args: readonly string[]) => Promise<void>;

/** Runs the built command as a user would, on directories of the stage, and shows what it says. */
function commandOn(stage: Stage, pebble: Pebble): Command {
  const paths = ['config', 'work', 'logs'].flatMap((kind) => [`--${kind}-dir`, join(stage.directory, kind)]);
  return async (...args) => {
    say(`$ haproxy-acme ${args.join(' ').replaceAll(stage.directory, '$D')}`);
    const { code, stdout, stderr } = await run(process.execPath, [join(dist, 'haproxy-acme.js'), ...args, ...paths], {
      env: { NODE_EXTRA_CA_CERTS: pebble.caFile },
    });
    const output = `${stderr}${stdout}`;
    if (code !== 0) throw new Error(`haproxy-acme exited ${String(code)}: ${output}`);
    say(output.trimEnd().replaceAll(stage.directory, '$D').replace(/^/gm, '  '));
  };
}

async function play(stage: Stage, pebble: Pebble, haproxy: Haproxy): Promise<void> {
  const { directory } = stage;
  const command = commandOn(stage, pebble);
  await showServed(stage, 'served at first');
  await command(
    ...['certonly', '--webroot', '-w', join(directory, 'webroot'), ...names.flatMap((name) => ['-d', name])],
    // Here the names are known to the CA's DNS server alone, and port 80 is another.
    ...['--self-check-resolver', pebble.dnsServer, '--self-check-port', String(stage.httpPort)],
    ...['-m', 'admin@demo.test', '--agree-tos', '-n', '--server', pebble.directoryUrl],
    ...['--haproxy-cert-dir', join(directory, 'certs'), '--haproxy-cfg', haproxy.configFile],
    ...[
      '--haproxy-pidfile',
      haproxy.pidfile,
      '--haproxy-bin',
      haproxyBin,
      '--haproxy-socket',
      join(directory, 'haproxy.sock'),
    ],
  );
  await showServed(stage, 'served now');
  await command('renew');
  await command('renew', '--force-renewal');
  await showServed(stage, 'served now');
  await command('verify');
}

function showAddresses(stage: Stage, pebble: Pebble): void {
  say(`
It keeps running until Ctrl-C:
  CA (ACME directory)  ${pebble.directoryUrl}  trusted by ${pebble.caFile}
  HTTP                 http://${loopback}:${stage.httpPort}/
  HTTPS                curl -k --resolve ${names[0] ?? ''}:${stage.httpsPort}:${loopback} https://${names[0] ?? ''}:${stage.httpsPort}/
  files ($D)           ${stage.directory}`);
}

/** Resolves when the user ends the demo, at whatever point: HAProxy is a daemon and must not be left behind. */
async function ended(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
}

async function demo(keep: boolean): Promise<void> {
  const end = ended();
  // The terminal may be gone before the cleaning up is done.
  process.stdout.on('error', () => undefined);
  const temporary = temporaryDirectory('haproxy-acme-demo-');
  const stage: Stage = { directory: temporary.path, httpPort: await freePort(), httpsPort: await freePort() };
  for (const name of ['webroot', 'certs', 'pebble']) mkdirSync(join(stage.directory, name));
  await selfSigned(stage.directory, 'default', ['DNS:haproxy.selfsigned.invalid']);
  let pebble: Pebble | undefined;
  let haproxy: Haproxy | undefined;
  try {
    pebble = await startPebble({ directory: join(stage.directory, 'pebble'), httpPort: stage.httpPort });
    haproxy = await startHaproxyDaemon(stage.directory, haproxyConfig(stage));
    const version = (await runOrThrow(haproxyBin, ['-v'])).split(' ')[2] ?? '';
    say(
      `Pebble (the CA) and HAProxy ${version}, process ${haproxy.pid()}, run on ${loopback}; files are in $D = ${stage.directory}`,
    );
    const whole = play(stage, pebble, haproxy).then(async () => {
      if (!keep) return;
      if (pebble !== undefined) showAddresses(stage, pebble);
      await end;
    });
    await Promise.race([whole, end]);
    // Ended in the middle, the command that runs is let finish: it may be about to start another HAProxy.
    await whole.catch((error: unknown) => say(`It was ended early: ${error instanceof Error ? error.name : 'error'}.`));
  } finally {
    await haproxy?.stop();
    await pebble?.stop();
    temporary.remove();
  }
  say('All of it is ended and removed.');
}

await demo(process.argv.includes('--keep'));
