import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { AcmeError } from './acme-error.js';

/** A proxy on the way to a CA. */
export interface Proxy {
  readonly url: URL;
  /** Its URL as it may be shown: without user and password. */
  readonly shown: string;
}

/** How a request reaches its server. */
export interface Route {
  readonly agent: HttpAgent;
  readonly proxy: Proxy | undefined;
}

/** Kept-alive connections: one pool of them without proxy and one by each proxy. */
export interface Routes {
  /** @throws AcmeError `acme-proxy` for a proxy that cannot be used. */
  readonly to: (url: URL) => Promise<Route>;
  readonly close: () => void;
}

export interface RouteSettings {
  readonly proxyFor: (url: string) => string | undefined;
  readonly extraCa: readonly string[] | undefined;
  readonly verify: boolean;
}

/** What TLS is to trust, of the CA's server and of a proxy with TLS of its own. */
export function trust({ verify, extraCa }: Pick<RouteSettings, 'verify' | 'extraCa'>): {
  readonly rejectUnauthorized: boolean;
  readonly ca?: string[];
} {
  return { rejectUnauthorized: verify, ...(extraCa === undefined ? {} : { ca: [...extraCa] }) };
}

export function createRoutes(settings: RouteSettings): Routes {
  const ended = new AbortController();
  const direct = {
    'http:': new HttpAgent({ keepAlive: true }),
    'https:': new HttpsAgent({ keepAlive: true, ...trust(settings) }),
  };
  const tunnels = new Map<string, Promise<HttpAgent>>();
  const directTo = (url: URL): HttpAgent => (url.protocol === 'https:' ? direct['https:'] : direct['http:']);
  const tunnelBy = async (proxy: URL): Promise<HttpAgent> => {
    // The library is for those who have a proxy only.
    const { HttpsProxyAgent } = await import('https-proxy-agent');
    // A proxy that never answers would keep its socket beyond the agent's end.
    return new HttpsProxyAgent(proxy, { keepAlive: true, ...trust(settings), signal: ended.signal });
  };
  return {
    to: async (url) => {
      const given = settings.proxyFor(url.href);
      if (given === undefined) return { agent: directTo(url), proxy: undefined };
      const proxy = readProxy(given);
      // A proxy is asked for http itself, and for a tunnel where the server has TLS.
      if (url.protocol !== 'https:') return { agent: directTo(proxy.url), proxy };
      const tunnel = tunnels.get(given) ?? tunnelBy(proxy.url);
      tunnels.set(given, tunnel);
      return { agent: await tunnel, proxy };
    },
    close: () => {
      for (const agent of Object.values(direct)) agent.destroy();
      const destroyed = [...tunnels.values()].map(async (tunnel) => (await tunnel).destroy());
      void Promise.allSettled(destroyed).then(() => ended.abort());
    },
  };
}

function readProxy(given: string): Proxy {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || url.host === '') throw new AcmeError('acme-proxy', 'The proxy that is set is not a URL.');
  const shown = `${url.protocol}//${url.host}`;
  if (url.protocol === 'http:' || url.protocol === 'https:') return { url, shown };
  throw new AcmeError('acme-proxy', `The proxy ${shown} is of a kind that is not supported; http and https are.`);
}
