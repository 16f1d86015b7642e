import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Challenge, ChallengePublisher } from '../../../src-node/challenge/challenge-publisher.js';
import { webrootPublisher } from '../../../src-node/challenge/webroot.js';
import { until } from '../../support/child.js';
import { temporaryDirectory } from '../../support/temporary.js';
import { isRoot, codeUnprivileged } from '../../support/unprivileged.js';

let directory: ReturnType<typeof temporaryDirectory>;
let webroot: string;
let challenges: string;
let publisher: ChallengePublisher;

beforeEach(() => {
  directory = temporaryDirectory();
  chmodSync(directory.path, 0o755);
  webroot = join(directory.path, 'webroot');
  mkdirSync(webroot);
  challenges = join(webroot, '.well-known/acme-challenge');
  publisher = webrootPublisher({ 'a.example': webroot, 'b.example': webroot });
});
afterEach(() => directory.remove());

const token = 'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0';
const challenge = (differing: Partial<Challenge> = {}): Challenge => ({
  type: 'http-01',
  name: 'a.example',
  token,
  keyAuthorization: `${token}.thumbprint`,
  validation: `${token}.thumbprint`,
  ...differing,
});
const mode = (path: string): number => statSync(path).mode & 0o7777;
const code = (wanted: string): unknown => expect.objectContaining({ name: 'ChallengeError', code: wanted });

describe('publish', () => {
  it('writes the key authorization alone, readable by all whatever the umask', async () => {
    const umask = process.umask(0o077);
    try {
      await publisher.publish([challenge()]);
    } finally {
      process.umask(umask);
    }
    expect(readFileSync(join(challenges, token), 'utf8')).toBe(`${token}.thumbprint`);
    expect(mode(join(challenges, token))).toBe(0o644);
    expect([join(webroot, '.well-known'), challenges].map(mode)).toEqual([0o755, 0o755]);
    expect(readdirSync(challenges)).toEqual([token]);
  });

  it('makes the file appear whole, under no other name than one that begins with a dot', async () => {
    mkdirSync(challenges, { recursive: true });
    const names = new Set<string>();
    const torn: string[] = [];
    const watcher = watch(challenges, (_, name) => {
      names.add(name ?? '');
      if (!existsSync(join(challenges, token))) return;
      const text = readFileSync(join(challenges, token), 'utf8');
      if (text !== `${token}.thumbprint`) torn.push(text);
    });
    await publisher.publish([challenge()]);
    await until('the directory is seen to change', () => names.has(token));
    watcher.close();
    expect(torn).toEqual([]);
    expect([...names].filter((name) => name !== token && !name.startsWith('.'))).toEqual([]);
  });

  it('replaces what an earlier run left under the same token', async () => {
    await publisher.publish([challenge({ keyAuthorization: 'old' })]);
    await publisher.publish([challenge()]);
    expect(readFileSync(join(challenges, token), 'utf8')).toBe(`${token}.thumbprint`);
  });

  it.runIf(isRoot)('gives nothing to the owner of the webroot, even through a link that he has put there', async () => {
    chownSync(webroot, 65_534, 65_534);
    await publisher.publish([challenge()]);
    expect(statSync(join(challenges, token)).uid).toBe(0);
    await publisher.withdraw([challenge()]);
    const elsewhere = join(directory.path, 'cron.d');
    mkdirSync(elsewhere, { mode: 0o700 });
    mkdirSync(join(webroot, '.well-known'));
    symlinkSync(elsewhere, challenges);
    await publisher.publish([challenge()]);
    expect(statSync(join(elsewhere, token)).uid).toBe(0);
    expect(mode(elsewhere)).toBe(0o700);
  });

  it('follows a webroot that is a link', async () => {
    const link = join(directory.path, 'link');
    symlinkSync(webroot, link);
    const linked = webrootPublisher({ 'a.example': link });
    await linked.publish([challenge()]);
    expect(existsSync(join(challenges, token))).toBe(true);
    await linked.withdraw([challenge()]);
    expect(readdirSync(webroot)).toEqual([]);
  });

  it.each([
    ['', 'nothing'],
    ['../escape', 'a path'],
    ['a/b', 'a slash'],
    ['..', 'dots'],
    ['a.b', 'a dot'],
    ['a\u0000b', 'a zero byte'],
    ['a\n', 'a line break'],
    ['a'.repeat(129), '129 characters'],
    ['é', 'a letter that is not of ASCII'],
  ])('refuses the token %j: %s', async (bad) => {
    await expect(publisher.publish([challenge({ token: bad })])).rejects.toThrow();
    expect(readdirSync(directory.path)).toEqual(['webroot']);
    expect(readdirSync(webroot)).toEqual([]);
  });

  it('takes a token of 128 characters', async () => {
    await publisher.publish([challenge({ token: '-'.repeat(128) })]);
    expect(readdirSync(challenges)).toEqual(['-'.repeat(128)]);
  });

  const remove = (): void => rmSync(webroot, { recursive: true });
  const each =
    (...then: readonly (() => void)[]): (() => void) =>
    (): void => {
      for (const step of then) step();
    };
  it.each<[string, () => void, string]>([
    ['is missing', remove, 'webroot-missing'],
    ['is a file', each(remove, () => writeFileSync(webroot, '')), 'webroot-missing'],
    ['leads nowhere', each(remove, () => symlinkSync('x', webroot)), 'webroot-missing'],
    ['has a file for .well-known', () => writeFileSync(join(webroot, '.well-known'), ''), 'webroot-not-writable'],
    [
      'has a file for acme-challenge',
      each(
        () => mkdirSync(join(webroot, '.well-known')),
        () => writeFileSync(challenges, ''),
      ),
      'webroot-not-writable',
    ],
    [
      'has a directory of the token',
      () => void mkdirSync(join(challenges, token), { recursive: true }),
      'webroot-not-writable',
    ],
  ])('says what is wrong with a webroot that %s, and leaves it so', async (_, spoil, wanted) => {
    spoil();
    const list = (): string[] => readdirSync(directory.path, { recursive: true }).map(String).sort();
    const before = list();
    await expect(publisher.publish([challenge()])).rejects.toThrow(code(wanted));
    expect(list()).toEqual(before);
  });

  it('says that a webroot is not writable, at whichever level, and leaves nothing behind', async () => {
    const publishing = (method: string): string =>
      `m.webrootPublisher(${JSON.stringify({ 'a.example': webroot })}).${method}`;
    const publish = publishing(`publish([${JSON.stringify(challenge())}])`);
    chmodSync(webroot, 0o555);
    expect(await codeUnprivileged('challenge/webroot.ts', publish)).toBe('webroot-not-writable');
    const check = publishing("check(['a.example'])");
    expect(await codeUnprivileged('challenge/webroot.ts', check)).toBe('webroot-not-writable');
    expect(readdirSync(webroot)).toEqual([]);
    chmodSync(webroot, 0o755);
    mkdirSync(challenges, { recursive: true });
    chmodSync(challenges, 0o555);
    expect(await codeUnprivileged('challenge/webroot.ts', publish)).toBe('webroot-not-writable');
    expect(readdirSync(challenges)).toEqual([]);
    chmodSync(challenges, 0o755);
  });

  it('says that no webroot is known for a name', async () => {
    await expect(publisher.publish([challenge({ name: 'c.example' })])).rejects.toThrow(code('webroot-unset'));
  });
});

describe('withdraw', () => {
  it('removes the file and the directories that were made for it', async () => {
    await publisher.publish([challenge()]);
    await publisher.withdraw([challenge()]);
    expect(readdirSync(webroot)).toEqual([]);
  });

  it('leaves directories that were there before, and all that is not ours', async () => {
    mkdirSync(join(webroot, '.well-known'));
    writeFileSync(join(webroot, '.well-known/security.txt'), 'x');
    await publisher.publish([challenge()]);
    writeFileSync(join(challenges, 'foreign'), 'x');
    await publisher.withdraw([challenge()]);
    expect(readdirSync(challenges)).toEqual(['foreign']);
    rmSync(join(challenges, 'foreign'));
    await publisher.publish([challenge()]);
    await publisher.withdraw([challenge()]);
    expect(readdirSync(join(webroot, '.well-known'))).toEqual(['security.txt']);
    mkdirSync(challenges);
    const other = webrootPublisher({ 'a.example': webroot });
    await other.publish([challenge()]);
    await other.withdraw([challenge()]);
    expect(readdirSync(challenges)).toEqual([]);
  });

  it('succeeds twice, and for what was never published or is gone with its webroot', async () => {
    await publisher.withdraw([challenge()]);
    await publisher.publish([challenge()]);
    await publisher.withdraw([challenge()]);
    await publisher.withdraw([challenge()]);
    await publisher.publish([challenge()]);
    rmSync(webroot, { recursive: true });
    await publisher.withdraw([challenge()]);
  });

  it('leaves the challenges of others in the same webroot, and works for many at once', async () => {
    const many = Array.from({ length: 50 }, (_, index) => challenge({ name: 'b.example', token: `token-${index}` }));
    await Promise.all(many.map(async (entry) => await publisher.publish([entry])));
    expect(readdirSync(challenges)).toHaveLength(50);
    await publisher.withdraw([challenge({ token: 'token-7' })]);
    expect(readdirSync(challenges)).toHaveLength(49);
    await Promise.all(many.map(async (entry) => await publisher.withdraw([entry])));
    expect(readdirSync(webroot)).toEqual([]);
  });
});

describe('check', () => {
  it('leaves every webroot as it was', async () => {
    const other = join(directory.path, 'other');
    mkdirSync(join(other, '.well-known/acme-challenge'), { recursive: true });
    await webrootPublisher({ 'a.example': webroot, 'b.example': other }).check(['a.example', 'b.example', 'a.example']);
    expect(readdirSync(webroot)).toEqual([]);
    expect(readdirSync(join(other, '.well-known/acme-challenge'))).toEqual([]);
  });

  it('finds the one that is wrong, and a name without one', async () => {
    const webroots = { 'a.example': webroot, 'b.example': join(directory.path, 'missing') };
    await expect(webrootPublisher(webroots).check(['a.example', 'b.example'])).rejects.toThrow(code('webroot-missing'));
    await expect(webrootPublisher(webroots).check(['a.example', 'c.example'])).rejects.toThrow(code('webroot-unset'));
    await webrootPublisher(webroots).check(['a.example']);
  });

  it('takes addresses, and refuses a wildcard before it looks at any webroot', async () => {
    await webrootPublisher({ '192.0.2.7': webroot, '2001:db8::7': webroot }).check(['192.0.2.7', '2001:db8::7']);
    const missing = webrootPublisher({ '*.a.example': join(directory.path, 'missing') });
    await expect(missing.check(['*.a.example'])).rejects.toThrow(code('wildcard-needs-dns'));
  });
});
