const longestKeyAuthorization = 1024;

/**
 * True for `TOKEN.THUMBPRINT` (RFC 8555 section 8.1) of exactly this token: base64url characters after the dot, no more
 * than 1,024 characters in all. Anything else that stands in a map or a file is not for the world to read.
 */
export function isKeyAuthorization(value: string, token: string): boolean {
  if (value.length > longestKeyAuthorization) return false;
  // Two searches cut no new string out of the value, which a capture or string.sub would.
  const [start] = string.find(value, token, 1, true);
  if (start !== 1) return false;
  const [dot] = string.find(value, '^%.[A-Za-z0-9_%-]+$', token.length + 1);
  return dot === token.length + 1;
}

/** True for the base64url form of a SHA-256 thumbprint of an account key (RFC 7638): 43 characters. */
export function isThumbprint(value: string): boolean {
  return value.length === 43 && string.find(value, '^[A-Za-z0-9_%-]+$')[0] === 1;
}
