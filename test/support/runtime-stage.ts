import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src-node/platform/clock.js';
import { openRuntime, type Runtime } from '../../src-node/haproxy/runtime-api.js';
import { startDaemon, until } from './child.js';
import { haproxyBin, servedCertificate } from './haproxy.js';
import { freePort, loopback } from './loopback.js';
import { runtimeCommand } from './runtime-socket.js';
import { selfSigned } from './self-signed.js';
import { temporaryDirectory } from './temporary.js';

export interface RuntimeStageOptions {
  /** More lines of the global section. */
  readonly global?: readonly string[];
  /** Options of the bind that follow `ssl`; default.pem and the directory certs unless given. */
  readonly bind?: (at: (path: string) => string) => string;
  /** Called before the start, to put files below the directory. */
  readonly prepare?: (at: (path: string) => string) => Promise<void>;
}

/** A HAProxy with a master and every kind of socket. */
export interface RuntimeStage {
  readonly at: (path: string) => string;
  readonly socket: string;
  readonly operatorSocket: string;
  readonly userSocket: string;
  readonly severitySocket: string;
  readonly masterSocket: string;
  readonly tcpAddress: string;
  readonly port: number;
  readonly masterPid: number;
  readonly open: (address?: string) => Promise<Runtime>;
  /** One command by the test's own means, as another tool would give it, and the answer to its last byte. */
  readonly say: (command: string) => Promise<string>;
  /** Major and minor, such as 206. */
  readonly version: number;
  /** SHA-256 of what is served for a name. */
  readonly served: (name: string) => Promise<string>;
  readonly stop: () => Promise<void>;
}

export async function startRuntimeStage(options: RuntimeStageOptions = {}): Promise<RuntimeStage> {
  const directory = temporaryDirectory();
  const at = (path: string): string => join(directory.path, path);
  const [port, tcpPort] = [await freePort(), await freePort()];
  mkdirSync(at('certs'));
  await selfSigned(directory.path, 'default', ['DNS:haproxy.selfsigned.invalid']);
  await options.prepare?.(at);
  const tcpAddress = `${loopback}:${tcpPort}`;
  writeFileSync(
    at('haproxy.cfg'),
    `
global
  stats socket ${at('admin.sock')} mode 600 level admin expose-fd listeners
  stats socket ${at('operator.sock')} mode 600 level operator
  stats socket ${at('user.sock')} mode 600 level user
  stats socket ${at('severity.sock')} mode 600 level admin severity-output number
  stats socket ${tcpAddress} level admin
${(options.global ?? []).map((line) => `  ${line}\n`).join('')}
defaults
  mode http
  timeout client 30s
  timeout connect 5s
  timeout server 30s
frontend https
  bind ${loopback}:${port} ssl ${options.bind?.(at) ?? `crt ${at('default.pem')} crt ${at('certs')}`}
  http-request return status 200
`,
  );
  const daemon = startDaemon(haproxyBin, ['-W', '-db', '-S', at('master.sock'), '-f', at('haproxy.cfg')]);
  const socket = at('admin.sock');
  const stop = async (): Promise<void> => {
    await daemon.stop();
    directory.remove();
  };
  let info: string;
  try {
    info = await until('HAProxy answers', async () => {
      if (daemon.exited()) throw new Error(daemon.output());
      return await runtimeCommand(socket, 'show info').catch(() => undefined);
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    at,
    socket,
    operatorSocket: at('operator.sock'),
    userSocket: at('user.sock'),
    severitySocket: at('severity.sock'),
    masterSocket: at('master.sock'),
    tcpAddress,
    port,
    masterPid: daemon.pid,
    open: async (address = socket) => await openRuntime(address, { timeout: 5_000, clock: systemClock }),
    say: async (command) => await runtimeCommand(socket, command),
    version: Number(/^Version: (\d+)/m.exec(info)?.[1]) * 100 + Number(/^Version: \d+\.(\d+)/m.exec(info)?.[1]),
    served: async (name) => (await servedCertificate(loopback, port, name)).fingerprint,
    stop,
  };
}
