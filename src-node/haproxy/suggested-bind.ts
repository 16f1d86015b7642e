import type { BootstrapPaths } from './bootstrap.js';

/** The bind by which HAProxy serves what `bootstrap` has made, and the certificates to come. */
export function suggestedBind({ certDir, defaultCert, crtList }: BootstrapPaths): string {
  const certificates = crtList === undefined ? `crt ${quoted(`${certDir}/`)}` : `crt-list ${quoted(crtList)}`;
  return `bind :443 ssl crt ${quoted(defaultCert)} ${certificates} alpn h2,http/1.1`;
}

/** Configuration manual, section 2.2: nothing has a meaning in strong quotes; in weak ones, `\`, `"` and `$` have. */
function quoted(path: string): string {
  if (/^[\w@%+=:,./-]+$/.test(path)) return path;
  return path.includes("'") ? `"${path.replace(/[\\"$]/g, '\\$&')}"` : `'${path}'`;
}
