import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { letsencryptStore } from '../../../src-node/lineage/letsencrypt-directory.js';
import type { LineageStore } from '../../../src-node/lineage/lineage-store.js';
import { temporaryDirectory } from '../../support/temporary.js';
import { testCertificate, type TestCertificate } from '../../support/test-certificate.js';
import { testSettings } from '../../support/test-lineage.js';

const name = 'a.example';
let directory: ReturnType<typeof temporaryDirectory>;
let root: string;
let store: LineageStore;
let content: TestCertificate;

beforeEach(async () => {
  directory = temporaryDirectory();
  root = join(directory.path, 'le');
  store = letsencryptStore(root, '9.9.9');
  content = await testCertificate({ names: [name] });
});
afterEach(() => directory.remove());

const at = (...parts: string[]): string => join(root, ...parts);
const conf = (certName: string): string => at('renewal', `${certName}.conf`);
const save = async (certName = name): Promise<void> => {
  await store.saveVersion(certName, content, testSettings());
};
const link = (kind: string, version: number): void => {
  rmSync(at('live', name, `${kind}.pem`), { force: true });
  symlinkSync(`../../archive/${name}/${kind}${version}.pem`, at('live', name, `${kind}.pem`));
};
const linked = (kind: string): string => readlinkSync(at('live', name, `${kind}.pem`));
const kinds = ['cert', 'privkey', 'chain', 'fullchain'] as const;

/** What `list` says is what `repair` mends, and then there is nothing more to mend. */
async function repaired(): Promise<readonly string[]> {
  const { repairable } = await store.list();
  const repairs = await store.repair();
  expect(repairs.map(({ certName }) => certName)).toEqual(repairable);
  for (const { certName, text } of repairs) expect(text).toContain(certName);
  expect(await store.repair()).toEqual([]);
  expect((await store.list()).repairable).toEqual([]);
  return repairable;
}

/** The README of live/ itself stays. */
function expectNothingLeft(): void {
  const left = ['renewal', 'live', 'archive'].flatMap((part) => readdirSync(at(part)));
  expect(left.filter((file) => file !== 'README')).toEqual([]);
}

async function expectUsable(version: number): Promise<void> {
  const { lineages } = await store.list();
  expect(lineages.map((lineage) => [lineage.certName, lineage.version])).toEqual([[name, version]]);
  for (const kind of kinds) expect(linked(kind)).toBe(`../../archive/${name}/${kind}${version}.pem`);
}

describe('repair', () => {
  it('has nothing to do where nothing is wrong, nor where there is nothing', async () => {
    expect(await repaired()).toEqual([]);
    await save();
    await save();
    expect(await repaired()).toEqual([]);
    await expectUsable(2);
  });

  it.each([['cert'], ['privkey'], ['chain'], ['fullchain']])(
    'links the newest whole version where %s alone is of another version, is missing or leads nowhere',
    async (kind) => {
      await save();
      await save();
      link(kind, 1);
      expect(await repaired()).toEqual([name]);
      await expectUsable(2);
      rmSync(at('live', name, `${kind}.pem`));
      expect(await repaired()).toEqual([name]);
      await expectUsable(2);
      link(kind, 7);
      expect(await repaired()).toEqual([name]);
      await expectUsable(2);
    },
  );

  it.each([['cert'], ['privkey'], ['chain'], ['fullchain']])(
    'goes back to the version before where %s of the live one is empty, and leaves that alone',
    async (kind) => {
      await save();
      await save();
      truncateSync(at('archive', name, `${kind}2.pem`));
      expect(await repaired()).toEqual([name]);
      await expectUsable(1);
      expect(existsSync(at('archive', name, 'cert2.pem'))).toBe(true);
      await save();
      await expectUsable(3);
    },
  );

  it('goes on to a whole version that is not live, and not to one whose files do not belong together', async () => {
    await save();
    await save();
    for (const kind of kinds) link(kind, 1);
    expect(await repaired()).toEqual([name]);
    await expectUsable(2);
    for (const kind of kinds) {
      const text = readFileSync(at('archive', name, `${kind}2.pem`), 'utf8');
      writeFileSync(at('archive', name, `${kind}3.pem`), kind === 'fullchain' ? text.slice(0, -40) : text);
    }
    expect(await repaired()).toEqual([]);
    const other = await testCertificate({ names: [name] });
    writeFileSync(at('archive', name, 'fullchain3.pem'), content.chain);
    writeFileSync(at('archive', name, 'privkey3.pem'), other.privateKey);
    expect(await repaired()).toEqual([]);
    await expectUsable(2);
  });

  it('makes live/ anew, and keeps what a user has in it, but for the links that certbot left', async () => {
    await save();
    writeFileSync(at('live', name, 'mine.pem'), 'mine');
    symlinkSync('cert.pem', at('live', name, 'previous_cert.pem'));
    rmSync(at('live', name, 'cert.pem'));
    expect(await repaired()).toEqual([name]);
    await expectUsable(1);
    expect(readdirSync(at('live', name)).sort()).toEqual([
      ...['README', 'cert.pem', 'chain.pem', 'fullchain.pem', 'mine.pem', 'privkey.pem'],
    ]);
    rmSync(at('live'), { recursive: true });
    expect(await repaired()).toEqual([name]);
    await expectUsable(1);
  });

  it('brings back a directory of the user that a run, killed between two steps, had yet to move', async () => {
    await save();
    cpSync(at('live', name), at('live', `.${name}.next`), { recursive: true, verbatimSymlinks: true });
    mkdirSync(at('live', `.${name}.next/notes`));
    writeFileSync(at('live', `.${name}.next/notes/a`), 'note');
    await save();
    await expectUsable(2);
    expect(readFileSync(at('live', name, 'notes/a'), 'utf8')).toBe('note');
    expect(readdirSync(at('live')).sort()).toEqual(['README', name]);
  });

  it("leaves alone a user's own file in the place of a link", async () => {
    await save();
    rmSync(at('live', name, 'cert.pem'));
    writeFileSync(at('live', name, 'cert.pem'), 'mine');
    expect(await repaired()).toEqual([]);
    expect((await store.list()).broken.map(({ certName }) => certName)).toEqual([name]);
  });

  it('removes an empty configuration and what belongs to it, so that the name is free', async () => {
    mkdirSync(at('renewal'), { recursive: true });
    mkdirSync(at('archive', name), { recursive: true });
    mkdirSync(at('live', name), { recursive: true });
    for (const kind of kinds) link(kind, 1);
    writeFileSync(at('archive', name, 'privkey1.pem'), content.privateKey);
    writeFileSync(conf(name), '');
    expect(await repaired()).toEqual([name]);
    expectNothingLeft();
  });

  it('keeps the certificate where only its configuration was not written', async () => {
    await save();
    writeFileSync(conf(name), '');
    expect(await repaired()).toEqual([name]);
    expect(readdirSync(at('renewal'))).toEqual([]);
    expect(readFileSync(at('live', name, 'fullchain.pem'), 'utf8')).toBe(content.chain);
    await save();
    await expectUsable(2);
  });

  it('puts a configuration that is cut off aside, and leaves one alone that names no server', async () => {
    await save();
    writeFileSync(conf(name), 'version = 2.1.0\narchive_d');
    expect(await repaired()).toEqual([name]);
    expect(readdirSync(at('renewal'))).toEqual([`${name}.conf.unfinished`]);
    writeFileSync(conf(name), 'version = 2.1.0\n');
    expect(await repaired()).toEqual([]);
    expect((await store.list()).broken.map(({ certName }) => certName)).toEqual([name]);
  });

  it('says what it cannot mend, and mends the next', async () => {
    await save('b.example');
    await save();
    rmSync(at('live'), { recursive: true });
    mkdirSync(at('live'));
    // No directory can take the place of a link that leads nowhere.
    symlinkSync('nowhere', at('live/b.example'));
    const repairs = await store.repair();
    expect(repairs.map(({ certName }) => certName)).toEqual([name, 'b.example']);
    expect((await store.list()).lineages.map(({ certName }) => certName)).toEqual([name]);
  });
});

describe('remove', () => {
  it("removes all of a lineage, and neither another one nor a user's file in live/", async () => {
    await save();
    await save('b.example');
    writeFileSync(at('live', name, 'mine.pem'), 'mine');
    await store.remove(name);
    expect(readdirSync(at('renewal'))).toEqual(['b.example.conf']);
    expect(readdirSync(at('archive'))).toEqual(['b.example']);
    expect(readdirSync(at('live', name))).toEqual(['mine.pem']);
    await store.remove('b.example');
    expect(['renewal', 'archive'].map((part) => readdirSync(at(part)))).toEqual([[], []]);
    expect(readdirSync(at('live')).sort()).toEqual(['README', name]);
    await store.remove('unknown');
  });

  it('removes a broken lineage', async () => {
    await save();
    rmSync(at('live', name), { recursive: true });
    writeFileSync(conf(name), 'garbage');
    await store.remove(name);
    expectNothingLeft();
  });

  it('refuses while another lineage keeps its versions in the same directory, by whatever path', async () => {
    await save();
    symlinkSync(at('archive'), at('alias'));
    const text = readFileSync(conf(name), 'utf8').replace(at('archive', name), at('alias', name));
    writeFileSync(conf('b.example'), text);
    await expect(store.remove(name)).rejects.toMatchObject({ code: 'archive-shared' });
    await expect(store.remove('b.example')).rejects.toMatchObject({ code: 'archive-shared' });
    await expectLinked();
  });

  const expectLinked = async (): Promise<void> => {
    expect((await store.list()).lineages.map(({ certName }) => certName)).toEqual([name, 'b.example']);
  };

  it('takes only versions from a directory outside archive/', async () => {
    await save();
    const elsewhere = join(directory.path, 'elsewhere');
    cpSync(at('archive', name), elsewhere, { recursive: true });
    writeFileSync(join(elsewhere, 'letter.txt'), 'mine');
    writeFileSync(conf(name), readFileSync(conf(name), 'utf8').replace(at('archive', name), elsewhere));
    await store.remove(name);
    expect(readdirSync(elsewhere)).toEqual(['letter.txt']);
  });

  it('is finished by repair, or by the next version of that name, when it was interrupted', async () => {
    const interrupted = async (): Promise<void> => {
      await save();
      cpSync(conf(name), at('renewal', `.${name}.conf.deleted`));
      rmSync(conf(name));
      rmSync(at('live', name, 'cert.pem'));
    };
    await interrupted();
    expect(await repaired()).toEqual([name]);
    expectNothingLeft();
    await interrupted();
    await save();
    await expectUsable(1);
    expect(readdirSync(at('renewal'))).toEqual([`${name}.conf`]);
    await interrupted();
    await store.remove(name);
    expect(readdirSync(at('renewal'))).toEqual([]);
  });
});
