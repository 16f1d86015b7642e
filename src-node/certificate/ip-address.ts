/**
 * An IP address in the text that ACME wants (RFC 8738 section 3): dotted decimals, or RFC 5952 for IPv6. Undefined for all
 * else, a DNS name among it.
 */
export function canonicalIp(text: string): string | undefined {
  if (isIpv4(text)) return text;
  if (!/^[0-9a-f:.]+$/i.test(text) || !text.includes(':')) return undefined;
  // The URL parser writes IPv6 addresses as RFC 5952 has them.
  const url = `http://[${text}]/`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : undefined;
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}
