import { X509Certificate } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { run, until, type RunResult } from './child.js';
import { cloneWithExample, movedBelow, replaced, shippedExample, type Changes } from './example-files.js';
import { alive, haproxyBin, servedCertificate } from './haproxy.js';
import { loopback } from './loopback.js';
import { startPebble, type Pebble } from './pebble.js';
import { readmeCommands } from './readme-commands.js';
import { temporaryDirectory } from './temporary.js';

const project = resolve(import.meta.dirname, '../..');
const minute = 60_000;

export interface ExampleOptions extends Changes {
  /** Texts of its README's commands and what stands for them; each has to be there. */
  readonly commands?: readonly (readonly [text: string, replacement: string])[];
}

/** One of haproxy/examples/ on a machine of its own: a directory for its files, loopback for its ports, a CA. */
export interface Example {
  /** Where an absolute path of its files and commands is. */
  readonly at: (path: string) => string;
  /** The port that stands for one of its binds. */
  readonly port: (shipped: number) => number;
  /** The binds with `ssl`, as shipped. */
  readonly tlsPorts: readonly number[];
  readonly pebble: Pebble;
  /** Runs the commands of its README, from where the last call has stopped, up to the first that has `text` in it. */
  readonly readmeTo: (text: string) => Promise<string>;
  /** Runs the rest of its README, and answers with what its timer or cron line is to run. */
  readonly readmeToEnd: () => Promise<string>;
  /** Runs a command as the README's are run. */
  readonly shell: (command: string, env?: Readonly<Record<string, string>>) => Promise<RunResult>;
  /** Every process of HAProxy that runs on its configuration. */
  readonly processes: () => readonly number[];
  /** SHA-256 of what a bind serves for a name. */
  readonly served: (shippedPort: number, name: string) => Promise<string>;
  /** SHA-256 of what live/ holds. */
  readonly stored: (certName: string) => string;
  readonly stop: () => Promise<void>;
}

export async function startExample(name: string, options: ExampleOptions): Promise<Example> {
  const directory = temporaryDirectory();
  const root = directory.path;
  const at = (path: string): string => join(root, path);
  // HAProxy's user must pass, as it may in /var/www.
  chmodSync(root, 0o755);
  const ports = await cloneWithExample(name, root, options);
  for (const path of [
    'bin',
    'etc/cron.d',
    'etc/default',
    'etc/haproxy',
    'etc/systemd/system',
    'pebble',
    'run/haproxy',
  ]) {
    mkdirSync(at(path), { recursive: true });
  }
  symlinkSync(haproxyBin, at('bin/haproxy'));
  // Of the distribution's package.
  writeFileSync(at('etc/default/haproxy'), '');
  cpSync('/etc/haproxy/errors', at('etc/haproxy/errors'), { recursive: true });
  const port = (shipped: number): number => ports.get(shipped) ?? missing(`a bind of port ${shipped}`);
  const pebble = await startPebble({ directory: at('pebble'), httpPort: port(80) });
  writeFileSync(at('bin/haproxy-acme'), haproxyAcme(root, pebble), { mode: 0o755 });
  const processes = (): readonly number[] => processesBelow(at('etc/haproxy/'));
  const shell: Example['shell'] = async (command, env = {}) =>
    await run('sh', ['-e', '-c', command], {
      cwd: at('clone'),
      env: { ...commandEnvironment(root, pebble), ...env },
      timeout: 2 * minute,
    });
  const live = (certName: string): string => at(`etc/letsencrypt/live/${certName}/cert.pem`);
  return {
    at,
    port,
    tlsPorts: tlsPorts(readFileSync(join(shippedExample(name), 'haproxy.cfg'), 'utf8')),
    pebble,
    ...readme(name, options, { root, shell, processes }),
    shell,
    processes,
    served: async (shipped, host) => (await servedCertificate(loopback, port(shipped), host)).fingerprint,
    stored: (certName) => new X509Certificate(readFileSync(live(certName))).fingerprint256,
    stop: async () => {
      await endAll(processes);
      await pebble.stop();
      directory.remove();
    },
  };
}

function missing(what: string): never {
  throw new Error(`the example has not: ${what}`);
}

function tlsPorts(config: string): readonly number[] {
  return [...config.matchAll(/^ +bind [^\s:]*:(\d+) ssl /gm)].map((match) => Number(match[1]));
}

/** The built command, with the places that it has by default moved below `root`. */
function haproxyAcme(root: string, pebble: Pebble): string {
  const flags = [
    ...['--config-dir', join(root, 'etc/letsencrypt'), '--work-dir', join(root, 'var/lib/letsencrypt')],
    ...['--logs-dir', join(root, 'var/log/letsencrypt'), '--haproxy-pidfile', join(root, 'run/haproxy.pid')],
    ...['--server', pebble.directoryUrl],
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

/** systemd's haproxy.service starts it so, but for -Ws, which needs systemd. */
const service = 'set -a; . /etc/default/haproxy; haproxy -W -D -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid';
/** Where its command installs the program, which is here already; the package's own test installs it. */
const installation = /^(?:apt-get install [a-z0-9. -]+|npm install && npm run build && npm install -g .*)$/;
const timer = /^systemctl (?:daemon-reload|enable --now haproxy-acme-renew\.timer)$/;

interface Machine {
  readonly root: string;
  readonly shell: Example['shell'];
  readonly processes: () => readonly number[];
}

function readme(
  name: string,
  options: ExampleOptions,
  { root, shell, processes }: Machine,
): Pick<Example, 'readmeTo' | 'readmeToEnd'> {
  const left = [...readmeCommands(join(shippedExample(name), 'README.md'))];
  const unused = new Set((options.commands ?? []).map(([text]) => text));
  const perform = async (written: string): Promise<void> => {
    if (installation.test(written) || timer.test(written)) return;
    const isRestart = written === 'systemctl restart haproxy';
    if (isRestart) await endAll(processes);
    let command = isRestart ? service : written;
    for (const [text, to] of options.commands ?? []) {
      if (!command.includes(text)) continue;
      command = replaced(command, text, to);
      unused.delete(text);
    }
    const result = await shell(movedBelow(root, command));
    if (result.code !== 0)
      throw new Error(`'${written}' exited ${String(result.code)}: ${result.stderr}${result.stdout}`);
  };
  return {
    readmeTo: async (text) => {
      for (;;) {
        const command = left.shift() ?? missing(`a command with '${text}' in its README`);
        await perform(command);
        if (command.includes(text)) return command;
      }
    },
    readmeToEnd: async () => {
      for (const command of left.splice(0)) await perform(command);
      if (unused.size > 0) missing(`the commands ${[...unused].join(', ')}`);
      return scheduled(root);
    },
  };
}

/** The command of the cron line or the systemd service that is installed below `root`. */
function scheduled(root: string): string {
  const files = ['etc/cron.d/haproxy-acme', 'etc/systemd/system/haproxy-acme-renew.service'];
  const file = files.map((path) => join(root, path)).find((path) => existsSync(path)) ?? missing('a schedule');
  return /haproxy-acme renew[^;}\n]*/.exec(readFileSync(file, 'utf8'))?.[0] ?? missing('a command in its schedule');
}

function processesBelow(path: string): readonly number[] {
  const isOurs = (pid: number): boolean => {
    try {
      const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return args.includes('-D') && args.some((arg) => arg.startsWith(path)) && alive(pid);
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && isOurs(pid));
}

async function endAll(processes: () => readonly number[]): Promise<void> {
  await until('HAProxy is gone', () => {
    for (const pid of processes()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself meanwhile.
      }
    }
    return processes().length === 0;
  });
}
