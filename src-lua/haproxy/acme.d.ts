/** @noSelfInFile */

/** An event of HAProxy's own ACME client: a dns-01 record is to be put up, or a certificate has come. @since 3.5, in development */
type AcmeEventType = 'ACME_DEPLOY' | 'ACME_NEWCERT';

/** What an event of HAProxy's own ACME client tells. @see HAProxy Lua API of 3.5, "AcmeEvent class" */
interface AcmeEvent {
  /** The certificate's name as HAProxy loaded it. @since 3.5, in development */
  readonly crtname: string;
  /** With ACME_DEPLOY: the domain to prove. @since 3.5, in development */
  readonly domain: string | undefined;
  /** With ACME_DEPLOY: the value of the TXT record. @since 3.5, in development */
  readonly dns_record: string | undefined;
  /** With ACME_DEPLOY: `provider-name` of the configuration. @since 3.5, in development */
  readonly provider: string | undefined;
  /** With ACME_DEPLOY: the thumbprint of the account key. @since 3.5, in development */
  readonly thumbprint: string | undefined;
  /** With ACME_DEPLOY: `acme-vars` of the configuration. @since 3.5, in development */
  readonly vars: string | undefined;
}

/** HAProxy's own ACME client, in a HAProxy built with it. @see HAProxy Lua API of 3.5, "ACME class" */
declare namespace ACME {
  /**
   * Says that the proof for a domain is in place, and tells how many domains of the certificate still wait: at 0 validation
   * begins. Raises an error if there is no such challenge.
   * @since 3.5, in development
   */
  function challenge_ready(certificate: string, domain: string): number;
}
