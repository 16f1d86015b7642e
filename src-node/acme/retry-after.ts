/** Retry-After (RFC 9110 section 10.2.3), seconds or a date, as seconds; a date is held against the answer's own Date. */
export function parseRetryAfter(header: string | undefined, answeredAt: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header.trim());
  const seconds = Math.ceil((Date.parse(header) - answeredAt) / 1000);
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}
