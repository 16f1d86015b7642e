import { createPrivateKey, type KeyObject } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { run, type RunResult } from './child.js';
import { freePort } from './loopback.js';
import { startPebble, type Pebble, type PebbleOptions } from './pebble.js';
import { temporaryDirectory } from './temporary.js';
import { selfCheckFlags } from './user-settings.js';

/** `CALLED=certbot` has the same tests run the distribution's certbot, to see that they are about what certbot does. */
const isCertbot = process.env['CALLED'] === 'certbot';
const program = isCertbot
  ? ['certbot']
  : [process.execPath, resolve(import.meta.dirname, '../../dist/haproxy-acme.js')];

export interface CallOptions {
  /** False: without --renew-by-default, which each call has otherwise. */
  readonly force?: boolean;
  /** False: without --server. */
  readonly server?: boolean;
}

/** A configuration directory of its own, and what a caller of certbot would look at. */
export interface Workspace {
  readonly at: (path: string) => string;
  /** Below the configuration directory. */
  readonly config: (path: string) => string;
  readonly call: (args: readonly string[], options?: CallOptions) => Promise<RunResult>;
  /** As `call`, and throws when it does not exit 0. */
  readonly must: (args: readonly string[], options?: CallOptions) => Promise<RunResult>;
  /** As `call`, and throws when it exits 0. */
  readonly fails: (args: readonly string[], options?: CallOptions) => Promise<RunResult>;
  /** How many versions archive/ has. */
  readonly versions: (certName: string) => number;
  readonly keyText: (certName: string, version: number) => string;
  readonly key: (certName: string, version: number) => KeyObject;
  readonly conf: (certName: string) => string;
  readonly log: () => string;
  /** A hook that notes a word, and the words noted since the last look. */
  readonly note: (word: string) => string;
  readonly probe: string;
  readonly noted: () => readonly string[];
}

export interface Calls {
  readonly pebble: Pebble;
  readonly httpPort: number;
  /** One with the account that all share, unless another is copied. */
  readonly workspace: (from?: Workspace) => Workspace;
  /** One that knows of no account. */
  readonly emptyWorkspace: () => Workspace;
  /** --manual-auth-hook and --manual-cleanup-hook for dns-01; names that begin with `fail` get no answer. */
  readonly dnsHooks: readonly string[];
  /** As `dnsHooks`, and answers for every name. */
  readonly willingDnsHooks: readonly string[];
  readonly stop: () => Promise<void>;
}

/** Pebble, and the program called with the flags that come before and after those of a test. */
export async function startCalls(options: Partial<PebbleOptions> = {}): Promise<Calls> {
  const directory = temporaryDirectory();
  const at = (path: string): string => join(directory.path, path);
  const httpPort = await freePort('::');
  const pebble = await startPebble({ directory: directory.path, httpPort, authzReuse: 100, ...options });
  const httpsPort = await freePort();
  let count = 0;
  const emptyWorkspace = (): Workspace => {
    const path = at(`workspace-${(count += 1)}`);
    mkdirSync(path);
    return workspaceAt(path, { pebble, ports: [httpPort, httpsPort] });
  };
  const template = emptyWorkspace();
  const stop = async (): Promise<void> => {
    await pebble.stop();
    directory.remove();
  };
  await template.must(['register']).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    pebble,
    httpPort,
    emptyWorkspace,
    workspace: (from = template) => {
      const workspace = emptyWorkspace();
      copyConfig(from, workspace);
      return workspace;
    },
    ...writeDnsHooks(at, pebble),
    stop,
  };
}

/** Renewal configurations name their directory. */
function copyConfig(from: Workspace, to: Workspace): void {
  cpSync(from.config(''), to.config(''), { recursive: true, verbatimSymlinks: true });
  if (!existsSync(to.config('renewal'))) return;
  for (const file of readdirSync(to.config('renewal'))) {
    const path = to.config(`renewal/${file}`);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(`${from.at('')}/`, `${to.at('')}/`));
  }
}

function writeDnsHooks(at: Workspace['at'], pebble: Pebble): Pick<Calls, 'dnsHooks' | 'willingDnsHooks'> {
  const post = (path: string, body: string): string =>
    `#!/bin/sh\nexec curl -sSf --noproxy '*' -d "${body}" ${pebble.dnsManagementUrl}/${path}\n`;
  const host = '\\"host\\":\\"_acme-challenge.$CERTBOT_DOMAIN.\\"';
  const set = post('set-txt', `{${host},\\"value\\":\\"$CERTBOT_VALIDATION\\"}`);
  const scripts: Readonly<Record<string, string>> = {
    'dns-auth': set.replace('\n', '\ncase $CERTBOT_DOMAIN in fail*) exit 1;; esac\n'),
    'dns-auth-willing': set,
    'dns-cleanup': post('clear-txt', `{${host}}`),
  };
  for (const [name, text] of Object.entries(scripts)) writeFileSync(at(name), text, { mode: 0o755 });
  const hooks = (auth: string): readonly string[] => [
    ...['--manual-auth-hook', at(auth), '--manual-cleanup-hook', at('dns-cleanup')],
  ];
  return { dnsHooks: hooks('dns-auth'), willingDnsHooks: hooks('dns-auth-willing') };
}

interface Surroundings {
  readonly pebble: Pebble;
  readonly ports: readonly [http: number, https: number];
}

function workspaceAt(path: string, { pebble, ports }: Surroundings): Workspace {
  const at = (name: string): string => join(path, name);
  const [probe, config] = [at('probe'), (name: string): string => join(path, 'conf', name)];
  const read = (file: string): string => readFileSync(file, 'utf8');
  writeFileSync(probe, '');
  const first = [
    ...['--no-verify-ssl', '--http-01-port', String(ports[0]), '--https-port', String(ports[1])],
    ...['--config-dir', at('conf'), '--work-dir', at('work'), '--logs-dir', at('logs')],
    ...['--non-interactive', '--no-redirect', '--agree-tos', '--register-unsafely-without-email', '--debug', '-vv'],
    ...['--authenticator', 'standalone', '--installer', 'null'],
    ...(isCertbot ? [] : selfCheckFlags(pebble)),
  ];
  const call: Workspace['call'] = async (args, { force = true, server = true } = {}) => {
    const last = [
      ...['--no-random-sleep-on-renew', ...(force ? ['--renew-by-default'] : [])],
      ...(server ? ['--server', pebble.directoryUrl] : []),
    ];
    const [command = '', ...rest] = [...program, ...first, ...args, ...last];
    return await run(command, rest, { cwd: path, env: { TMPDIR: path } });
  };
  const checked =
    (fits: (code: number | null) => boolean): Workspace['call'] =>
    async (args, options) => {
      const result = await call(args, options);
      if (fits(result.code)) return result;
      throw new Error(`${args.join(' ')} exited ${String(result.code)}: ${result.stderr}${result.stdout}`);
    };
  const keyText: Workspace['keyText'] = (name, version) => read(config(`archive/${name}/privkey${version}.pem`));
  return {
    ...{ at, config, call, probe, keyText },
    must: checked((code) => code === 0),
    fails: checked((code) => code !== 0),
    versions: (name) => readdirSync(config(`archive/${name}`)).filter((file) => file.startsWith('cert')).length,
    key: (name, version) => createPrivateKey(keyText(name, version)),
    conf: (name) => read(config(`renewal/${name}.conf`)),
    log: () => read(at('logs/letsencrypt.log')),
    note: (word) => `echo ${word} >> ${probe}`,
    noted: () => {
      const words = read(probe).split('\n').slice(0, -1);
      writeFileSync(probe, '');
      return words;
    },
  };
}
