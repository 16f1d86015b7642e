import { suggestedBind } from '../../haproxy/suggested-bind.js';
import type { Bootstrapped, Found } from '../../haproxy/bootstrap.js';
import { stringify } from './json.js';
import { instant } from './text.js';

export function bootstrapText(report: Bootstrapped): string {
  const { certDir, defaultCert, crtList } = report;
  const { subject, notAfter } = defaultCert.content;
  const lines = [
    `default certificate    ${defaultCert.path} ${done(defaultCert)}: ${subject}, valid until ${instant(notAfter)}`,
    `certificate directory  ${certDir.path} ${done(certDir)}${holding(certDir, 'file')}`,
    ...(crtList === undefined
      ? []
      : [`crt-list               ${crtList.path} ${done(crtList)}${holding(crtList, 'line')}`]),
    'HAProxy starts by this line of a frontend in haproxy.cfg, and serves the certificates to come by it:',
    `  ${suggestedBind(pathsOf(report))}`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function done({ made }: Found<unknown>): string {
  return made ? 'is made' : 'was there';
}

function holding({ made, content }: Found<number>, what: string): string {
  return made ? '' : `, with ${content} ${what}${content === 1 ? '' : 's'}`;
}

export function bootstrapJson(report: Bootstrapped, warnings: readonly string[]): string {
  const { certDir, defaultCert, crtList } = report;
  const { content: leaf, ...place } = defaultCert;
  return stringify({
    certDir: { path: certDir.path, made: certDir.made, files: certDir.content },
    defaultCert: { ...place, ...leaf, notAfter: new Date(leaf.notAfter).toISOString() },
    crtList: crtList === undefined ? null : { path: crtList.path, made: crtList.made, lines: crtList.content },
    bind: suggestedBind(pathsOf(report)),
    warnings,
  });
}

function pathsOf({ certDir, defaultCert, crtList }: Bootstrapped): Parameters<typeof suggestedBind>[0] {
  return { certDir: certDir.path, defaultCert: defaultCert.path, crtList: crtList?.path };
}
