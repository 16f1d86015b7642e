import { writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import type { AgentEndpoint } from '../../src-node/spoe/listener.js';
import { haproxyHas, startHaproxy, startHaproxyDaemon, type Haproxy } from './haproxy.js';
import { freePort, loopback } from './loopback.js';
import { temporaryDirectory } from './temporary.js';

export interface SpoeOptions {
  readonly agent: AgentEndpoint;
  /** Lines of the spoe-agent section. */
  readonly agentLines?: readonly string[];
  readonly threads?: number;
  /** `spop` from HAProxy 3.1 on; `tcp` is taken by all. */
  readonly mode?: 'tcp' | 'spop';
  readonly check?: boolean;
  /** As `haproxy -D`, to be reloaded. */
  readonly daemon?: boolean;
}

/** A real HAProxy whose frontend asks the agent for each request below /ask, and tells what it was told. */
export interface SpoeHaproxy {
  readonly haproxy: Haproxy;
  readonly statsSocket: string;
  /** 200 with the variable that the agent has set, or 404 with HAProxy's own status of the failure. */
  ask(path: string, headers?: Readonly<Record<string, string>>): Promise<SpoeAnswer>;
  /** A new process takes over, as `haproxy -sf` does. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

export interface SpoeAnswer {
  readonly status: number;
  readonly body: string;
  readonly milliseconds: number;
}

/** Milliseconds that HAProxy waits for the agent's answer. */
export const processingTimeout = 3_000;

export async function startSpoeHaproxy(options: SpoeOptions): Promise<SpoeHaproxy> {
  const directory = temporaryDirectory();
  const port = await freePort();
  const statsSocket = join(directory.path, 'stats.sock');
  const spoeFile = join(directory.path, 'spoe.conf');
  writeFileSync(spoeFile, spoeConf(options));
  const config = haproxyCfg(options, { port, statsSocket, spoeFile });
  const start = options.daemon === true ? startHaproxyDaemon : startHaproxy;
  const haproxy = await start(directory.path, config);
  return {
    haproxy,
    statsSocket,
    ask: async (path, headers = {}) => await request(port, path, headers),
    reload: async () => {
      await startHaproxyDaemon(directory.path, config, ['-x', statsSocket, '-sf', String(haproxy.pid())]);
    },
    stop: async () => {
      await haproxy.stop();
      directory.remove();
    },
  };
}

function spoeConf({ agentLines = [] }: SpoeOptions): string {
  return `[ask]
spoe-agent ask
    messages ask
    option var-prefix agent
    option set-on-error failure
    timeout hello 3s
    timeout idle 30s
    timeout processing ${processingTimeout}ms
    use-backend agent
${agentLines.map((line) => `    ${line}\n`).join('')}
spoe-message ask
    args path=path host=req.hdr(host) src=src
    event on-frontend-http-request if { path_beg /ask }
`;
}

interface Places {
  readonly port: number;
  readonly statsSocket: string;
  readonly spoeFile: string;
}

function haproxyCfg({ agent, threads = 2, mode = 'tcp', check = false }: SpoeOptions, places: Places): string {
  const server = 'path' in agent ? `unix@${agent.path}` : `${agent.host}:${agent.port}`;
  const told = 'var(txn.agent.answer)';
  return `global
    nbthread ${threads}
    stats socket ${places.statsSocket} level admin expose-fd listeners
defaults
    mode http
    timeout client 10s
    timeout server 10s
    timeout connect 3s
frontend web
    bind ${loopback}:${places.port}
    filter spoe engine ask config ${places.spoeFile}
    http-request return status 200 content-type text/plain lf-string "%[${told}]" if { ${told} -m found }
    http-request return status 404 content-type text/plain lf-string "failure %[var(txn.agent.failure)]"
backend agent
    mode ${mode}
    ${check ? 'option spop-check' : ''}
    server agent ${server} ${check ? 'check inter 200ms fall 1 rise 1' : ''}
`;
}

/** Whether the HAProxy under test has `mode spop`; each mode that it has is tested. */
export const spoeModes: readonly ('tcp' | 'spop')[] = haproxyHas('3.1') ? ['tcp', 'spop'] : ['tcp'];

async function request(port: number, path: string, headers: Readonly<Record<string, string>>): Promise<SpoeAnswer> {
  const start = performance.now();
  return await new Promise((resolve, reject) => {
    const sent = get({ host: loopback, port, path, headers, agent: false, timeout: 10_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.once('error', reject);
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, body, milliseconds: performance.now() - start });
      });
    });
    sent.once('timeout', () => sent.destroy(new Error(`no answer for ${path}`)));
    sent.once('error', reject);
  });
}
