/** @noSelfInFile */

/** The certificates in HAProxy's memory. @see HAProxy Lua API, "CertCache class" */
declare namespace CertCache {
  /** What to put in place of a certificate; a part that is not named stays as it is. */
  interface Update {
    /** The certificate's name as HAProxy loaded it. */
    readonly filename: string;
    /** Certificate, chain and perhaps the key, in PEM. */
    readonly crt?: string;
    /** The private key, in PEM. */
    readonly key?: string;
    /** An OCSP response, in base64. */
    readonly ocsp?: string;
    /** The certificate of the issuer that signed the OCSP response, in PEM. */
    readonly issuer?: string;
    /** Signed certificate timestamps, as a `.sctl` file holds them. */
    readonly sctl?: string;
  }

  /**
   * Replaces a certificate in memory, as the Runtime API's `set ssl cert` and `commit ssl cert` do; nothing is written
   * to disk. Raises an error that says why HAProxy refused. Contexts: body, init, task, action, service.
   * @since 2.6
   */
  function set(update: Update): void;
}
