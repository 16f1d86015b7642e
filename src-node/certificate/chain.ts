const pemBlock = /-----BEGIN ([A-Z0-9 ]+)-----[ \t]*\r?\n[A-Za-z0-9+/= \t\r\n]+-----END \1-----/g;

/** The PEM blocks of `text` with this label, in their order, each ending in one newline and without blank lines. */
export function pemBlocks(text: string, label: string | RegExp): readonly string[] {
  const wanted = (found: string): boolean => (typeof label === 'string' ? found === label : label.test(found));
  return [...text.matchAll(pemBlock)]
    .filter((match) => wanted(match[1] ?? ''))
    .map((match) => `${match[0].replace(/[ \t\r]*\n\s*/g, '\n')}\n`);
}

export interface Chain {
  /** The certificate itself. */
  readonly leaf: string;
  /** The certificates above it, leaf's issuer first; empty where the CA sent none. */
  readonly intermediates: string;
}

/** Splits what a CA or fullchain.pem holds (RFC 8555 section 9.1: leaf first). Undefined when it holds no certificate. */
export function splitChain(pem: string): Chain | undefined {
  const [leaf, ...rest] = pemBlocks(pem, 'CERTIFICATE');
  return leaf === undefined ? undefined : { leaf, intermediates: rest.join('') };
}

/** The private key's block of `text`, of whichever kind (PKCS#8, SEC 1, PKCS#1). */
export function privateKeyBlock(text: string): string | undefined {
  return pemBlocks(text, /PRIVATE KEY$/)[0];
}
