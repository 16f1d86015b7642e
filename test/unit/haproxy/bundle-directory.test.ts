import {
  chmodSync,
  chownSync,
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
import { bundlePath, placeBundle } from '../../../src-node/haproxy/bundle-directory.js';
import { until } from '../../support/child.js';
import { temporaryDirectory } from '../../support/temporary.js';
import { isRoot, codeUnprivileged } from '../../support/unprivileged.js';

let directory: ReturnType<typeof temporaryDirectory>;
let certs: string;
let file: string;

beforeEach(() => {
  directory = temporaryDirectory();
  chmodSync(directory.path, 0o755);
  certs = join(directory.path, 'certs');
  mkdirSync(certs);
  file = join(certs, 'a.example.pem');
});
afterEach(() => directory.remove());

const mode = (path: string): number => statSync(path).mode & 0o7777;
const code = (wanted: string): unknown => expect.objectContaining({ name: 'DeployError', code: wanted });

describe('placeBundle', () => {
  it('writes NAME.pem, 0600 whatever the umask', async () => {
    const umask = process.umask(0);
    try {
      const placed = await placeBundle(join(certs, 'a.example.pem'), 'new');
      expect(placed).toMatchObject({ path: file, previous: undefined });
      await placed.keep();
    } finally {
      process.umask(umask);
    }
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(mode(file)).toBe(0o600);
    expect(readdirSync(certs)).toEqual(['a.example.pem']);
  });

  it('is 0600 over a file that others could read', async () => {
    writeFileSync(file, 'old', { mode: 0o644 });
    await placeBundle(join(certs, 'a.example.pem'), 'new');
    expect(mode(file)).toBe(0o600);
  });

  it.runIf(isRoot)('keeps the owner of the file that it replaces, and restores all of it', async () => {
    writeFileSync(file, 'old');
    chownSync(file, 1234, 4321);
    chmodSync(file, 0o640);
    const placed = await placeBundle(join(certs, 'a.example.pem'), 'new');
    expect(statSync(file)).toMatchObject({ uid: 1234, gid: 4321 });
    await placed.restore();
    expect(statSync(file)).toMatchObject({ uid: 1234, gid: 4321 });
    expect(mode(file)).toBe(0o640);
  });

  it('uses no name meanwhile that HAProxy would load from the directory', async () => {
    const names = new Set<string>();
    const watcher = watch(certs, (_, name) => names.add(name ?? ''));
    await placeBundle(join(certs, 'a.example.pem'), 'new');
    await until('the directory is seen to change', () => names.has('a.example.pem'));
    watcher.close();
    expect([...names].filter((name) => name !== 'a.example.pem' && !name.startsWith('.'))).toEqual([]);
  });

  it('clears away what a killed run has left of the same bundle, which may hold a key, and nothing else', async () => {
    const unfinished = ['.a.example.pem.0123456789ab', '..a.example.pem.previous.0123456789ab'];
    const others = ['.b.example.pem.0123456789ab', '.a.example.pem.bak', 'b.example.pem'];
    for (const name of [...unfinished, ...others]) writeFileSync(join(certs, name), 'x');
    await (await placeBundle(file, 'new')).keep();
    expect(readdirSync(certs).sort()).toEqual([...others, 'a.example.pem'].sort());
  });

  it('gives a lineage with a wildcard in its name a file without one', async () => {
    expect(bundlePath({ certDir: '/c', bundle: undefined }, '*.a.example')).toBe('/c/_.a.example.pem');
    await (await placeBundle(join(certs, '_.a.example.pem'), 'new')).keep();
    expect(readdirSync(certs)).toEqual(['_.a.example.pem']);
  });

  it.each<[string, () => void, string]>([
    ['is missing', () => rmSync(certs, { recursive: true }), 'cert-dir-missing'],
    [
      'is a file',
      () => {
        rmSync(certs, { recursive: true });
        writeFileSync(certs, '');
      },
      'cert-dir-missing',
    ],
    ['has a directory of that name', () => mkdirSync(file), 'cert-dir-not-writable'],
  ])('says what is wrong with a directory that %s', async (_, spoil, wanted) => {
    spoil();
    await expect(placeBundle(join(certs, 'a.example.pem'), 'new')).rejects.toThrow(code(wanted));
  });

  it('leaves the old bundle and nothing else where it may not write', async () => {
    writeFileSync(file, 'old', { mode: 0o644 });
    chmodSync(certs, 0o555);
    const place = `m.placeBundle(${JSON.stringify(join(certs, 'a.example.pem'))}, 'new')`;
    expect(await codeUnprivileged('haproxy/bundle-directory.ts', place)).toBe('cert-dir-not-writable');
    chmodSync(certs, 0o755);
    expect(readdirSync(certs)).toEqual(['a.example.pem']);
    expect(readFileSync(file, 'utf8')).toBe('old');
  });
});

describe('restore', () => {
  it('gives back every byte of what was there', async () => {
    const old = Buffer.from([0, 255, 10, 13, 10, 128, 0xc3, 0x28]);
    writeFileSync(file, old);
    const placed = await placeBundle(join(certs, 'a.example.pem'), 'new');
    await placed.restore();
    expect(readFileSync(file).equals(old)).toBe(true);
    expect(readdirSync(certs)).toEqual(['a.example.pem']);
  });

  it('removes what was not there', async () => {
    const placed = await placeBundle(join(certs, 'a.example.pem'), 'new');
    await placed.restore();
    expect(readdirSync(certs)).toEqual([]);
    await placed.restore();
  });

  it('gives back what was seen through a link', async () => {
    const target = join(directory.path, 'elsewhere.pem');
    writeFileSync(target, 'old');
    symlinkSync(target, file);
    const placed = await placeBundle(join(certs, 'a.example.pem'), 'new');
    expect(readFileSync(target, 'utf8')).toBe('old');
    await placed.restore();
    expect(readFileSync(file, 'utf8')).toBe('old');
  });

  it('goes back over a run that was killed to what was there before it', async () => {
    writeFileSync(file, 'old', { mode: 0o640 });
    await placeBundle(file, 'new');
    const placed = await placeBundle(file, 'newer');
    expect(placed.previous).toBe('old');
    expect(readFileSync(file, 'utf8')).toBe('newer');
    await placed.restore();
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(mode(file)).toBe(0o640);
    expect(readdirSync(certs)).toEqual(['a.example.pem']);
  });

  it('leaves nothing where nothing was before a run that was killed', async () => {
    await placeBundle(file, 'new');
    await (await placeBundle(file, 'new')).restore();
    expect(readdirSync(certs)).toEqual([]);
  });

  it('says where it cannot', async () => {
    writeFileSync(file, 'old');
    const placed = await placeBundle(join(certs, 'a.example.pem'), 'new');
    rmSync(certs, { recursive: true });
    await expect(placed.restore()).rejects.toThrow(code('cert-dir-not-writable'));
  });
});
