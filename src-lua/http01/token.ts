/** Where RFC 8555 section 8.3 puts the answers. */
export const challengePrefix = '/.well-known/acme-challenge/';

const challengePattern = '^/%.well%-known/acme%-challenge/([A-Za-z0-9_%-]+)$';
const longestToken = 128;
const longestPath = challengePrefix.length + longestToken;

/**
 * The token of a challenge path, which is 1 to 128 base64url characters (RFC 8555 section 8.3); undefined for any other
 * path. A token therefore names one file of one directory, whatever the client sent. HAProxy knows no path for `*`, for the
 * authority of CONNECT and for an absolute URL without one.
 */
export function tokenOfPath(path: string | undefined): string | undefined {
  if (path === undefined || path.length > longestPath) return undefined;
  const [token] = string.match(path, challengePattern);
  return token;
}

/** True for a path that only a challenge may have, its token well-formed or not. */
export function isUnderChallengePrefix(path: string | undefined): boolean {
  return path !== undefined && string.sub(path, 1, challengePrefix.length) === challengePrefix;
}
