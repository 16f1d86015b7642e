import { X509Certificate } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cloneWithExample, shippedExample, type Changes } from './example-files.js';
import { endHaproxy, firstMachine, secondMachine, type Machine, type SecondMachine } from './example-machine.js';
import { openReadme, type CommandChange, type Readme } from './example-readme.js';
import { haproxyBin, servedCertificate } from './haproxy.js';
import { freePort, loopback } from './loopback.js';
import { startPebble, type Pebble } from './pebble.js';
import { temporaryDirectory } from './temporary.js';
import { selfCheckFlags } from './user-settings.js';

const project = resolve(import.meta.dirname, '../..');

export interface ExampleOptions extends Changes {
  /** What is not as written in the commands of its README. */
  readonly commands?: readonly CommandChange[];
}

/** One of haproxy/examples/ on a machine of its own: a directory for its files, loopback for its ports, a CA. */
export interface Example extends Machine {
  /** Where an absolute path of its files and commands is. */
  readonly at: (path: string) => string;
  /** The port that stands for one of its binds. */
  readonly port: (shipped: number) => number;
  /** The binds where clients speak TLS, as shipped. */
  readonly tlsPorts: readonly number[];
  readonly pebble: Pebble;
  readonly readme: Readme;
  /** SHA-256 of what a bind serves for a name. */
  readonly served: (shippedPort: number, name: string) => Promise<string>;
  /** SHA-256 of what live/ holds. */
  readonly stored: (certName: string) => string;
  /** A machine with HAProxy, and nothing else. */
  readonly second: SecondMachine;
  readonly stop: () => Promise<void>;
}

export async function startExample(name: string, options: ExampleOptions): Promise<Example> {
  const directory = temporaryDirectory();
  const root = join(directory.path, 'one');
  const at = (path: string): string => join(root, path);
  const ports = await cloneWithExample(name, root, options);
  // HAProxy's user must pass, as it may in /var/www.
  chmodSync(directory.path, 0o755);
  mkdirSync(at('pebble'), { recursive: true });
  const port = (shipped: number): number => {
    const found = ports.get(shipped);
    if (found === undefined) throw new Error(`the example has no bind of port ${shipped}`);
    return found;
  };
  const caPorts = { httpPort: ports.get(80) ?? (await freePort()), tlsPort: port(443) };
  const pebble = await startPebble({ directory: at('pebble'), ...caPorts });
  mkdirSync(at('bin'));
  symlinkSync(haproxyBin, at('bin/haproxy'));
  writeFileSync(at('bin/haproxy-acme'), haproxyAcme(root, pebble), { mode: 0o755 });
  const env = commandEnvironment(root, pebble);
  const [first, second] = [firstMachine(root, env), secondMachine(root, env, directory.path)];
  for (const files of [root, second.own]) installHaproxy(files);
  const live = (certName: string): string => at(`etc/letsencrypt/live/${certName}/cert.pem`);
  return {
    ...first,
    at,
    port,
    tlsPorts: tlsPorts(readFileSync(join(shippedExample(name), 'haproxy.cfg'), 'utf8')),
    pebble,
    readme: openReadme(name, first, options.commands ?? []),
    served: async (shipped, host) => (await servedCertificate(loopback, port(shipped), host)).fingerprint,
    stored: (certName) => new X509Certificate(readFileSync(live(certName))).fingerprint256,
    second,
    stop: async () => {
      for (const machine of [first, second]) await endHaproxy(machine);
      await pebble.stop();
      directory.remove();
    },
  };
}

/** What the distribution's package brings, and its system, below a directory. */
function installHaproxy(root: string): void {
  for (const path of [
    'etc/cron.d',
    'etc/default',
    'etc/haproxy',
    'etc/systemd/system',
    'run/haproxy',
    'usr/local/share',
  ]) {
    mkdirSync(join(root, path), { recursive: true });
  }
  writeFileSync(join(root, 'etc/default/haproxy'), '');
  cpSync('/etc/haproxy/errors', join(root, 'etc/haproxy/errors'), { recursive: true });
}

function tlsPorts(config: string): readonly number[] {
  const sections = config.split(/^(?=\S)/m);
  const bind = (section: string): RegExp =>
    section.includes('req.ssl_hello_type') ? /^ +bind [^\s:]*:(\d+)$/gm : /^ +bind [^\s:]*:(\d+) ssl /gm;
  return sections.flatMap((section) => [...section.matchAll(bind(section))].map((match) => Number(match[1])));
}

/** The built command, with the places that it has by default moved below `root`. */
function haproxyAcme(root: string, pebble: Pebble): string {
  const flags = [
    ...['--config-dir', join(root, 'etc/letsencrypt'), '--work-dir', join(root, 'var/lib/letsencrypt')],
    ...['--logs-dir', join(root, 'var/log/letsencrypt'), '--haproxy-pidfile', join(root, 'run/haproxy.pid')],
    ...['--server', pebble.directoryUrl, ...selfCheckFlags(pebble)],
  ];
  return `#!/bin/sh\nexec '${process.execPath}' '${join(project, 'dist/haproxy-acme.js')}' ${flags.join(' ')} "$@"\n`;
}

function commandEnvironment(root: string, pebble: Pebble): Record<string, string | undefined> {
  const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'];
  return {
    ...Object.fromEntries(proxies.flatMap((name) => [name, name.toLowerCase()]).map((name) => [name, undefined])),
    NODE_EXTRA_CA_CERTS: pebble.caFile,
    PATH: `${join(root, 'bin')}:${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`,
    // Its letsencrypt/cli.ini stands for the system's.
    XDG_CONFIG_HOME: join(root, 'etc'),
  };
}
