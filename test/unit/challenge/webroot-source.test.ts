import { closeSync, constants, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnswerSource, Wanted } from '../../../src-node/challenge/answer-sources.js';
import { webrootSource } from '../../../src-node/challenge/webroot-source.js';
import { systemClock } from '../../../src-node/platform/clock.js';
import { runOrThrow, until } from '../../support/child.js';
import { temporaryDirectory } from '../../support/temporary.js';

const thumbprint = 'a'.repeat(43);
const keyAuthorization = `tok.${thumbprint}`;
const wanted = { token: 'tok', host: 'a.example' };
const settled = async (all: readonly ReturnType<AnswerSource>[]): Promise<readonly (string | undefined)[]> =>
  await Promise.all(all.map(async (each) => await each));
const nothing = (): undefined => undefined;

describe('what webroots have', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  const challenges = (webroot: string): string => join(directory.path, webroot, '.well-known/acme-challenge');
  const find = async (...webroots: string[]): Promise<string | undefined> =>
    await webrootSource({
      webroots: webroots.map((name) => join(directory.path, name)),
      otherwise: nothing,
      clock: systemClock,
    })(wanted);
  const sourceOf = (webroot: string, otherwise: (wanted: Wanted) => string | undefined = nothing): AnswerSource =>
    webrootSource({ webroots: [join(directory.path, webroot)], otherwise, clock: systemClock });
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

  it('is looked for as soon as there is room for it, however many ask', async () => {
    const source = sourceOf('one');
    writeFileSync(join(challenges('one'), 'tok'), keyAuthorization);
    const others = Array.from({ length: 500 }, (_, index) => source({ ...wanted, token: `t${index}` }));
    const [one, same] = [source(wanted), source(wanted)];
    expect(await Promise.all([one, same])).toEqual([keyAuthorization, keyAuthorization]);
    expect(await settled(others)).not.toContainEqual(expect.anything());
  });

  it('is answered otherwise where no file does', async () => {
    expect(await sourceOf('one', () => 'otherwise')(wanted)).toBe('otherwise');
    writeFileSync(join(challenges('one'), 'tok'), keyAuthorization);
    expect(await sourceOf('one', () => 'otherwise')(wanted)).toBe(keyAuthorization);
  });

  it('is given up in time where it hangs, delays no answer without a file, and is found again afterwards', async () => {
    const source = sourceOf('one', ({ host }) => (host === 'b.example' ? 'otherwise' : undefined));
    writeFileSync(join(challenges('one'), 'tok'), keyAuthorization);
    const release = await hangFiles();
    const start = performance.now();
    const ask = (from: number, to: number): ReturnType<AnswerSource>[] =>
      Array.from({ length: to - from }, (_, index) => source({ ...wanted, token: `t${from + index}` }));
    const asked = ask(0, 100);
    const meanwhile = source({ token: 'tok', host: 'b.example' });
    asked.push(...ask(100, 1_100));
    try {
      expect(asked.slice(0, 1_000)).not.toContain(undefined);
      expect(new Set(asked.slice(1_000))).toEqual(new Set([undefined]));
      expect(meanwhile).toBe('otherwise');
      expect(new Set(await settled(asked))).toEqual(new Set([undefined]));
      expect(performance.now() - start).toBeLessThan(2_000);
      // Their places are free: this one looks, and is given up itself.
      const next = source({ token: 'tok', host: 'b.example' });
      expect(next).toBeInstanceOf(Promise);
      expect(await next).toBe('otherwise');
    } finally {
      release();
    }
    await until('it is found', async () => (await source(wanted)) === keyAuthorization);
  });

  /** As a file system does whose server is away: nothing that is asked of any comes back before the release. */
  async function hangFiles(): Promise<() => void> {
    const pipe = join(directory.path, 'pipe');
    await runOrThrow('mkfifo', [pipe]);
    const opened = Array.from({ length: 4 }, async () => await open(pipe, 'r'));
    return () => {
      const writer = openSync(pipe, constants.O_RDWR);
      void Promise.all(opened.map(async (each) => await (await each).close())).then(() => closeSync(writer));
    };
  }
});
