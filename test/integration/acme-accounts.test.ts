import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acmeAuthority } from '../../src-node/acme/acme-authority.js';
import {
  changeAccountKey,
  deactivateAccount,
  registerAccount,
  showAccount,
  updateContacts,
  type AccountAccess,
} from '../../src-node/acme/manage-account.js';
import type { Registration } from '../../src-node/acme/register-key.js';
import { generatePrivateKey, type KeySpecification } from '../../src-node/certificate/private-key.js';
import { accountSource, issue, startAcmeStage, type AcmeStage } from '../support/acme-stage.js';
import { problem, scriptedCa } from '../support/scripted-ca.js';

const eab = { kid: 'kid-1', hmacKey: Buffer.from('an HMAC key of 32 bytes or more!').toString('base64url') };
let stage: AcmeStage;
let binding: AcmeStage;

beforeAll(async () => {
  stage = await startAcmeStage();
  binding = await startAcmeStage({ eab: { [eab.kid]: eab.hmacKey } });
});
afterAll(async () => {
  await stage.stop();
  await binding.stop();
});

const emails = ['a@example.com', 'b@example.com'];
const registration = (differing: Partial<Registration> = {}, at = stage): Registration => ({
  server: at.pebble.directoryUrl,
  emails,
  agreeTos: true,
  eab: undefined,
  ...differing,
});
const account = async (privateKey?: string): Promise<AccountAccess> => {
  const given = { ...registration(), ...(privateKey === undefined ? {} : { privateKey }) };
  const made = await registerAccount(given, stage.settings());
  return { server: stage.pebble.directoryUrl, url: made.url, privateKey: made.privateKey };
};
const newKey = async (): Promise<string> => await generatePrivateKey({ type: 'ecdsa', curve: 'secp256r1' });

describe('an account', () => {
  it('is made, and shown with its contacts and the thumbprint of its key', async () => {
    const access = await account();
    const shown = await showAccount(access, stage.settings());
    expect(shown).toMatchObject({ status: 'valid', url: access.url, emails });
    const { e, kty, n } = createPublicKey(access.privateKey).export({ format: 'jwk' });
    expect(kty).toBe('RSA');
    const canonical = `{"e":"${e ?? ''}","kty":"RSA","n":"${n ?? ''}"}`;
    expect(shown.thumbprint).toBe(createHash('sha256').update(canonical).digest('base64url'));
  });

  it('is found by its key, which needs no terms', async () => {
    const access = await account(await newKey());
    const found = await registerAccount(
      { ...registration({ agreeTos: false }), privateKey: access.privateKey },
      stage.settings(),
    );
    expect(found).toEqual({ url: access.url, privateKey: access.privateKey, made: false });
  });

  it('is not made where the terms are not agreed to', async () => {
    await expect(registerAccount(registration({ agreeTos: false }), stage.settings())).rejects.toMatchObject({
      code: 'acme-terms',
      message: expect.stringContaining('data:text/plain') as string,
    });
  });

  it('gets other contacts, or none', async () => {
    const access = await account();
    const changed = await updateContacts(access, ['c@example.com'], stage.settings());
    expect(changed.emails).toEqual(['c@example.com']);
    expect((await updateContacts(access, [], stage.settings())).emails).toEqual([]);
    expect((await showAccount(access, stage.settings())).emails).toEqual([]);
  });

  it('is of no use once it is deactivated, nor where it never was', async () => {
    const access = await account();
    await deactivateAccount(access, stage.settings());
    const nowhere = { ...access, url: access.url.replace(/[^/]+$/, 'nowhere') };
    for (const unknown of [access, nowhere]) {
      const code = { code: 'acme-account-unknown' };
      await expect(showAccount(unknown, stage.settings())).rejects.toMatchObject(code);
      await expect(updateContacts(unknown, emails, stage.settings())).rejects.toMatchObject(code);
      await expect(changeAccountKey(unknown, await newKey(), stage.settings())).rejects.toMatchObject(code);
      await expect(deactivateAccount(unknown, stage.settings())).rejects.toMatchObject(code);
      const authority = acmeAuthority(accountSource(stage, { stored: { ...unknown, id: 'a' } }), stage.settings());
      const order = issue({ authority, names: ['a.test'], publisher: stage.publisher(['http-01']) });
      await expect(order).rejects.toMatchObject(code);
      authority.close();
    }
  });

  it.each<KeySpecification>([
    { type: 'rsa', size: 3072 },
    { type: 'ecdsa', curve: 'secp256r1' },
    { type: 'ecdsa', curve: 'secp384r1' },
    { type: 'ecdsa', curve: 'secp521r1' },
  ])('may have a key of another kind, kept as JWK: %j', async (specification) => {
    const jwk = createPrivateKey(await generatePrivateKey(specification)).export({ format: 'jwk' });
    const kept = createPrivateKey({ key: jwk, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' }).toString();
    const stored = { ...(await account(kept)), id: 'a' };
    const authority = acmeAuthority(accountSource(stage, { stored }), stage.settings());
    const issued = await issue({ authority, names: ['kinds.test'], publisher: stage.publisher(['http-01']) });
    expect(issued.steps[0]).toEqual({ kind: 'account', made: false });
    authority.close();
  });
});

describe('the key of an account', () => {
  it('is changed: the new one is taken, the old one no more', async () => {
    const access = await account();
    const privateKey = await newKey();
    await changeAccountKey(access, privateKey, stage.settings());
    const changed = { ...access, privateKey };
    expect(await showAccount(changed, stage.settings())).toMatchObject({ url: access.url, emails });
    await expect(showAccount(access, stage.settings())).rejects.toMatchObject({ code: expect.any(String) as string });
  });

  it('stays where the new one is of another account', async () => {
    const [one, other] = [await account(), await account()];
    let pauses = 0;
    const clock = { now: () => 0, sleep: async () => await Promise.resolve(void (pauses += 1)) };
    // Pebble calls it a fault of its own, where RFC 8555 has a conflict (409).
    const taken = changeAccountKey(one, other.privateKey, stage.settings({ clock }));
    await expect(taken).rejects.toMatchObject({ code: 'acme-server-error' });
    expect(pauses).toBe(3);
    expect((await showAccount(one, stage.settings())).url).toBe(one.url);
  });

  it('is changed also where the answer is lost', async () => {
    const access = await account();
    const privateKey = await newKey();
    // The CA has changed the key, and says what it says to a repeated request.
    await changeAccountKey(access, privateKey, stage.settings());
    const ca = await scriptedCa(stage.pebble, ({ path }) =>
      path === '/rollover-account-key' ? problem(401, { type: 'urn:ietf:params:acme:error:malformed' }) : 'pebble',
    );
    try {
      // URLs follow the Host header, those of an account too.
      const through = {
        server: ca.directoryUrl,
        url: access.url.replace(/^https:\/\/[^/]+/, new URL(ca.directoryUrl).origin),
      };
      await changeAccountKey({ ...access, ...through }, privateKey, stage.settings());
      const refused = changeAccountKey({ ...access, ...through }, await newKey(), stage.settings());
      await expect(refused).rejects.toMatchObject({ code: 'acme-problem' });
    } finally {
      await ca.stop();
    }
  });
});

describe('an external account binding', () => {
  it('is needed where the CA demands it', async () => {
    const required = {
      code: 'acme-eab-required',
      hint: expect.stringMatching(/--eab-kid.*--eab-hmac-key/) as string,
    };
    await expect(registerAccount(registration({}, binding), binding.settings())).rejects.toMatchObject(required);
    const authority = acmeAuthority(accountSource(binding), binding.settings());
    const publisher = binding.publisher(['http-01']);
    await expect(issue({ authority, names: ['eab.test'], publisher })).rejects.toMatchObject(required);
    authority.close();
  });

  it('makes an account, also for a certificate', async () => {
    const made = await registerAccount(registration({ eab }, binding), binding.settings());
    const access = { server: binding.pebble.directoryUrl, ...made };
    expect(await showAccount(access, binding.settings())).toMatchObject({ status: 'valid' });
    const authority = acmeAuthority(accountSource(binding, { eab }), binding.settings());
    const publisher = binding.publisher(['http-01']);
    expect((await issue({ authority, names: ['eab.test'], publisher })).names).toEqual(['eab.test']);
    authority.close();
  });

  it('is refused by the CA where it is wrong, and here where it is not base64url; the key is not told', async () => {
    const hmacKey = Buffer.from('another HMAC key of 32 bytes or more').toString('base64url');
    const garbled = 'not+base64url/secret';
    for (const [wrong, code] of [
      [{ kid: 'unknown', hmacKey: eab.hmacKey }, 'acme-problem'],
      [{ kid: eab.kid, hmacKey }, 'acme-problem'],
      [{ kid: eab.kid, hmacKey: garbled }, 'acme-eab-invalid'],
    ] as const) {
      const error: unknown = await registerAccount(registration({ eab: wrong }, binding), binding.settings()).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ code });
      expect(JSON.stringify([error, String(error)])).not.toContain(wrong.hmacKey);
    }
  });
});
