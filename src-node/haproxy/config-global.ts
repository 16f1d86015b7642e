import { readBindOptions, readStrictSni } from './bind-line.js';
import { readEndpoints } from './config-addresses.js';
import type { Environment, Statement } from './config-lines.js';
import type { BindEndpoint } from './config-model.js';
import { addressScope, enterDirectory, type PathPolicy, type ReadingState } from './config-state.js';

/** A keyword of the `global` section. Most of those that may stand once only keep their first value. */
export function takeGlobal(state: ReadingState, { file, words }: Statement): void {
  const [keyword = '', first, second] = words;
  switch (keyword) {
    case 'crt-base':
      state.crtBase ??= first;
      break;
    case 'key-base':
      state.keyBase ??= first;
      break;
    case 'chroot':
      state.chroot ??= first;
      break;
    case 'default-path':
      state.pathPolicy = readPathPolicy(first, second) ?? state.pathPolicy;
      enterDirectory(state, file.path);
      break;
    case 'hard-stop-after':
      state.hardStopAfter = true;
      break;
    case 'master-worker':
      state.masterWorker = true;
      break;
    case 'ssl-default-bind-options':
      state.strictSni = readStrictSni(words) ?? state.strictSni;
      break;
    case 'stats':
      if (first === 'socket' && second !== undefined) takeStatsSocket(state, second, words.slice(3));
      break;
    case 'tune.bufsize':
      state.bufsize = readSize(first) ?? state.bufsize;
      break;
    case 'unix-bind':
      if (words.includes('prefix')) state.unixPrefix ??= words[words.indexOf('prefix') + 1];
      break;
    default:
      takeVariable(state.env, words);
  }
}

function readPathPolicy(kind: string | undefined, path: string | undefined): PathPolicy | undefined {
  if (kind === 'current' || kind === 'config' || kind === 'parent') return { kind };
  return kind === 'origin' && path !== undefined ? { kind, path } : undefined;
}

/** Bytes; from 3.0 on with a unit. */
function readSize(size: string | undefined): number | undefined {
  const [, digits, unit = ''] = /^(\d+)([kmg]?)$/i.exec(size ?? '') ?? [];
  if (digits === undefined || Number(digits) === 0) return undefined;
  return Number(digits) * { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[unit.toLowerCase() as '' | 'k' | 'm' | 'g'];
}

/** `resetenv` keeps the variables that it names. */
function takeVariable(env: Environment, [keyword, ...words]: readonly string[]): void {
  const [name, value] = words;
  if (
    name !== undefined &&
    value !== undefined &&
    (keyword === 'setenv' || (keyword === 'presetenv' && !env.has(name)))
  ) {
    env.set(name, value);
  }
  const removed = keyword === 'resetenv' ? [...env.keys()].filter((other) => !words.includes(other)) : [];
  for (const gone of keyword === 'unsetenv' ? words : removed) env.delete(gone);
}

/** One that speaks TLS or expects the PROXY protocol is not for us. */
function takeStatsSocket(state: ReadingState, addresses: string, words: readonly string[]): void {
  const { ssl, acceptProxy, level, exposesListeners } = readBindOptions(words);
  if (ssl || acceptProxy) return;
  for (const endpoint of readEndpoints(addresses, addressScope(state))) {
    state.statsSockets.push({ address: formatEndpoint(endpoint), level, exposesListeners });
  }
}

function formatEndpoint(endpoint: BindEndpoint): string {
  if ('path' in endpoint) return endpoint.path;
  return endpoint.host.includes(':') ? `[${endpoint.host}]:${endpoint.port}` : `${endpoint.host}:${endpoint.port}`;
}
