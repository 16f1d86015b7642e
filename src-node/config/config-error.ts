import { CodedError } from '../platform/coded-error.js';

export type ConfigErrorCode = 'usage' | 'config-file' | 'ca-file' | 'name-invalid' | 'email-invalid' | 'server-invalid';

/** What to do about each error; docs/errors.md has an entry for each. */
export const configHints: Readonly<Record<ConfigErrorCode, string>> = {
  usage: "See 'haproxy-acme --help'.",
  'config-file': 'Correct the file, which certbot may read too, or name another by -c.',
  'ca-file': 'Correct REQUESTS_CA_BUNDLE or NODE_EXTRA_CA_CERTS, or unset it.',
  'name-invalid': 'Nothing was ordered; correct the name and run this again.',
  'email-invalid': 'Give an address such as admin@example.com, or leave -m out.',
  'server-invalid': 'Give the https URL of an ACME directory by --server.',
};

/** The command line asks for something that cannot be: exit 2, nothing done. */
export class ConfigError extends CodedError {
  public override readonly name = 'ConfigError';
  public readonly code: ConfigErrorCode;
  public readonly hint: string;

  public constructor(code: ConfigErrorCode, message: string) {
    super(message);
    this.code = code;
    this.hint = configHints[code];
  }
}

export function usage(sentence: string): ConfigError {
  return new ConfigError('usage', sentence);
}
