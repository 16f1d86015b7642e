import { copyFileSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startDaemon, until, type Daemon } from './child.js';
import { rawHttp } from './haproxy.js';
import { loopback } from './loopback.js';
import type { StagePaths } from './stage.js';

const project = resolve(import.meta.dirname, '../..');
const dist = join(project, 'dist/haproxy-acme.js');

/** The built command 'spoa'. */
export interface Spoa extends Daemon {
  /** As a crash or the kernel ends it. */
  readonly kill: () => Promise<void>;
}

/** Resolves once the agent listens; throws with its words where it ends instead. */
export async function startSpoa(args: readonly string[]): Promise<Spoa> {
  const daemon = startDaemon(process.execPath, [dist, 'spoa', ...args]);
  await until('the agent listens', () => {
    if (daemon.exited()) throw new Error(`the agent ended: ${daemon.output()}`);
    return daemon.output().includes('answers HAProxy');
  });
  return {
    ...daemon,
    kill: async () => {
      process.kill(daemon.pid, 'SIGKILL');
      await until('the agent is gone', daemon.exited);
    },
  };
}

/** The shipped configuration of HAProxy without Lua, on a stage's places, and its conf beside it. */
export function spoeConfig(paths: StagePaths, agent: string): string {
  copyFileSync(join(project, 'haproxy/spoe-acme.conf'), paths.at('spoe-acme.conf'));
  let text = readFileSync(join(project, 'haproxy/examples/spoe/haproxy.cfg'), 'utf8');
  const changes = [
    [/^ {4}(?:log \/dev\/log|user|group) .*\n/gm, ''],
    [/\/run\/haproxy\/admin\.sock/g, paths.socket],
    [/\*:80$/gm, `${loopback}:${paths.httpPort}`],
    [/\*:443(?= )/g, `${loopback}:${paths.httpsPort}`],
    [/\/etc\/haproxy\/certs\//g, paths.certDir],
    [/\/etc\/haproxy\//g, `${paths.at('')}/`],
    [/127\.0\.0\.1:12345/g, agent],
  ] as const;
  for (const [from, to] of changes) {
    if (!from.test(text)) throw new Error(`the example has no ${String(from)}`);
    text = text.replace(from, to);
  }
  return text;
}

export const challengePath = (token: string): string => `/.well-known/acme-challenge/${token}`;

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** Milliseconds. */
  readonly took: number;
}

/** One GET on a connection of its own. */
export async function get(port: number, path: string, host = 'a.test'): Promise<HttpAnswer> {
  const start = performance.now();
  const answer = await rawHttp(loopback, port, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  const took = performance.now() - start;
  const [head = '', body = ''] = answer.split(/\r\n\r\n([^]*)/);
  return { status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]), body, took };
}
