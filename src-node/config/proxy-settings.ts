import { canonicalIp } from '../certificate/ip-address.js';

/** The environment's proxies, as Python's requests library and so certbot take them. */
export interface ProxySettings {
  /** Proxy by the scheme of what is asked for, or `all`. */
  readonly proxies: Readonly<Partial<Record<'http' | 'https' | 'all', string>>>;
  /** What is reached without a proxy: ends of host names, addresses, networks. */
  readonly except: readonly string[];
}

/** A lower-case variable goes before the upper-case one; where it is empty, it takes the other one away. */
export function readProxySettings(env: Readonly<Record<string, string | undefined>>): ProxySettings {
  const variable = (name: string): string => env[name] ?? env[name.toUpperCase()] ?? '';
  const proxies: Partial<Record<'http' | 'https' | 'all', string>> = {};
  for (const scheme of ['http', 'https', 'all'] as const) {
    const value = variable(`${scheme}_proxy`).trim();
    if (value !== '') proxies[scheme] = value.includes('://') ? value : `http://${value}`;
  }
  const except = (variable('no_proxy') || (env['NO_PROXY'] ?? '')).toLowerCase().split(',');
  return { proxies, except: except.map((entry) => entry.trim()).filter((entry) => entry !== '') };
}

/** URL of the proxy by which `url` is to be reached; undefined for none. */
export function proxyFor({ proxies, except }: ProxySettings, url: string): string | undefined {
  const { protocol, hostname, host } = new URL(url);
  const proxy = (protocol === 'https:' ? proxies.https : proxies.http) ?? proxies.all;
  if (proxy === undefined) return undefined;
  const bare = [hostname, host].map((name) => name.replace(/[[\]]/g, ''));
  return except.some((entry) => isExcepted(entry, bare)) ? undefined : proxy;
}

/** A name that ends in the entry is excepted, dot or not; an IPv4 address by itself, its last numbers or its network. */
function isExcepted(entry: string, [hostname = '', host = '']: readonly string[]): boolean {
  if (entry === '*') return true;
  if (canonicalIp(hostname) === undefined || hostname.includes(':')) {
    return hostname.endsWith(entry) || host.endsWith(entry) || hostname === entry.replace(/^\.+/, '');
  }
  return hostname === entry || hostname.endsWith(`.${entry.replace(/^\.+/, '')}`) || isInNetwork(hostname, entry);
}

function isInNetwork(address: string, entry: string): boolean {
  const [network = '', bits = ''] = entry.split('/');
  if (!/^\d{1,2}$/.test(bits) || Number(bits) < 1 || Number(bits) > 32 || canonicalIp(network) === undefined)
    return false;
  const shift = 2 ** (32 - Number(bits));
  return Math.floor(asNumber(address) / shift) === Math.floor(asNumber(network) / shift);
}

function asNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
