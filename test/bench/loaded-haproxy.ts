import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { letsencryptStore } from '../../src-node/lineage/letsencrypt-directory.js';
import { noHaproxy, type DeployMode } from '../../src-node/lineage/haproxy-settings.js';
import { run, runOrThrow, until, type RunResult } from '../support/child.js';
import { alive, haproxyBin, servedCertificate } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { runtimeCommand } from '../support/runtime-socket.js';
import { selfSigned } from '../support/self-signed.js';
import { testSettings } from '../support/test-lineage.js';
import { timeOfCommand, type CommandTime } from './cpu-time.js';
import type { BenchCertificate } from './many-certificates.js';

const executable = resolve(import.meta.dirname, '../../dist/haproxy-acme.js');
/** Milliseconds in which HAProxy has read 10,000 certificates, be the machine as busy as it may. */
const patience = 300_000;

/** A HAProxy of its own with many certificates in its directory, and the lineages of some. */
export interface LoadedHaproxy {
  readonly port: number;
  readonly pid: () => number;
  /** Path of a bundle, which is also what HAProxy calls it. */
  readonly bundle: (name: string) => string;
  /** Resolves as soon as a handshake shows this certificate for a name. */
  readonly serves: (name: string, certificate: BenchCertificate) => Promise<void>;
  /** One command over the stats socket, and its answer. */
  readonly say: (command: string) => Promise<string>;
  /** A new process takes over, as an administrator's script would have it; milliseconds of CPU until it was started. */
  readonly takeOver: () => Promise<number>;
  /** Resolves when a process that was replaced has ended. */
  readonly ended: (pid: number) => Promise<void>;
  /** Stores the next version of a lineage, which HAProxy has not got yet. */
  readonly store: (name: string, certificate: BenchCertificate) => Promise<void>;
  /** Runs the built command on the lineages; throws where it does not exit 0. */
  readonly command: (args: readonly string[]) => Promise<RunResult>;
  /** The same, and how long it takes. */
  readonly timed: (args: readonly string[]) => Promise<CommandTime>;
  readonly stop: () => Promise<void>;
}

/** Starts HAProxy in `directory`, which must not exist, with these certificates by name; its lineages are deployed as told. */
export async function startLoaded(
  directory: string,
  certificates: ReadonlyMap<string, BenchCertificate>,
  deploy: DeployMode,
): Promise<LoadedHaproxy> {
  const at = (path: string): string => join(directory, path);
  const [cfg, pidfile, socket, certDir] = [at('haproxy.cfg'), at('haproxy.pid'), at('haproxy.sock'), at('certs')];
  mkdirSync(certDir, { recursive: true });
  await selfSigned(directory, 'default', ['DNS:haproxy.selfsigned.invalid']);
  const bundle = (name: string): string => join(certDir, `${name}.pem`);
  for (const [name, certificate] of certificates) writeFileSync(bundle(name), certificate.bundle);
  const port = await freePort();
  writeFileSync(cfg, configuration({ socket, port, crt: `crt ${at('default.pem')} crt ${certDir}` }));
  await runOrThrow(haproxyBin, ['-D', '-f', cfg, '-p', pidfile], { timeout: patience });
  const pid = (): number => Number(readFileSync(pidfile, 'utf8').trim().split('\n')[0]);
  const served = async (name: string): Promise<string | undefined> =>
    (await servedCertificate(loopback, port, name).catch(() => undefined))?.fingerprint;
  const ended: LoadedHaproxy['ended'] = async (old) =>
    await until(`process ${old} ends`, () => !alive(old), patience).then(() => undefined);
  const stores = letsencryptStore(at('config'), '0.0.0');
  const haproxy = { ...noHaproxy, certDir, cfg: [cfg], pidfile, bin: haproxyBin, deploy };
  const directories = ['config', 'work', 'logs'].flatMap((kind) => [`--${kind}-dir`, at(kind)]);
  return {
    ...{ port, pid, bundle, ended },
    serves: async (name, { fingerprint }) => {
      // Every 20 ms, which leaves a process that starts the CPU it needs; a first look without delay.
      await until(`${name} is served`, async () => (await served(name)) === fingerprint, patience);
    },
    say: async (command) => await runtimeCommand(socket, command),
    takeOver: async () => {
      const options = ['-D', '-f', cfg, '-p', pidfile, '-x', socket, '-sf', String(pid())];
      return (await timeOfCommand([haproxyBin, ...options], patience)).cpu;
    },
    store: async (name, version) => {
      await stores.saveVersion(name, version, testSettings({ haproxy }));
    },
    command: async (args) => {
      const result = await run(process.execPath, [executable, ...args, ...directories], { timeout: patience });
      if (result.code !== 0) throw new Error(`haproxy-acme ${args.join(' ')} failed: ${result.stderr}${result.stdout}`);
      return result;
    },
    timed: async (args) => await timeOfCommand([process.execPath, executable, ...args, ...directories], patience),
    stop: async () => {
      const last = pid();
      if (alive(last)) process.kill(last, 'SIGKILL');
      await ended(last);
    },
  };
}

function configuration(parts: { readonly socket: string; readonly port: number; readonly crt: string }): string {
  return `
global
  stats socket ${parts.socket} mode 600 level admin expose-fd listeners
  hard-stop-after 20s
defaults
  mode http
  timeout client 30s
  timeout connect 5s
  timeout server 30s
frontend https
  bind ${loopback}:${parts.port} ssl ${parts.crt}
  http-request return status 200 content-type text/plain string "served over TLS"
`;
}
