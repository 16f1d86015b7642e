import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeLive, saveArchive } from '../../../src-node/lineage/version-files.js';
import { archivedVersions } from '../../../src-node/lineage/whole-version.js';
import { temporaryDirectory } from '../../support/temporary.js';

const asRoot = process.getuid?.() === 0;
let directory: ReturnType<typeof temporaryDirectory>;
let archive: string;
let live: string;

beforeEach(() => {
  directory = temporaryDirectory();
  archive = join(directory.path, 'archive/a.example');
  live = join(directory.path, 'live/a.example');
  mkdirSync(join(directory.path, 'live'));
});
afterEach(() => directory.remove());

const content = (version: number): { leaf: string; intermediates: string; privateKey: string } => ({
  leaf: `leaf ${version}\n`,
  intermediates: `chain ${version}\n`,
  privateKey: `key ${version}\n`,
});
const mode = (path: string): number => statSync(path).mode & 0o7777;
const save = async (version: number): Promise<void> => {
  await saveArchive(archive, version, content(version));
  await makeLive({ live, archive, version });
};

describe('saveArchive', () => {
  it('writes the four files, fullchain being cert and chain byte for byte, with modes whatever the umask', async () => {
    const umask = process.umask(0o077);
    try {
      await saveArchive(archive, 1, content(1));
    } finally {
      process.umask(umask);
    }
    expect(readdirSync(archive).sort()).toEqual(['cert1.pem', 'chain1.pem', 'fullchain1.pem', 'privkey1.pem']);
    expect(readFileSync(join(archive, 'fullchain1.pem'), 'utf8')).toBe('leaf 1\nchain 1\n');
    expect(mode(archive)).toBe(0o700);
    expect(mode(join(archive, 'privkey1.pem'))).toBe(0o600);
    for (const kind of ['cert', 'chain', 'fullchain']) expect(mode(join(archive, `${kind}1.pem`))).toBe(0o644);
  });

  it.each([
    [0o640, 0o640],
    [0o644, 0o644],
    [0o600, 0o600],
    [0o000, 0o600],
    [0o777, 0o674],
  ])("gives a renewed key the group's bits and the world's read bit of a key of mode %o: %o", async (before, after) => {
    await saveArchive(archive, 1, content(1));
    chmodSync(join(archive, 'privkey1.pem'), before);
    await saveArchive(archive, 2, content(2));
    expect(mode(join(archive, 'privkey2.pem'))).toBe(after);
    expect(mode(join(archive, 'privkey1.pem'))).toBe(before);
  });

  it.runIf(asRoot)('gives a renewed key the owner and group of the one before', async () => {
    await saveArchive(archive, 1, content(1));
    chownSync(join(archive, 'privkey1.pem'), 1234, 4321);
    await saveArchive(archive, 2, content(2));
    expect(statSync(join(archive, 'privkey2.pem'))).toMatchObject({ uid: 1234, gid: 4321 });
    expect(statSync(join(archive, 'cert2.pem'))).toMatchObject({ uid: 0, gid: 0 });
  });
});

describe('archivedVersions', () => {
  it('finds numbers by any of the four files, and nothing in what is not there', async () => {
    expect(await archivedVersions(archive)).toEqual([]);
    mkdirSync(archive, { recursive: true });
    for (const name of ['cert1.pem', 'privkey10.pem', 'cert.pem', 'notes3.txt', '.cert9.pem.abc', 'cert0.pem']) {
      writeFileSync(join(archive, name), '');
    }
    expect([...(await archivedVersions(archive))].sort()).toEqual([1, 10]);
  });
});

describe('makeLive', () => {
  it("makes certbot's relative links, a README, and nothing else", async () => {
    await save(1);
    expect(readlinkSync(join(live, 'privkey.pem'))).toBe('../../archive/a.example/privkey1.pem');
    expect(readdirSync(live).sort()).toEqual(['README', 'cert.pem', 'chain.pem', 'fullchain.pem', 'privkey.pem']);
    expect(mode(live)).toBe(0o755);
    expect(readdirSync(join(directory.path, 'live'))).toEqual(['a.example']);
  });

  it('keeps what else is in the directory, and its mode and owner', async () => {
    await save(1);
    writeFileSync(join(live, 'README'), 'mine');
    writeFileSync(join(live, 'haproxy.pem'), 'bundle', { mode: 0o640 });
    symlinkSync('fullchain.pem', join(live, 'alias.pem'));
    mkdirSync(join(live, 'notes'));
    writeFileSync(join(live, 'notes/a'), 'note');
    chmodSync(live, 0o2750);
    if (asRoot) chownSync(live, 1234, 4321);
    await save(2);
    expect(readFileSync(join(live, 'README'), 'utf8')).toBe('mine');
    expect(readFileSync(join(live, 'haproxy.pem'), 'utf8')).toBe('bundle');
    expect(mode(join(live, 'haproxy.pem'))).toBe(0o640);
    expect(readlinkSync(join(live, 'alias.pem'))).toBe('fullchain.pem');
    expect(readFileSync(join(live, 'notes/a'), 'utf8')).toBe('note');
    expect(mode(live)).toBe(0o2750);
    if (asRoot) expect(statSync(live)).toMatchObject({ uid: 1234, gid: 4321 });
    expect(readFileSync(join(live, 'cert.pem'), 'utf8')).toBe('leaf 2\n');
    expect(readdirSync(join(directory.path, 'live'))).toEqual(['a.example']);
  });

  it('clears away what a run that was killed left behind', async () => {
    await save(1);
    const left = join(directory.path, 'live/.a.example.next');
    mkdirSync(left);
    symlinkSync('nowhere', join(left, 'cert.pem'));
    await save(2);
    expect(readFileSync(join(live, 'cert.pem'), 'utf8')).toBe('leaf 2\n');
    expect(readdirSync(join(directory.path, 'live'))).toEqual(['a.example']);
  });

  it('never shows a reader a missing file, nor a directory of two versions', async () => {
    await save(1);
    const version = (kind: string): string | undefined => /\d+/.exec(readlinkSync(join(live, `${kind}.pem`)))?.[0];
    const torn: string[] = [];
    let looks = 0;
    const writer = new AbortController();
    const reader = (async () => {
      while (!writer.signal.aborted) {
        const [before, key, chain, after] = [
          version('cert'),
          version('privkey'),
          version('fullchain'),
          version('cert'),
        ];
        // Where the directory changed during the look, its parts may differ; else they must be of one version.
        if (before === after && (key !== before || chain !== before)) torn.push(`${before ?? ''} ${key ?? ''}`);
        looks += 1;
        if (looks % 20 === 0) await new Promise(setImmediate);
      }
    })();
    for (let number = 2; number < 60; number += 1) await save(number);
    writer.abort();
    await reader;
    expect(torn).toEqual([]);
    expect(looks).toBeGreaterThan(1_000);
  });
});
