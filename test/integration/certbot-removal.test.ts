import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountsAt, certbotOn, commandOn, confLine, must, storedAccounts, type Program } from '../support/certbot.js';
import { startStage, type Stage } from '../support/stage.js';

/** One directory, in which either program revokes, deletes and gives up what the other has made. */
let stage: Stage;
let certbot: Program;
let ours: Program;
const theirs = ['a.theirs.test', 'b.theirs.test'];
const own = ['a.ours.test', 'b.ours.test'];

beforeAll(async () => {
  stage = await startStage();
  [certbot, ours] = [must(certbotOn(stage)), must(commandOn(stage))];
  await ours(['register', '-m', 'admin@example.com']);
  for (const name of theirs) await certbot(['certonly', '--webroot', '-w', stage.webroot, '-d', name]);
  for (const name of own) await ours(['certonly', '--webroot', '-w', stage.webroot, '-d', name]);
});
afterAll(async () => await stage.stop());

/** What is left of a lineage. */
function left(name: string): readonly string[] {
  const paths = [`archive/${name}`, `live/${name}`, `renewal/${name}.conf`];
  return paths.filter((path) => existsSync(join(stage.configDir, path)));
}

const revocations = (): number => stage.pebble.output().split('POST /revoke-cert').length - 1;

it('the account that we registered is the one by which certbot orders', () => {
  const accounts = storedAccounts(stage.configDir);
  expect(accounts).toHaveLength(1);
  expect(accountsAt(stage)).toBe(1);
  for (const name of [...theirs, ...own]) expect(confLine(stage, name, 'account')).toBe(accounts[0]?.slice(-32));
});

describe.each([
  ['we', "certbot's", (): Program => ours, theirs],
  ['certbot', 'our', (): Program => certbot, own],
])('%s', (_, whose, program, [first = '', second = '']) => {
  it(`revoke ${whose} certificate and delete its lineage with it`, async () => {
    const before = revocations();
    await program()(['revoke', '--cert-name', first, '--reason', 'superseded']);
    expect(revocations()).toBe(before + 1);
    expect(left(first)).toEqual([]);
  });

  it(`delete ${whose} lineage`, async () => {
    expect(left(second)).toHaveLength(3);
    await program()(['delete', '--cert-name', second]);
    expect(left(second)).toEqual([]);
  });
});

it('an account that certbot has given up is made anew by us, shown alike by both, and given up again', async () => {
  const urlIn = ({ stdout }: { stdout: string }): string | undefined => /https:\S+my-account\S+/.exec(stdout)?.[0];
  await certbot(['unregister']);
  expect(storedAccounts(stage.configDir)).toEqual([]);
  expect((await commandOn(stage)(['show_account'])).code).toBe(1);
  await ours(['certonly', '--webroot', '-w', stage.webroot, '-d', 'after.test']);
  expect(storedAccounts(stage.configDir)).toHaveLength(1);
  expect(accountsAt(stage)).toBe(2);
  const shown = urlIn(await certbot(['show_account']));
  expect(shown).toBeDefined();
  expect(urlIn(await ours(['show_account']))).toBe(shown);
  await ours(['unregister']);
  expect(storedAccounts(stage.configDir)).toEqual([]);
});
