import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startHaproxyDaemon } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { challengeDirectory } from '../support/lua-service.js';
import {
  challengePath,
  configurationOf,
  keyAuthorization,
  token,
  type Configuration,
  type VariantName,
} from './challenge-configurations.js';
import { startLogCounter } from './log-counter.js';

/** A way to answer challenges, running. */
export interface Variant {
  readonly name: VariantName;
  readonly threads: number;
  readonly pid: number;
  /** The process that HAProxy asks, where it asks one. */
  readonly otherPid: number | undefined;
  /** The challenge. */
  readonly url: string;
  /** Under the same path, and no challenge. */
  readonly badUrl: string;
  /** A page of another frontend, which HAProxy has itself. */
  readonly ordinaryUrl: string;
  /** Lines that HAProxy has sent to its log target. */
  readonly logLines: () => number;
  readonly stop: () => Promise<void>;
}

export interface VariantChoice {
  readonly name: VariantName;
  readonly threads: number;
}

/** The directory of a variant, with a map and a webroot that have one challenge. */
function makeSources(directory: string): { readonly map: string; readonly webroot: string } {
  const sources = { map: join(directory, 'acme.map'), webroot: join(directory, 'webroot') };
  mkdirSync(challengeDirectory(sources.webroot), { recursive: true });
  writeFileSync(sources.map, `${token} ${keyAuthorization}\n`);
  writeFileSync(join(challengeDirectory(sources.webroot), token), keyAuthorization);
  return sources;
}

/** Starts HAProxy for one way to answer, and what it asks; both run until they are stopped. */
export async function startVariant(directory: string, { name, threads }: VariantChoice): Promise<Variant> {
  const own = join(directory, `${name}-${threads}`);
  const sources = { ...makeSources(own), own, port: await freePort() };
  const [port, ordinaryPort, log] = [await freePort(), await freePort(), await startLogCounter()];
  const configuration = configurationOf(name, sources);
  const other = await configuration.startOther?.();
  const stopOther = async (): Promise<void> => {
    await other?.stop();
    log.stop();
  };
  const text = haproxyConfig(configuration, { threads, port, ordinaryPort, log: log.address });
  const haproxy = await startHaproxyDaemon(own, text).catch(async (error: unknown) => {
    await stopOther();
    throw error;
  });
  return {
    ...{ name, threads, pid: haproxy.pid(), otherPid: other?.pid, logLines: log.lines },
    url: `http://${loopback}:${port}${challengePath}${token}`,
    badUrl: `http://${loopback}:${port}${challengePath}bad.token`,
    ordinaryUrl: `http://${loopback}:${ordinaryPort}/`,
    stop: async () => {
      await haproxy.stop();
      await stopOther();
    },
  };
}

interface Places {
  readonly threads: number;
  readonly port: number;
  readonly ordinaryPort: number;
  readonly log: string;
}

function haproxyConfig({ global = [], frontend, sections = '' }: Configuration, places: Places): string {
  const lines = (text: readonly string[]): string => text.map((line) => `  ${line}\n`).join('');
  return `
global
  nbthread ${places.threads}
  log ${places.log} format raw local0
${lines(global)}
defaults
  mode http
  timeout client 30s
  timeout connect 5s
  timeout server 30s
frontend http
  bind ${loopback}:${places.port}
  acl challenge path_beg ${challengePath}
${lines(frontend)}
frontend ordinary
  bind ${loopback}:${places.ordinaryPort}
  http-request return status 200 content-type text/plain string ordinary
${sections}`;
}
