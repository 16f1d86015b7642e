import { DeployError } from './deploy-error.js';

/** Where a stats socket or a master CLI listens, as `net.connect` takes it. */
export type Endpoint =
  { readonly path: string } | { readonly host: string; readonly port: number; readonly family: 0 | 4 | 6 };

const families: Readonly<Record<string, 0 | 4 | 6>> = {
  '': 0,
  'tcp@': 0,
  'ipv4@': 4,
  'tcp4@': 4,
  'ipv6@': 6,
  'tcp6@': 6,
};

/**
 * Reads an address as haproxy.cfg writes it (configuration manual, `bind`): an absolute path, `unix@PATH`, `host:port`,
 * `[v6]:port`, either of these after `ipv4@` or `ipv6@`.
 * @throws DeployError `runtime-unreachable` for what a program beside HAProxy cannot connect to.
 */
export function parseRuntimeAddress(address: string): Endpoint {
  if (address.startsWith('/')) return { path: address };
  const [, prefix = '', rest = ''] = /^([a-z0-9]+@)?(.*)$/s.exec(address) ?? [];
  if (prefix === 'unix@' && rest !== '') return { path: rest };
  if (prefix === 'abns@' || prefix === 'abnsz@') {
    throw unusable(address, 'it is in the abstract namespace, which Node.js cannot reach; give a path or host:port');
  }
  const family = families[prefix];
  if (family === undefined) throw unusable(address, `addresses that begin with '${prefix}' are not known`);
  const [, host = '', digits = ''] = /^(.*):(\d+)$/s.exec(rest) ?? [];
  const port = Number(digits);
  if (port < 1 || port > 65_535) throw unusable(address, 'it is neither an absolute path nor host:port');
  return { host: hostOf(host), port, family };
}

/** `*` and nothing are every address of this machine where HAProxy listens. */
function hostOf(host: string): string {
  if (host === '' || host === '*') return 'localhost';
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

function unusable(address: string, reason: string): DeployError {
  return new DeployError('runtime-unreachable', `Cannot use '${address}' as HAProxy's socket: ${reason}.`);
}
