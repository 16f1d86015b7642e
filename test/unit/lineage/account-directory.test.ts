import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generatePrivateKey, type KeySpecification } from '../../../src-node/certificate/private-key.js';
import { listAccounts, removeAccount, saveAccount } from '../../../src-node/lineage/account-directory.js';
import { runOrThrow } from '../../support/child.js';
import { certbotPythonJson } from '../../support/configobj.js';
import { temporaryDirectory } from '../../support/temporary.js';

const server = 'https://acme.example:14000/some/dir';
const created = Date.UTC(2026, 10, 20, 15, 19, 36, 789);
const rsa: KeySpecification = { type: 'rsa', size: 2048 };

let directory: ReturnType<typeof temporaryDirectory>;
let accounts: string;
let parent: string;

beforeEach(() => {
  directory = temporaryDirectory();
  accounts = join(directory.path, 'accounts');
  parent = join(accounts, 'acme.example:14000/some/dir');
});
afterEach(() => directory.remove());

const mode = (path: string): number => statSync(path).mode & 0o7777;
const newAccount = async (
  specification: KeySpecification = rsa,
): Promise<{ url: string; privateKey: string; created: number }> => ({
  url: 'https://acme.example:14000/acct/1',
  privateKey: await generatePrivateKey(specification),
  created,
});

describe('saveAccount', () => {
  it('names the directory by the md5 of the public key as openssl writes it', async () => {
    const account = await newAccount();
    const saved = await saveAccount(accounts, server, account);
    const pem = await runOrThrow('openssl', ['pkey', '-pubout'], { input: account.privateKey });
    expect(saved.id).toBe(createHash('md5').update(pem).digest('hex'));
    expect(readdirSync(parent)).toEqual([saved.id]);
  });

  it('writes the three files with the content and the modes of certbot', async () => {
    const { id } = await saveAccount(accounts, server, await newAccount());
    const file = (name: string): unknown => JSON.parse(readFileSync(join(parent, id, name), 'utf8'));
    expect(file('regr.json')).toEqual({ body: {}, uri: 'https://acme.example:14000/acct/1' });
    expect(file('meta.json')).toMatchObject({ creation_dt: '2026-11-20T15:19:36Z' });
    expect(file('private_key.json')).toMatchObject({ kty: 'RSA', e: 'AQAB' });
    expect(mode(join(parent, id, 'private_key.json'))).toBe(0o400);
    for (const path of [accounts, join(accounts, 'acme.example:14000'), parent, join(parent, id)]) {
      expect(mode(path), path).toBe(0o700);
    }
  });

  it('writes a key that certbot itself reads', async () => {
    const { id } = await saveAccount(accounts, server, await newAccount());
    const program = `
import json, sys, josepy
text = open(json.load(sys.stdin)).read()
json.dump(type(josepy.JWK.json_loads(text)).__name__, sys.stdout)
`;
    expect(await certbotPythonJson(program, join(parent, id, 'private_key.json'))).toBe('JWKRSA');
  });

  it('says storage-not-writable where it cannot, and leaves nothing behind', async () => {
    writeFileSync(accounts, 'a file');
    await expect(saveAccount(accounts, server, await newAccount())).rejects.toMatchObject({
      code: 'storage-not-writable',
    });
    expect(readdirSync(directory.path)).toEqual(['accounts']);
  });

  it('keeps every path below accounts/, whatever the URL', async () => {
    for (const url of ['https://h/%2e%2e/%2e%2e/x', 'https://h/a/../../../b', 'https://h//c', 'https://h/']) {
      await saveAccount(accounts, url, await newAccount({ type: 'ecdsa', curve: 'secp256r1' }));
      expect(await listAccounts(accounts, url)).not.toEqual([]);
    }
    expect(readdirSync(directory.path)).toEqual(['accounts']);
    expect(readdirSync(accounts)).toEqual(['h']);
  });
});

describe('listAccounts', () => {
  it.each<[string, KeySpecification]>([
    ['RSA', rsa],
    ['EC', { type: 'ecdsa', curve: 'secp256r1' }],
  ])('reads back what was saved: %s', async (_, specification) => {
    const account = await newAccount(specification);
    const saved = await saveAccount(accounts, server, account);
    expect(await listAccounts(accounts, server)).toEqual([saved]);
    expect(saved).toMatchObject({ url: account.url, privateKey: account.privateKey });
  });

  it('is empty where there is none, and looks at one CA alone', async () => {
    expect(await listAccounts(accounts, server)).toEqual([]);
    await saveAccount(accounts, server, await newAccount());
    expect(await listAccounts(accounts, 'https://acme.example/some/dir')).toEqual([]);
    expect(await listAccounts(accounts, 'https://acme.example:14000/some')).toEqual([]);
  });

  it('passes over an account that is half written, and what is no account', async () => {
    const saved = await saveAccount(accounts, server, await newAccount());
    const half = (id: string, files: Record<string, string>): void => {
      mkdirSync(join(parent, id));
      for (const [name, text] of Object.entries(files)) writeFileSync(join(parent, id, name), text);
    };
    const key = readFileSync(join(parent, saved.id, 'private_key.json'), 'utf8');
    half('0'.repeat(32), {});
    half('1'.repeat(32), { 'private_key.json': key });
    half('2'.repeat(32), { 'private_key.json': key, 'regr.json': '' });
    half('3'.repeat(32), { 'private_key.json': key.slice(0, 100), 'regr.json': '{"uri": "https://x"}' });
    half('4'.repeat(32), { 'private_key.json': key, 'regr.json': '{"body": {}}' });
    half('5'.repeat(32), { 'private_key.json': 'null', 'regr.json': 'null' });
    half('not-an-id', { 'private_key.json': key, 'regr.json': '{"uri": "https://x"}' });
    half(`.${saved.id}.next`, { 'private_key.json': key, 'regr.json': '{"uri": "https://x"}' });
    expect(await listAccounts(accounts, server)).toEqual([saved]);
  });

  it('says storage-not-readable where the directory is none', async () => {
    mkdirSync(join(parent, '..'), { recursive: true });
    writeFileSync(parent, 'a file');
    await expect(listAccounts(accounts, server)).rejects.toMatchObject({ code: 'storage-not-readable' });
  });
});

describe('removeAccount', () => {
  it('removes one account and no other, and what is not there is no error', async () => {
    const [one, other] = [
      await saveAccount(accounts, server, await newAccount()),
      await saveAccount(accounts, server, await newAccount({ type: 'ecdsa', curve: 'secp256r1' })),
    ];
    await removeAccount(accounts, server, one.id);
    await removeAccount(accounts, server, one.id);
    expect(readdirSync(parent)).toEqual([other.id]);
  });

  it('follows the link that certbot makes to an account of an older URL', async () => {
    const { id } = await saveAccount(accounts, 'https://acme.example/old', await newAccount());
    const old = join(accounts, 'acme.example/old');
    mkdirSync(parent, { recursive: true });
    symlinkSync(join(old, id), join(parent, id));
    await removeAccount(accounts, server, id);
    expect([readdirSync(parent), readdirSync(old)]).toEqual([[], []]);
  });
});
