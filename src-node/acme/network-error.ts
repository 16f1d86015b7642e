import { systemCode } from '../platform/coded-error.js';
import { AcmeError } from './acme-error.js';
import { clean } from './problem.js';
import type { Proxy } from './routes.js';

/** How far a request has come. */
export interface Way {
  readonly url: string;
  readonly proxy: Proxy | undefined;
  /** False as long as a proxy has not let it through to the CA. */
  passed: boolean;
}

const untrusted = /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|ERR_TLS_CERT_)/;

/** @param timeout milliseconds that went by without an answer, if that was it. */
export function networkError({ url, proxy, passed }: Way, error: unknown, timeout: number | undefined): AcmeError {
  const by = proxy === undefined ? '' : ` by the proxy ${proxy.shown}`;
  if (timeout !== undefined) {
    const message = `The CA did not answer ${url}${by} within ${timeout / 1000} s.`;
    return new AcmeError('acme-silent', message, { cause: error });
  }
  const code = systemCode(error) ?? '';
  const reason = error instanceof Error ? clean(error.message !== '' ? error.message : code) : 'unknown';
  if (proxy !== undefined && !passed) {
    const message = `Cannot reach the CA at ${url}, because the proxy ${proxy.shown} cannot be used: ${reason}.`;
    return new AcmeError('acme-proxy-unreachable', message, { cause: error });
  }
  if (untrusted.test(code)) {
    return new AcmeError(
      'acme-untrusted',
      `The certificate of ${new URL(url).host} is not trusted: ${reason} (${code}).`,
      { cause: error },
    );
  }
  return new AcmeError('acme-unreachable', `Cannot reach the CA at ${url}${by}: ${reason}.`, { cause: error });
}

/** A proxy's own answer in place of the CA's; 5xx is its word on a CA that it cannot reach. */
export function proxyRefusal({ url, proxy }: Way, status: number): AcmeError {
  const shown = proxy?.shown ?? '';
  if (status >= 500) {
    return new AcmeError('acme-unreachable', `Cannot reach the CA at ${url}: the proxy ${shown} answered ${status}.`);
  }
  const reason = status === 407 ? 'it wants another user and password (407)' : `it answered ${status}`;
  return new AcmeError('acme-proxy', `The proxy ${shown} does not let ${url} be reached: ${reason}.`);
}
