import { chmodSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { join, resolve } from 'node:path';
import { run, runOrThrow, until, type RunOptions, type RunResult } from './child.js';
import { alive, haproxyBin, servedCertificate } from './haproxy.js';
import { freePort, loopback } from './loopback.js';
import { startPebble, type Pebble, type PebbleOptions } from './pebble.js';
import { selfSigned } from './self-signed.js';
import { temporaryDirectory } from './temporary.js';
import { selfCheckFlags, writeUserSettings } from './user-settings.js';

const dist = resolve(import.meta.dirname, '../../dist');

export const isRoot: boolean = process.getuid?.() === 0;

/** Put before a command: its root loses the capabilities by which file modes do not bind it. */
export const withoutCapabilities: readonly string[] = isRoot ? ['setpriv', '--bounding-set=-all'] : [];

export interface StageOptions {
  readonly pebble?: Pick<PebbleOptions, 'nonceReject' | 'authzReuse' | 'validity' | 'ocspResponderUrl' | 'eab' | 'env'>;
  /** A process of its own unless told; `master`: -W. */
  readonly haproxy?: 'daemon' | 'master';
  /** Path of the master's socket (-S). */
  readonly masterSocket?: string;
  /** How certificates are given to HAProxy; undefined: as it is done where nothing is said. */
  readonly deploy?: 'reload' | 'runtime';
  /** More lines of HAProxy's global section. */
  readonly global?: readonly string[];
  /** More options of the https bind. */
  readonly bind?: string;
  /** More sections of its configuration. */
  readonly sections?: string;
  /** In place of the stage's own configuration. */
  readonly config?: (paths: StagePaths) => string;
  /** What HAProxy is started with beside this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Configuration files after haproxy.cfg. */
  readonly files?: readonly string[];
}

export interface CommandOptions extends RunOptions {
  /** What the command is started by, such as `setpriv` and its options. */
  readonly by?: readonly string[];
  /** The program in place of the one that this checkout has built. */
  readonly program?: string;
}

export interface Stage {
  /** A path below the stage's directory. */
  readonly at: (path: string) => string;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly webroot: string;
  readonly certDir: string;
  readonly configDir: string;
  readonly cfg: string;
  readonly pidfile: string;
  readonly socket: string;
  readonly pebble: Pebble;
  /** The process that the pidfile names. */
  readonly pid: () => number;
  /** Every process of HAProxy that runs on the stage's configuration. */
  readonly processes: () => readonly number[];
  /** Runs the built command on the stage's directories, unless `args` name others, trusting its CA. */
  readonly command: (args: readonly string[], options?: CommandOptions) => Promise<RunResult>;
  /** `certonly` for names by the stage's webroot and CA, given to its HAProxy. */
  readonly order: (names: readonly string[], extra?: readonly string[], options?: CommandOptions) => Promise<RunResult>;
  /** As `order`, and throws when it does not exit 0. */
  readonly ordered: (names: readonly string[], extra?: readonly string[]) => Promise<RunResult>;
  /** The --haproxy flags that `order` gives. */
  readonly haproxyFlags: readonly string[];
  /** SHA-256 of what is served for a name. */
  readonly served: (name: string) => Promise<string>;
  /** SHA-256 of what live/ holds. */
  readonly stored: (certName: string) => string;
  /** The version that live/ points to. */
  readonly version: (certName: string) => number;
  readonly bundle: (certName: string) => string;
  readonly renewalConf: (certName: string) => string;
  /** How many orders the CA has been asked for. */
  readonly orders: () => number;
  readonly stop: () => Promise<void>;
}

export type StagePaths = Pick<Stage, 'at' | 'httpPort' | 'httpsPort' | 'webroot' | 'certDir' | 'socket'>;

/** The http frontend answers challenges through Lua, the https one serves default.pem and the certificate directory. */
export function stageConfig(paths: StagePaths, options: StageOptions = {}): string {
  return `
global
  stats socket ${paths.socket} mode 600 level admin expose-fd listeners
  hard-stop-after 20s
  setenv ACME_WEBROOT ${paths.webroot}
  .if version_atleast(3.2)
    tune.lua.bool-sample-conversion normal
  .endif
  lua-load-per-thread ${join(dist, 'acme-http01.lua')}
${(options.global ?? []).map((line) => `  ${line}\n`).join('')}
defaults
  mode http
  timeout client 30s
  timeout connect 5s
  timeout server 30s
frontend http
  bind ${loopback}:${paths.httpPort}
  http-request use-service lua.acme-http01
frontend https
  bind ${loopback}:${paths.httpsPort} ssl crt ${paths.at('default.pem')} crt ${paths.certDir} ${options.bind ?? ''}
  http-request return status 200 content-type text/plain string "served over TLS"
${options.sections ?? ''}`;
}

/** Pebble as the CA and HAProxy as the user has it, on free ports, with a directory for all files. */
export async function startStage(options: StageOptions = {}): Promise<Stage> {
  const directory = temporaryDirectory();
  const at = (path: string): string => join(directory.path, path);
  const [httpPort, httpsPort] = [await freePort(), await freePort()];
  for (const name of ['webroot', 'certs', 'pebble']) mkdirSync(at(name));
  // HAProxy's user must pass, as it may in /var/www.
  for (const path of ['', 'webroot']) chmodSync(at(path), 0o755);
  await selfSigned(directory.path, 'default', ['DNS:haproxy.selfsigned.invalid']);
  const paths = { at, httpPort, httpsPort, webroot: at('webroot'), certDir: at('certs'), socket: at('haproxy.sock') };
  const [cfg, pidfile] = [at('haproxy.cfg'), at('haproxy.pid')];
  writeFileSync(cfg, options.config?.(paths) ?? stageConfig(paths, options));
  const processes = (): readonly number[] => haproxyProcesses(directory.path);
  let pebble: Pebble | undefined;
  const stop = async (): Promise<void> => {
    await endAll(processes);
    await pebble?.stop();
    directory.remove();
  };
  try {
    pebble = await startPebble({ directory: at('pebble'), httpPort, tlsPort: httpsPort, ...options.pebble });
    await startHaproxy(cfg, pidfile, options);
    await until('HAProxy serves', async () => await fingerprint(httpsPort, 'any.test').catch(() => undefined));
  } catch (error) {
    await stop();
    throw error;
  }
  writeUserSettings(at('settings'), selfCheckFlags(pebble));
  return {
    ...paths,
    cfg,
    pidfile,
    pebble,
    processes,
    ...commands(paths, { cfg, pidfile, pebble, deploy: options.deploy }),
    stop,
  };
}

/** As an administrator starts it, out of our hands. */
export async function startHaproxy(cfg: string, pidfile: string, options: StageOptions = {}): Promise<void> {
  const { haproxy, masterSocket } = options;
  const socket = masterSocket === undefined ? [] : ['-S', masterSocket];
  const mode = haproxy === 'master' ? ['-W', '-D', ...socket] : ['-D'];
  const files = [cfg, ...(options.files ?? [])].flatMap((file) => ['-f', file]);
  const env = options.env === undefined ? {} : { env: options.env };
  await runOrThrow(haproxyBin, [...mode, ...files, '-p', pidfile], env);
}

interface Parts {
  readonly cfg: string;
  readonly pidfile: string;
  readonly pebble: Pebble;
  readonly deploy: StageOptions['deploy'];
}

function commands(
  paths: StagePaths,
  { cfg, pidfile, pebble, deploy }: Parts,
): Omit<Stage, keyof StagePaths | keyof Parts | 'processes' | 'stop'> {
  const { at, webroot, certDir } = paths;
  const configDir = at('config');
  const directories = ['config', 'work', 'logs'].flatMap((kind) => [`--${kind}-dir`, at(kind)]);
  const haproxyFlags = ['--haproxy-cert-dir', certDir, '--haproxy-cfg', cfg, '--haproxy-pidfile', pidfile].concat([
    ...['--haproxy-bin', haproxyBin],
    ...(deploy === undefined ? [] : ['--haproxy-deploy', deploy]),
  ]);
  const command: Stage['command'] = async (
    args,
    { by = [], program = join(dist, 'haproxy-acme.js'), ...options } = {},
  ) => {
    const [first = '', ...rest] = [...by, process.execPath, program, ...directories, ...args];
    const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [
      name,
      name.toLowerCase(),
    ]);
    const cleared = {
      ...{ REQUESTS_CA_BUNDLE: undefined, CURL_CA_BUNDLE: undefined, SSL_CERT_FILE: undefined },
      ...Object.fromEntries(proxies.map((name) => [name, undefined])),
    };
    return await run(first, rest, {
      ...options,
      env: { ...cleared, NODE_EXTRA_CA_CERTS: pebble.caFile, XDG_CONFIG_HOME: at('settings'), ...options.env },
    });
  };
  const order: Stage['order'] = async (names, extra = [], options = {}) =>
    await command(
      [
        ...['certonly', '--webroot', '-n', '--agree-tos', '--server', pebble.directoryUrl, '-w', webroot],
        ...[...names.flatMap((name) => ['-d', name]), ...haproxyFlags, ...extra],
      ],
      options,
    );
  const live = (certName: string): string => join(configDir, 'live', certName, 'cert.pem');
  return {
    configDir,
    haproxyFlags,
    command,
    order,
    ordered: async (names, extra) => {
      const result = await order(names, extra);
      if (result.code !== 0) throw new Error(`certonly exited ${String(result.code)}: ${result.stderr}`);
      return result;
    },
    pid: () => Number(readFileSync(pidfile, 'utf8').trim().split('\n')[0]),
    served: async (name) => await fingerprint(paths.httpsPort, name),
    stored: (certName) => new X509Certificate(readFileSync(live(certName))).fingerprint256,
    version: (certName) => Number(/cert(\d+)\.pem$/.exec(readlinkSync(live(certName)))?.[1]),
    bundle: (certName) => join(certDir, `${certName}.pem`),
    renewalConf: (certName) => join(configDir, 'renewal', `${certName}.conf`),
    orders: () =>
      pebble
        .output()
        .split('There are now')
        .filter((line) => / orders in the db/.test(line)).length,
  };
}

async function fingerprint(port: number, name: string): Promise<string> {
  return (await servedCertificate(loopback, port, name)).fingerprint;
}

function haproxyProcesses(directory: string): readonly number[] {
  const isOurs = (pid: number): boolean => {
    try {
      const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return args.includes('-D') && args.includes(join(directory, 'haproxy.cfg')) && alive(pid);
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
