import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountsAt, certbotOn, commandOn, confLine, must, storedAccounts, type Program } from '../support/certbot.js';
import { jsonReport } from '../support/report.js';
import { startStage, type Stage } from '../support/stage.js';

/** One directory, in which both programs take turns. */
let stage: Stage;
let certbot: Program;
let ours: Program;

beforeAll(async () => {
  stage = await startStage();
  certbot = must(certbotOn(stage));
  ours = must(commandOn(stage));
  await certbot([
    'certonly',
    '-m',
    'admin@example.com',
    '--webroot',
    '-w',
    stage.webroot,
    '-d',
    'theirs.test',
    '--pre-hook',
    'true',
  ]);
  await ours(['certonly', '--webroot', '-w', stage.webroot, '-d', 'ours.test', '-d', 'www.ours.test', ...toHaproxy()]);
});
afterAll(async () => await stage.stop());

const toHaproxy = (): readonly string[] => stage.haproxyFlags;
const conf = (certName: string): string => readFileSync(stage.renewalConf(certName), 'utf8');
const section = (certName: string): string => /^\[haproxy\]\n(?:(?!\[).*\n?)*/m.exec(conf(certName))?.[0] ?? '';
const archive = (certName: string, file: string): string => join(stage.configDir, 'archive', certName, file);

describe('the account', () => {
  it("that certbot made is ours too: one in the directory, one at the CA, and both lineages' renewals name it", () => {
    const [account, ...others] = storedAccounts(stage.configDir);
    expect(others).toEqual([]);
    expect(accountsAt(stage)).toBe(1);
    for (const name of ['theirs.test', 'ours.test']) expect(confLine(stage, name, 'account')).toBe(account?.slice(-32));
  });
});

describe('certificates', () => {
  it('lists the same lineages, names and paths by either program', async () => {
    const [theirs, own] = await Promise.all([certbot(['certificates']), ours(['certificates'])]);
    const facts = ({ stdout }: { stdout: string }): readonly (readonly string[])[] =>
      stdout
        .split(/^ *Certificate Name: /m)
        .slice(1)
        .map((block) => [
          /^\S+/.exec(block)?.[0] ?? '',
          /^ *(?:Domains|Identifiers): (.*)$/m.exec(block)?.[1] ?? '',
          /\(VALID: \d+ days\)/.exec(block)?.[0] ?? '',
          ...[...block.matchAll(/\/\S+\.pem/g)].map(([path]) => path).filter((path) => path.includes('/live/')),
        ])
        .sort();
    expect(facts(own)).toEqual(facts(theirs));
    expect(facts(theirs).map(([certName]) => certName)).toEqual(['ours.test', 'theirs.test']);
  });
});

describe("certbot's lineage", () => {
  it('is renewed by us and given to HAProxy, with its comments, its hooks and the keys we do not know kept', async () => {
    const before = conf('theirs.test');
    const edited = before
      .replace('[renewalparams]\n', '# asked for by the mail team\n[renewalparams]\nunknown_to_us = a, b\n')
      .concat('\n[someone_else]\nkey = value # and why\n');
    writeFileSync(stage.renewalConf('theirs.test'), edited);
    await ours(['renew', '--force-renewal', '--cert-name', 'theirs.test', ...toHaproxy()]);
    expect(stage.version('theirs.test')).toBe(2);
    expect(await stage.served('theirs.test')).toBe(stage.stored('theirs.test'));
    const missing = edited.split('\n').filter((line) => !conf('theirs.test').split('\n').includes(line));
    expect(missing).toEqual([]);
    expect(section('theirs.test')).toContain(`cert_dir = ${stage.certDir}`);
  });
});

describe('a renewal of everything by certbot', () => {
  let before: Readonly<Record<string, string>>;
  const names = ['theirs.test', 'ours.test'];

  it('renews our lineage as its own, on one key of another mode', async () => {
    const edited = conf('ours.test').replace('[haproxy]\n', '# ours alone\n[haproxy]\nfor_later = kept\n');
    writeFileSync(stage.renewalConf('ours.test'), edited);
    chmodSync(archive('ours.test', 'privkey1.pem'), 0o640);
    before = Object.fromEntries(names.map((name) => [name, section(name)]));
    await certbot(['renew', '--force-renewal']);
    expect(names.map(stage.version)).toEqual([3, 2]);
    expect(statSync(archive('ours.test', 'privkey2.pem')).mode & 0o777).toBe(0o640);
  });

  it('leaves our settings for HAProxy where they are, with their comments', () => {
    for (const name of names) expect(section(name).trim()).toBe(before[name]?.trim());
    expect(section('ours.test')).toContain('for_later = kept');
    expect(conf('ours.test')).toContain('# ours alone\n[haproxy]');
  });

  it('is followed by ours, which orders nothing and gives HAProxy both', async () => {
    const [orders, served] = [stage.orders(), await Promise.all(names.map(stage.served))];
    expect(served).not.toContain(stage.stored('theirs.test'));
    expect(served).not.toContain(stage.stored('ours.test'));
    const result = await ours(['renew', '--json']);
    const outcomes = jsonReport(result).outcomes.map(({ certName, kind }) => [certName, kind]);
    expect(outcomes.sort()).toEqual([
      ['ours.test', 'deployed'],
      ['theirs.test', 'deployed'],
    ]);
    expect(stage.orders()).toBe(orders);
    expect(await Promise.all(names.map(stage.served))).toEqual(names.map(stage.stored));
    expect(jsonReport(await ours(['renew', '--json'])).outcomes.map(({ kind }) => kind)).toEqual([
      'not-due',
      'not-due',
    ]);
  });
});

describe('the same names again', () => {
  it('are kept by certbot, which finds our lineage by them', async () => {
    const orders = stage.orders();
    const flags = ['--webroot', '-w', stage.webroot, '-d', 'www.ours.test,ours.test', '--keep-until-expiring'];
    await certbot(['certonly', ...flags]);
    expect([stage.orders(), stage.version('ours.test')]).toEqual([orders, 2]);
  });

  it("are kept by us, who find certbot's", async () => {
    const orders = stage.orders();
    await ours(['certonly', '--webroot', '-w', stage.webroot, '-d', 'theirs.test', '--keep-until-expiring']);
    expect([stage.orders(), stage.version('theirs.test')]).toEqual([orders, 3]);
  });
});
