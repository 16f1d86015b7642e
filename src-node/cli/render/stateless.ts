/** What haproxy.cfg needs to answer every challenge of an account by its thumbprint. */
export interface StatelessLines {
  /** Of the global section, for the Lua service. */
  readonly lua: string;
  /** Of a frontend, for an HAProxy without Lua (2.4 to 3.x). */
  readonly native: readonly string[];
}

export function statelessLines(thumbprint: string): StatelessLines {
  return {
    lua: `setenv ACME_THUMBPRINT ${thumbprint}`,
    native: [
      'acl acme_challenge path_beg /.well-known/acme-challenge/',
      // RFC 8555 section 8.1: a token is base64url; nothing else of a request may come back to who sent it.
      String.raw`acl acme_token path -m reg ^/\.well-known/acme-challenge/[A-Za-z0-9_-]{1,128}$`,
      'http-request return status 405 hdr Allow "GET, HEAD" if acme_challenge !METH_GET',
      `http-request return status 200 content-type text/plain lf-string "%[path,field(4,/)].${thumbprint}" if acme_token`,
      'http-request return status 404 if acme_challenge',
    ],
  };
}

export function statelessText(thumbprint: string): readonly string[] {
  const { lua, native } = statelessLines(thumbprint);
  return [
    'For --stateless, HAProxy answers by the thumbprint, with one of these in haproxy.cfg.',
    "  The Lua service, in 'global' above lua-load:",
    `    ${lua}`,
    '  No Lua, in the frontend of port 80 above any redirect:',
    ...native.map((line) => `    ${line}`),
  ];
}
