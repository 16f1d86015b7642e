import { join } from 'node:path';
import { rawHttp, startHaproxy, type Haproxy } from './haproxy.js';
import { freePort, loopback } from './loopback.js';
import { temporaryDirectory } from './temporary.js';

export type LoadKeyword = 'lua-load' | 'lua-load-per-thread';

export interface ServiceOptions {
  /** The built file. */
  readonly lua: string;
  /** `lua-load-per-thread` unless told. */
  readonly load?: LoadKeyword;
  /** 2 unless told. */
  readonly threads?: number;
  readonly settings?: Readonly<Record<string, string>>;
  /** More lines of the global section. */
  readonly global?: readonly string[];
  /** More lines of the frontend, before the service. */
  readonly frontend?: readonly string[];
  /** Text after the frontend. */
  readonly sections?: string;
}

export interface Response {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ServiceUnderTest {
  readonly haproxy: Haproxy;
  readonly port: number;
  /** A port that speaks HTTP/2 without TLS. */
  readonly http2Port: number;
  readonly socket: string;
  /** Exactly these bytes over a connection of their own, and all that came back. */
  readonly raw: (bytes: string) => Promise<string>;
  /** One request over a connection of its own. */
  readonly ask: (method: string, target: string) => Promise<Response>;
  readonly stop: () => Promise<void>;
}

/** Lines of a global section. */
export function loadedService({ settings = {}, load = 'lua-load-per-thread', lua }: ServiceOptions): readonly string[] {
  return [
    ...Object.entries(settings).map(([name, value]) => `setenv ${name} "${value}"`),
    // Wanted from 3.2 on, before Lua is loaded; refused by earlier versions.
    '.if version_atleast(3.2)',
    'tune.lua.bool-sample-conversion normal',
    '.endif',
    `${load} ${lua}`,
  ];
}

export function serviceConfig(options: ServiceOptions, binds: readonly string[], socket: string): string {
  const global = [
    `nbthread ${options.threads ?? 2}`,
    `stats socket ${socket} mode 600 level admin`,
    ...(options.global ?? []),
    ...loadedService(options),
  ];
  return `global
${global.map((line) => `    ${line}\n`).join('')}
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
    timeout http-keep-alive 5s

frontend http
${[...binds.map((bind) => `bind ${bind}`), ...(options.frontend ?? [])].map((line) => `    ${line}\n`).join('')}    http-request use-service lua.acme-http01
${options.sections ?? ''}`;
}

/** Runs HAProxy with the service on every path of a frontend; `more` are further binds of it. */
export async function startService(options: ServiceOptions, more: readonly string[] = []): Promise<ServiceUnderTest> {
  const directory = temporaryDirectory();
  const [port, http2Port] = [await freePort(), await freePort()];
  const socket = join(directory.path, 'haproxy.sock');
  const binds = [`${loopback}:${port}`, `${loopback}:${http2Port} proto h2`, ...more];
  const haproxy = await startHaproxy(directory.path, serviceConfig(options, binds, socket)).catch((error: unknown) => {
    directory.remove();
    throw error;
  });
  const raw = async (bytes: string): Promise<string> => await rawHttp(loopback, port, bytes);
  return {
    haproxy,
    port,
    http2Port,
    socket,
    raw,
    ask: async (method, target) =>
      parse(await raw(`${method} ${target} HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n`)),
    stop: async () => {
      await haproxy.stop();
      directory.remove();
    },
  };
}

/** The one response in `text`, whatever follows the head being the body. */
export function parse(text: string): Response {
  const end = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = lines.map((line) => [
    line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(':') + 2),
  ]);
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: text.slice(end + 4),
  };
}
