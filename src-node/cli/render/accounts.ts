import type { AccountReport } from '../../renewal/account-report.js';
import { statelessLines, statelessText } from './stateless.js';

const heads: Readonly<Record<Exclude<AccountReport['done'], 'shown'>, string>> = {
  registered: 'The account is registered.',
  updated: 'The account is updated.',
  deactivated: 'The account is deactivated, and removed here.',
  left: 'The account is left as it is.',
};

/** The account, in the words that scripts look for in certbot's. */
export function accountText({ done, server, url, details }: AccountReport): string {
  const lines = done === 'shown' ? [] : [heads[done]];
  if (details !== undefined) {
    const { thumbprint, emails } = details;
    lines.push(`Account details for server ${server}:`);
    lines.push(`  Account URL: ${url}`);
    lines.push(`  Account Thumbprint: ${thumbprint}`);
    lines.push(`  Email contact${emails.length > 1 ? 's' : ''}: ${emails.length > 0 ? emails.join(', ') : 'none'}`);
    if (done === 'shown') lines.push('', ...statelessText(thumbprint));
  }
  return `${lines.join('\n')}\n`;
}

/** Without the key: what anybody may know. */
export function accountJson({ done, server, id, url, details, replaces }: AccountReport): string {
  const account = {
    server,
    id,
    url,
    thumbprint: details?.thumbprint ?? null,
    emails: details?.emails ?? [],
    ...(details === undefined ? {} : { stateless: statelessLines(details.thumbprint) }),
    ...(replaces === undefined ? {} : { replaces }),
  };
  return `${JSON.stringify({ done, account }, undefined, 2)}\n`;
}
