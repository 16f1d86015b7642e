import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { firstOf, leaseSource, thumbprintSource, webrootSource } from '../../../src-node/challenge/answer-sources.js';
import { createLeases } from '../../../src-node/challenge/leases.js';
import { runOrThrow } from '../../support/child.js';
import { temporaryDirectory } from '../../support/temporary.js';

const thumbprint = 'a'.repeat(43);
const keyAuthorization = `tok.${thumbprint}`;
const wanted = { token: 'tok', host: 'a.example' };

describe('what webroots have', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  const challenges = (webroot: string): string => join(directory.path, webroot, '.well-known/acme-challenge');
  const find = async (...webroots: string[]): Promise<string | undefined> =>
    await webrootSource(webroots.map((name) => join(directory.path, name)))(wanted);
  beforeEach(() => {
    directory = temporaryDirectory();
    for (const webroot of ['one', 'two']) mkdirSync(challenges(webroot), { recursive: true });
  });
  afterEach(() => directory.remove());

  it('is answered from the first that has it, also with a line end', async () => {
    expect(await find('missing', 'one', 'two')).toBeUndefined();
    writeFileSync(join(challenges('two'), 'tok'), `${keyAuthorization}\n`);
    expect(await find('missing', 'one', 'two')).toBe(keyAuthorization);
    writeFileSync(join(challenges('one'), 'tok'), `tok.${'b'.repeat(43)}`);
    expect(await find('one', 'two')).toBe(`tok.${'b'.repeat(43)}`);
  });

  it.each([
    ['another token', `tol.${thumbprint}`],
    ['a private key', '-----BEGIN PRIVATE KEY-----'],
    ['nothing', ''],
    ['a key authorization and more', `${keyAuthorization}\nsecret`],
    ['more than a challenge', `${keyAuthorization}${' '.repeat(2_000)}`],
  ])('is not answered where it is %s', async (_, text) => {
    writeFileSync(join(challenges('one'), 'tok'), text);
    expect(await find('one')).toBeUndefined();
  });

  it('is not answered by a link that leads out, of the file or of a directory above it', async () => {
    writeFileSync(join(directory.path, 'outside'), keyAuthorization);
    symlinkSync('../../../outside', join(challenges('one'), 'tok'));
    expect(await find('one')).toBeUndefined();
    mkdirSync(join(directory.path, 'away/acme-challenge'), { recursive: true });
    writeFileSync(join(directory.path, 'away/acme-challenge/tok'), keyAuthorization);
    mkdirSync(join(directory.path, 'three'));
    symlinkSync('../away', join(directory.path, 'three/.well-known'));
    expect(await find('three')).toBeUndefined();
    // The webroot may be a link itself, and one may lead about in it.
    symlinkSync('two', join(directory.path, 'four'));
    symlinkSync('real', join(challenges('two'), 'tok'));
    writeFileSync(join(challenges('two'), 'real'), keyAuthorization);
    expect(await find('four')).toBe(keyAuthorization);
  });

  it('is not waited for where it is a pipe, and no directory', async () => {
    await runOrThrow('mkfifo', [join(challenges('one'), 'tok')]);
    mkdirSync(join(challenges('two'), 'tok'));
    expect(await find('one', 'two')).toBeUndefined();
  });

  it('is looked for once at a time, and by no more than some in one moment', async () => {
    const source = webrootSource([join(directory.path, 'one')]);
    const first = source(wanted);
    expect(source(wanted)).toBe(first);
    const others = Array.from({ length: 100 }, (_, index) => source({ ...wanted, token: `t${index}` }));
    expect(others.filter((look) => look === undefined)).toHaveLength(37);
    expect(await Promise.all([first, ...others])).not.toContainEqual(expect.anything());
    writeFileSync(join(challenges('one'), 'tok'), keyAuthorization);
    expect(await source(wanted)).toBe(keyAuthorization);
  });
});

describe('thumbprints', () => {
  const source = thumbprintSource(thumbprint, new Map([['b.example', 'b'.repeat(43)]]));
  it('answer for their host before the one for all', () => {
    expect(source(wanted)).toBe(keyAuthorization);
    expect(source({ ...wanted, host: 'b.example' })).toBe(`tok.${'b'.repeat(43)}`);
    expect(thumbprintSource(undefined, new Map())(wanted)).toBeUndefined();
  });
});

describe('several sources', () => {
  it('are asked in their order, the first that knows answers, and none waits that need not', async () => {
    const leases = createLeases(1);
    leases.open().publish([{ token: 'leased', keyAuthorization: 'leased.x' }]);
    const asked: string[] = [];
    const slow = async (found: string | undefined): Promise<string | undefined> => {
      asked.push('slow');
      return await Promise.resolve(found);
    };
    const last = thumbprintSource(thumbprint, new Map());
    const all = firstOf([leaseSource(leases), async () => await slow(undefined), last]);
    expect(all({ ...wanted, token: 'leased' })).toBe('leased.x');
    expect(asked).toEqual([]);
    expect(await all(wanted)).toBe(keyAuthorization);
    expect(await firstOf([async () => await slow('found'), last])(wanted)).toBe('found');
    expect(await firstOf([async () => await slow(undefined)])(wanted)).toBeUndefined();
    expect(firstOf([])(wanted)).toBeUndefined();
  });
});
