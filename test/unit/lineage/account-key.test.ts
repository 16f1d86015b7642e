import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generatePrivateKey } from '../../../src-node/certificate/private-key.js';
import { listAccounts, saveAccount, type StoredAccount } from '../../../src-node/lineage/account-directory.js';
import {
  commitKeyChange,
  committedKeyChanges,
  finishKeyChange,
  prepareKeyChange,
  preparedKeyChanges,
} from '../../../src-node/lineage/account-key.js';
import { temporaryDirectory } from '../../support/temporary.js';

const server = 'https://acme.example/dir';
let directory: ReturnType<typeof temporaryDirectory>;
let accounts: string;
let parent: string;
let account: StoredAccount;

const key = async (): Promise<string> => await generatePrivateKey({ type: 'ecdsa', curve: 'secp256r1' });

beforeEach(async () => {
  directory = temporaryDirectory();
  accounts = join(directory.path, 'accounts');
  parent = join(accounts, 'acme.example/dir');
  const url = 'https://acme.example/acct/1';
  account = await saveAccount(accounts, server, { url, privateKey: await key(), created: Date.UTC(2026, 10, 20) });
});
afterEach(() => directory.remove());

describe('a change of key', () => {
  it('that is prepared is kept, and leaves the account as it is', async () => {
    const change = await prepareKeyChange(accounts, server, account, await key());
    expect(change).toMatchObject({ from: account.id, to: { url: account.url } });
    expect(await preparedKeyChanges(accounts, server)).toEqual([change]);
    expect(await committedKeyChanges(accounts, server)).toEqual([]);
    expect(await listAccounts(accounts, server)).toEqual([account]);
    expect(readdirSync(parent)).toEqual([account.id]);
    expect(statSync(join(parent, account.id, 'next/private_key.json')).mode & 0o777).toBe(0o400);
  });

  it('that is prepared by half counts for nothing, and is made anew', async () => {
    await prepareKeyChange(accounts, server, account, await key());
    rmSync(join(parent, account.id, 'next/replaces'));
    expect(await preparedKeyChanges(accounts, server)).toEqual([]);
    const change = await prepareKeyChange(accounts, server, account, await key());
    expect(await preparedKeyChanges(accounts, server)).toEqual([change]);
  });

  it('that is committed has both names until it is finished, created when the account was', async () => {
    const meta = readFileSync(join(parent, account.id, 'meta.json'), 'utf8');
    const change = await prepareKeyChange(accounts, server, account, await key());
    await commitKeyChange(accounts, server, change);
    expect(await preparedKeyChanges(accounts, server)).toEqual([]);
    expect(await committedKeyChanges(accounts, server)).toEqual([change]);
    await finishKeyChange(accounts, server, change);
    expect(await committedKeyChanges(accounts, server)).toEqual([]);
    expect(await listAccounts(accounts, server)).toEqual([change.to]);
    expect(readdirSync(parent)).toEqual([change.to.id]);
    expect(readdirSync(join(parent, change.to.id)).sort()).toEqual(['meta.json', 'private_key.json', 'regr.json']);
    expect(readFileSync(join(parent, change.to.id, 'meta.json'), 'utf8')).toBe(meta);
  });

  it('is not where nothing is stored', async () => {
    expect(await preparedKeyChanges(accounts, 'https://other.example/dir')).toEqual([]);
    mkdirSync(join(parent, 'b'.repeat(32), 'next'), { recursive: true });
    expect(await preparedKeyChanges(accounts, server)).toEqual([]);
    expect(await committedKeyChanges(accounts, server)).toEqual([]);
  });
});
