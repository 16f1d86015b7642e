import { CodedError } from '../platform/coded-error.js';
import { AcmeError } from './acme-error.js';
import { clean, isRecord } from './problem.js';

/** What a CA says of itself (RFC 8555 section 7.1.1). */
export interface DirectoryMeta {
  /** URL, where the CA has terms. */
  readonly termsOfService: string | undefined;
  /** True where a new account needs an external account binding. */
  readonly externalAccountRequired: boolean;
  /** Names of the profiles that an order may have (draft-ietf-acme-profiles). */
  readonly profiles: readonly string[];
}

/**
 * Fetches the directory by `request`.
 * @throws AcmeError `acme-not-a-directory` where the URL is not one of an ACME server.
 */
export async function readDirectory(server: string, request: () => Promise<unknown>): Promise<DirectoryMeta> {
  const wrong = (answer: string, cause?: unknown): AcmeError =>
    new AcmeError('acme-not-a-directory', `${server} is not the directory of an ACME server.`, {
      cause,
      details: [answer],
    });
  let directory: unknown;
  try {
    directory = await request();
  } catch (error) {
    // acme-client's own error is about an answer without content.
    if (!(error instanceof CodedError) || error.code === 'acme-bad-answer') {
      throw wrong(error instanceof CodedError ? error.message : 'It answered without content.', error);
    }
    throw error;
  }
  const needed = ['newNonce', 'newAccount', 'newOrder'];
  if (!isRecord(directory) || !needed.every((key) => URL.canParse(String(directory[key])))) {
    throw wrong('It answered, but not with the URLs of newNonce, newAccount and newOrder.');
  }
  return readMeta(directory['meta']);
}

function readMeta(value: unknown): DirectoryMeta {
  const meta = isRecord(value) ? value : {};
  const { termsOfService, externalAccountRequired, profiles } = meta;
  return {
    termsOfService: typeof termsOfService === 'string' && termsOfService !== '' ? clean(termsOfService) : undefined,
    externalAccountRequired: externalAccountRequired === true,
    profiles: isRecord(profiles) ? Object.keys(profiles) : [],
  };
}
