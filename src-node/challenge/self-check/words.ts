import { bracketed } from './brackets.js';
import type { End, Look, Place } from './look.js';

const shownBytes = 60;

/**
 * What was met, from the URL to the last answer. Tokens and key authorizations stay out of it, whose ever they are and
 * also where they are cut; of a body only the first bytes are shown, escaped.
 */
export function lookText({ redirects, end }: Look, token: string): string {
  const hops = redirects.map(
    ({ url, place, status }) => `${urlText(url, token)} at ${placeText(place)} redirects (${status}) to `,
  );
  return `${hops.join('')}${endText(end, token)}`;
}

function endText(end: End, token: string): string {
  if (end.kind === 'unresolved')
    return `${clean(end.host)}, which the DNS does not resolve (${clean(end.lookup.code)})`;
  const from = `${urlText(end.url, token)} at ${placeText(end.place)}`;
  switch (end.kind) {
    case 'reply':
      return `${from} answers ${end.reply.status} with ${bodyText(end.reply.body, token)}`;
    case 'handshake':
      return `${from} ${handshakeText(end)}`;
    case 'unconnected':
      return `${from} cannot be connected to (${clean(end.code)})`;
    case 'broken':
      return `${from} gives no answer (${clean(end.code)})`;
    case 'not-followed': {
      const target = end.target === '' ? 'nowhere' : urlText(end.target, token);
      return `${from} redirects (${end.status}) to ${target}, and ${end.reason}`;
    }
  }
}

function handshakeText({ agreed, identifier }: Extract<End, { kind: 'handshake' }>): string {
  if (!agreed) return 'does not take that protocol';
  if (identifier === undefined) return 'shows a certificate without a challenge';
  return `shows another challenge, for ${clean(identifier.names.join(', ')).slice(0, 200)}`;
}

/** `192.0.2.1:80`, `[2001:db8::1]:80` */
export function placeText({ address, port }: Place): string {
  return `${bracketed(address)}:${port}`;
}

/** The host is shown as it is; what a redirect makes of the path may have the token in any form. */
function urlText(url: string, token: string): string {
  const [, origin = '', path = ''] = /^([a-z]+:\/\/[^/?#]*)?([^]*)$/i.exec(url) ?? [];
  return clean(`${masked(origin, token, false)}${masked(path, token)}`).slice(0, 200);
}

function bodyText(body: string, token: string): string {
  if (body === '') return 'nothing in it';
  const text = masked(body, token);
  const shown = JSON.stringify(text.slice(0, shownBytes));
  return clean(text.length > shownBytes ? `${shown}...` : shown);
}

/** @param others whether all that is as long as a token is taken for one. */
function masked(text: string, token: string, others = true): string {
  const known = text.replace(new RegExp(`${token}(?:\\.[A-Za-z0-9_-]*)?`, 'gi'), 'TOKEN');
  return others ? known.replace(/[A-Za-z0-9_-]{22,}/g, 'TOKEN') : known;
}

/** No control characters: what others say cannot pass for lines of ours. */
function clean(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is replaced
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
}
