import { ConfigError, usage } from './config-error.js';
import { letsEncryptStaging, type AccountOptions } from './config.js';
import { nonEmpty, type Given } from './resolve-values.js';

export function resolveServer(given: Given): string | undefined {
  const staging = given.staging === true ? letsEncryptStaging : undefined;
  if (staging !== undefined && given.server !== undefined && given.server !== staging) {
    throw usage(`--staging stands for --server ${staging}, so that no other --server goes with it.`);
  }
  const server = given.server ?? staging;
  if (server === undefined) return undefined;
  const protocol = URL.canParse(server) ? new URL(server).protocol : '';
  if (protocol === 'https:' || protocol === 'http:') return server;
  throw new ConfigError('server-invalid', `'${server}' is not the URL of an ACME directory.`);
}

export function resolveAccount(given: Given): AccountOptions {
  return {
    id: resolveId(given.account),
    emails: resolveEmails(given),
    agreeTos: given.agreeTos === true,
    eab: resolveEab(given),
    newKey: given.newAccountKey === true,
  };
}

/** certbot names an account by the md5 of its key. */
function resolveId(given: string | undefined): string | undefined {
  if (given === undefined || /^[0-9a-f]{1,32}$/.test(given)) return given;
  throw usage(`'${given.slice(0, 80)}' cannot be the name of an account: it is of the digits 0-9 and a-f.`);
}

/** As certbot takes them: one address, or several with commas; an address beats --register-unsafely-without-email. */
function resolveEmails(given: Given): readonly string[] | undefined {
  const list = nonEmpty(given.email);
  if (list === undefined) return given.registerUnsafelyWithoutEmail === true ? [] : undefined;
  const emails = list.split(',').map((email) => email.trim());
  const wrong = emails.find((email) => !/^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/.test(email));
  if (wrong === undefined) return [...new Set(emails)];
  throw new ConfigError('email-invalid', `'${wrong}' is not an e-mail address.`);
}

function resolveEab({ eabKid, eabHmacKey, eabHmacAlg }: Given): AccountOptions['eab'] {
  if (eabHmacAlg !== undefined && eabHmacAlg !== 'HS256') {
    throw usage(`--eab-hmac-alg is HS256, not '${eabHmacAlg.slice(0, 80)}'.`);
  }
  if (eabKid === undefined && eabHmacKey === undefined) return undefined;
  if (eabKid === undefined || eabHmacKey === undefined) {
    throw usage('External account binding needs both --eab-kid and --eab-hmac-key.');
  }
  const hmacKey = eabHmacKey.replace(/=+$/, '');
  // The key itself must not be shown.
  if (!/^[A-Za-z0-9_-]+$/.test(hmacKey)) throw usage('The value of --eab-hmac-key is not base64url.');
  return { kid: eabKid, hmacKey };
}
