import type { AccountFlags } from '../../config/raw-options.js';
import { integer, text, toggle, type OptionTable } from './option-spec.js';

export const accountOptions: OptionTable<keyof AccountFlags> = {
  server: text('--server URL', "Directory of the CA (default: Let's Encrypt's; a renewal uses the lineage's)."),
  staging: toggle('--staging, --test-cert', "Use Let's Encrypt's staging directory, whose certificates nobody trusts."),
  email: text(
    '-m, --email ADDRESS',
    'Where the CA writes to; several with commas. Used when the account is made or updated; may be left out.',
  ),
  registerUnsafelyWithoutEmail: toggle(
    '--register-unsafely-without-email',
    "Make the account without an address, as is done without this flag too; 'update_account' removes the addresses.",
  ),
  agreeTos: toggle('--agree-tos', "Agree to the CA's terms of service; needed when the account is made."),
  account: text('--account ID', 'The account to use: the name of its directory below accounts/.'),
  eabKid: text('--eab-kid ID', 'Key identifier of the external account binding that the CA has given.'),
  eabHmacKey: text('--eab-hmac-key KEY', 'Its HMAC key, in base64url.'),
  eabHmacAlg: text('--eab-hmac-alg ALGORITHM', 'How that key signs: HS256, the only one so far.'),
  newAccountKey: toggle(
    '--new-account-key',
    "With 'update_account': give the account a new key (RFC 8555 section 7.3.5).",
  ),
  userAgent: text('--user-agent TEXT', 'What is sent to the CA as the User-Agent, in place of our own.'),
  userAgentComment: text('--user-agent-comment TEXT', 'A comment for the end of our User-Agent.'),
  noVerifySsl: toggle('--no-verify-ssl', "Do not check the certificate of the CA's server; for test CAs only."),
  issuanceTimeout: integer('--issuance-timeout SECONDS', 'How long to wait for the CA to issue (default: 300).'),
};
