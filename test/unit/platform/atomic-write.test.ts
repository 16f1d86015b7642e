import {
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileAtomic, syncDirectory, writeFileAtomic } from '../../../src-node/platform/atomic-write.js';
import { until } from '../../support/child.js';
import { temporaryDirectory } from '../../support/temporary.js';
import { isRoot, codeUnprivileged } from '../../support/unprivileged.js';

let directory: ReturnType<typeof temporaryDirectory>;
let file: string;
beforeEach(() => {
  directory = temporaryDirectory();
  file = join(directory.path, 'file');
});
afterEach(() => directory.remove());

const mode = (path: string): number => statSync(path).mode & 0o7777;
const list = (): string[] => readdirSync(directory.path);

describe('writeFileAtomic', () => {
  it.each([0o600, 0o644, 0o640, 0o400])('gives the mode %o whatever the umask, and over another one', async (bits) => {
    for (const umask of [0, 0o077, 0o777]) {
      const before = process.umask(umask);
      try {
        await writeFileAtomic(file, 'x', { mode: bits });
      } finally {
        process.umask(before);
      }
      expect(mode(file)).toBe(bits);
    }
    expect(list()).toEqual(['file']);
  });

  it('is never readable by others on the way, where it is not to be', async () => {
    const modes = new Set<number>();
    const watcher = watch(directory.path, (_, name) => {
      const found = statSync(join(directory.path, name ?? ''), { throwIfNoEntry: false });
      if (found !== undefined) modes.add(found.mode & 0o077);
    });
    const umask = process.umask(0);
    try {
      await writeFileAtomic(file, 'x'.repeat(100_000), { mode: 0o600 });
    } finally {
      process.umask(umask);
    }
    await until('the file is seen', () => modes.size > 0);
    watcher.close();
    expect([...modes]).toEqual([0]);
  });

  it('shows a reader the old content or the new, whole', async () => {
    const [old, fresh] = ['o'.repeat(300_000), 'n'.repeat(300_000)];
    writeFileSync(file, old);
    const controller = new AbortController();
    const torn: string[] = [];
    let looks = 0;
    const reader = (async () => {
      while (!controller.signal.aborted) {
        const text = readFileSync(file, 'utf8');
        if (text !== old && text !== fresh) torn.push(text.slice(0, 10));
        looks += 1;
        await new Promise(setImmediate);
      }
    })();
    for (let turn = 0; turn < 20; turn += 1) await writeFileAtomic(file, turn % 2 === 0 ? fresh : old, { mode: 0o600 });
    controller.abort();
    await reader;
    expect(torn).toEqual([]);
    expect(looks).toBeGreaterThan(20);
  });

  it('keeps the old file open to who had it open, and takes bytes as they are', async () => {
    const bytes = Buffer.from([0, 255, 13, 10, 0xc3]);
    await writeFileAtomic(file, bytes, { mode: 0o600 });
    expect(readFileSync(file).equals(bytes)).toBe(true);
    await writeFileAtomic(file, '', { mode: 0o600 });
    expect(readFileSync(file)).toHaveLength(0);
  });

  it('replaces a link and does not write through it', async () => {
    writeFileSync(join(directory.path, 'target'), 'old');
    symlinkSync('target', file);
    await writeFileAtomic(file, 'new', { mode: 0o600 });
    expect(readFileSync(join(directory.path, 'target'), 'utf8')).toBe('old');
    expect(() => readlinkSync(file)).toThrow();
  });

  it.runIf(isRoot)('gives the file to its owner', async () => {
    await writeFileAtomic(file, 'x', { mode: 0o640, owner: { uid: 1234, gid: 4321 } });
    expect(statSync(file)).toMatchObject({ uid: 1234, gid: 4321 });
    expect(mode(file)).toBe(0o640);
  });

  it('leaves the old file and nothing else on every error', async () => {
    await expect(writeFileAtomic(join(directory.path, 'no/file'), 'x', { mode: 0o600 })).rejects.toMatchObject({
      code: 'ENOENT',
    });
    mkdirSync(join(directory.path, 'taken/full'), { recursive: true });
    await expect(writeFileAtomic(join(directory.path, 'taken'), 'x', { mode: 0o600 })).rejects.toThrow();
    expect(list()).toEqual(['taken']);
  });

  it('leaves the old file and nothing else where it may not be given away', async () => {
    const own = join(directory.path, 'own');
    mkdirSync(own);
    writeFileSync(join(own, 'file'), 'old');
    const write = `m.writeFileAtomic(${JSON.stringify(join(own, 'file'))}, 'x', { mode: 0o600, owner: { uid: 1, gid: 1 } })`;
    expect(await codeUnprivileged('platform/atomic-write.ts', write)).toBe('EPERM');
    expect(readdirSync(own)).toEqual(['file']);
    expect(readFileSync(join(own, 'file'), 'utf8')).toBe('old');
  });

  it('is safe to do many times at once', async () => {
    const texts = Array.from({ length: 30 }, (_, index) => String(index).repeat(1_000));
    await Promise.all(texts.map(async (text) => await writeFileAtomic(file, text, { mode: 0o600 })));
    expect(texts).toContain(readFileSync(file, 'utf8'));
    expect(list()).toEqual(['file']);
  });
});

describe('syncDirectory', () => {
  it('is quiet about a directory that cannot be flushed', async () => {
    await syncDirectory(directory.path);
    await syncDirectory(join(directory.path, 'missing'));
  });
});

describe('createFileAtomic', () => {
  it('makes a file of its mode, and nothing beside it', async () => {
    expect(await createFileAtomic(file, 'new', { mode: 0o640 })).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect([mode(file), statSync(file).nlink, list()]).toEqual([0o640, 1, ['file']]);
  });

  it('leaves what has the name: a file, a directory, a link that leads nowhere', async () => {
    writeFileSync(file, 'old');
    mkdirSync(join(directory.path, 'directory'));
    symlinkSync('nowhere', join(directory.path, 'link'));
    for (const name of ['file', 'directory', 'link']) {
      expect(await createFileAtomic(join(directory.path, name), 'new', { mode: 0o600 })).toBe(false);
    }
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(list().sort()).toEqual(['directory', 'file', 'link']);
  });

  it('is made once of many at once, whole', async () => {
    const contents = Array.from({ length: 20 }, (_, index) => String(index).repeat(1000));
    const made = await Promise.all(
      contents.map(async (content) => await createFileAtomic(file, content, { mode: 0o600 })),
    );
    expect(made.filter(Boolean)).toHaveLength(1);
    expect(readFileSync(file, 'utf8')).toBe(contents[made.indexOf(true)]);
    expect(list()).toEqual(['file']);
  });

  it('leaves nothing where it fails', async () => {
    const away = join(directory.path, 'no/file');
    await expect(createFileAtomic(away, 'x', { mode: 0o600 })).rejects.toMatchObject({ code: 'ENOENT' });
    expect(list()).toEqual([]);
  });
});
