import { noHaproxy } from '../../../src-node/lineage/haproxy-settings.js';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freeCertName, letsencryptStore } from '../../../src-node/lineage/letsencrypt-directory.js';
import type { RenewalSettings } from '../../../src-node/lineage/lineage.js';
import type { LineageStore } from '../../../src-node/lineage/lineage-store.js';
import { runOrThrow } from '../../support/child.js';
import { testSettings } from '../../support/test-lineage.js';
import { temporaryDirectory } from '../../support/temporary.js';
import { testCertificate } from '../../support/test-certificate.js';

let directory: ReturnType<typeof temporaryDirectory>;
let root: string;
let store: LineageStore;

beforeEach(() => {
  directory = temporaryDirectory();
  root = join(directory.path, 'le');
  store = letsencryptStore(root, '9.9.9');
});
afterEach(() => directory.remove());

const settings: RenewalSettings = testSettings({
  account: 'a'.repeat(32),
  webrootMap: { 'a.example': '/w' },
  haproxy: { ...noHaproxy, certDir: '/certs' },
});
const content = (version: number): { leaf: string; intermediates: string; privateKey: string } => ({
  leaf: `leaf ${version}\n`,
  intermediates: `chain ${version}\n`,
  privateKey: `key ${version}\n`,
});
const mode = (path: string): number => statSync(path).mode & 0o7777;
const at = (...parts: string[]): string => join(root, ...parts);
const text = (...parts: string[]): string => readFileSync(at(...parts), 'utf8');

describe('saveVersion', () => {
  it('makes a new lineage in the layout and with the modes of certbot', async () => {
    const lineage = await store.saveVersion('a.example', content(1), settings);
    expect(lineage).toMatchObject({ certName: 'a.example', version: 1, deployedVersion: undefined, settings });
    expect(readdirSync(root).sort()).toEqual(['archive', 'live', 'renewal']);
    expect(['renewal', 'live', 'archive', 'live/a.example', 'archive/a.example'].map((path) => mode(at(path)))).toEqual(
      [0o755, 0o700, 0o700, 0o755, 0o755],
    );
    expect(readlinkSync(at('live/a.example/cert.pem'))).toBe('../../archive/a.example/cert1.pem');
    expect(mode(at('renewal/a.example.conf'))).toBe(0o644);
    expect(text('renewal/a.example.conf').split('\n').slice(0, 6)).toEqual([
      'version = 9.9.9',
      `archive_dir = ${at('archive/a.example')}`,
      ...['cert', 'privkey', 'chain', 'fullchain'].map((kind) => `${kind} = ${at('live/a.example', `${kind}.pem`)}`),
    ]);
  });

  it('is listed by certbot itself', async () => {
    const { leaf, intermediates, privateKey } = await testCertificate({ names: ['a.example', 'b.example'] });
    await store.saveVersion('a.example', { leaf, intermediates, privateKey }, settings);
    const directories = ['--config-dir', root, '--work-dir', at('../work'), '--logs-dir', at('../logs')];
    const listing = await runOrThrow('certbot', ['certificates', ...directories]);
    expect(listing).toContain('Certificate Name: a.example\n');
    expect(listing).toContain('Domains: a.example b.example\n');
    expect(listing).toContain(`Private Key Path: ${at('live/a.example/privkey.pem')}\n`);
    expect(listing).not.toContain('The following renewal configurations were invalid');
  });

  it('adds versions, and keeps the version that certbot noted and what the user wrote', async () => {
    await store.saveVersion('a.example', content(1), settings);
    const conf = text('renewal/a.example.conf').replace('9.9.9', '2.1.0');
    writeFileSync(at('renewal/a.example.conf'), `# mine\n${conf}[mine]\nk = v\n`);
    chmodSync(at('renewal/a.example.conf'), 0o600);
    const lineage = await store.saveVersion('a.example', content(2), settings);
    expect(lineage.version).toBe(2);
    expect(text('live/a.example/fullchain.pem')).toBe('leaf 2\nchain 2\n');
    expect(text('archive/a.example/privkey1.pem')).toBe('key 1\n');
    expect(text('renewal/a.example.conf')).toBe(`# mine\n${conf}[mine]\nk = v\n`);
    expect(mode(at('renewal/a.example.conf'))).toBe(0o600);
  });

  it('obeys archive_dir and the live paths of the configuration', async () => {
    await store.saveVersion('a.example', content(1), settings);
    const [archive, live] = [join(directory.path, 'elsewhere/archive'), join(directory.path, 'elsewhere/live/a')];
    mkdirSync(join(directory.path, 'elsewhere/live'), { recursive: true });
    const moved = text('renewal/a.example.conf')
      .replace(at('archive/a.example'), archive)
      .replaceAll(at('live/a.example'), live);
    writeFileSync(at('renewal/a.example.conf'), moved);
    const lineage = await store.saveVersion('a.example', content(1), settings);
    expect(lineage.live.cert).toBe(join(live, 'cert.pem'));
    expect(lineage.version).toBe(1);
    expect(readFileSync(lineage.live.privkey, 'utf8')).toBe('key 1\n');
    expect(existsSync(join(archive, 'privkey1.pem'))).toBe(true);
    expect(text('renewal/a.example.conf')).toBe(moved);
  });

  it('takes over what an interrupted first issuance left in live/ and archive/', async () => {
    await store.saveVersion('a.example', content(1), settings);
    rmSync(at('renewal/a.example.conf'));
    expect(await store.list()).toEqual({ lineages: [], broken: [], repairable: [] });
    const lineage = await store.saveVersion('a.example', content(2), settings);
    expect(lineage.version).toBe(2);
    expect(text('live/a.example/privkey.pem')).toBe('key 2\n');
    expect((await store.list()).lineages.map(({ certName }) => certName)).toEqual(['a.example']);
  });

  it('says storage-not-writable and leaves live/ as it was where the disk does not take it', async () => {
    await store.saveVersion('a.example', content(1), settings);
    // Root may write anywhere, so that a file in the place of a directory stands for what cannot be written.
    rmSync(at('archive/a.example'), { recursive: true });
    writeFileSync(at('archive/a.example'), 'a file');
    await expect(store.saveVersion('a.example', content(2), settings)).rejects.toMatchObject({
      code: 'storage-not-writable',
    });
    expect(readlinkSync(at('live/a.example/cert.pem'))).toBe('../../archive/a.example/cert1.pem');
    writeFileSync(join(directory.path, 'file'), '');
    await expect(
      letsencryptStore(join(directory.path, 'file'), '1').saveVersion('a', content(1), settings),
    ).rejects.toMatchObject({ code: 'storage-not-writable' });
  });
});

describe('list', () => {
  it('is empty where there is nothing yet, and makes nothing', async () => {
    expect(await store.list()).toEqual({ lineages: [], broken: [], repairable: [] });
    expect(existsSync(root)).toBe(false);
  });

  it('lists broken ones apart, with the file and the reason, and goes on', async () => {
    for (const name of ['good.example', 'dangling', 'foreign', 'serverless']) {
      await store.saveVersion(name, content(1), settings);
    }
    rmSync(at('live/dangling'), { recursive: true });
    rmSync(at('live/foreign/cert.pem'));
    writeFileSync(at('live/foreign/cert.pem'), 'a file, not a link');
    writeFileSync(at('renewal/serverless.conf'), text('renewal/serverless.conf').replace(/server = .*/, ''));
    writeFileSync(at('renewal/empty.conf'), '');
    mkdirSync(at('renewal/directory.conf'));
    writeFileSync(at('renewal/.good.example.conf.0f'), 'half of a file that was being written');
    writeFileSync(at('renewal/good.example.conf~'), 'a backup');
    const { lineages, broken } = await store.list();
    expect(lineages.map(({ certName }) => certName)).toEqual(['good.example']);
    const names = ['dangling', 'directory', 'empty', 'foreign', 'serverless'];
    expect(broken.map(({ certName }) => certName)).toEqual(names);
    for (const { confFile, reason, certName } of broken) {
      expect(confFile).toBe(at('renewal', `${certName}.conf`));
      expect(reason).toContain(confFile);
    }
  });

  it('tells of a renewal directory that cannot be read', async () => {
    mkdirSync(root);
    writeFileSync(at('renewal'), 'a file');
    await expect(store.list()).rejects.toMatchObject({ code: 'storage-not-readable' });
  });
});

describe('what HAProxy has taken', () => {
  it('is noted, survives a new version, and is forgotten with other settings', async () => {
    const lineage = await store.saveVersion('a.example', content(1), settings);
    await store.update(lineage, { kind: 'deployed' });
    expect((await store.list()).lineages[0]?.deployedVersion).toBe(1);
    const next = await store.saveVersion('a.example', content(2), settings);
    expect(next).toMatchObject({ version: 2, deployedVersion: 1 });
    await store.update(next, { kind: 'deployed' });
    const haproxy = { ...settings.haproxy, certDir: '/other' };
    const changed = await store.update(next, { kind: 'haproxy', haproxy });
    expect(changed).toMatchObject({ version: 2, deployedVersion: undefined });
    expect(changed.settings.haproxy).toEqual(haproxy);
  });

  it('is an error where the configuration is gone', async () => {
    const lineage = await store.saveVersion('a.example', content(1), settings);
    rmSync(lineage.confFile);
    await expect(store.update(lineage, { kind: 'deployed' })).rejects.toMatchObject({ code: 'storage-not-writable' });
  });
});

describe('freeCertName', () => {
  it('counts up as certbot does', () => {
    expect(freeCertName('a', new Set())).toBe('a');
    expect(freeCertName('a', new Set(['a']))).toBe('a-0001');
    expect(freeCertName('a', new Set(['a', 'a-0001', 'a-0002']))).toBe('a-0003');
  });
});

describe('other settings', () => {
  it('are written beside what is there, and touch no version', async () => {
    const lineage = await store.saveVersion('a.example', content(1), settings);
    const deployed = await store.update(lineage, { kind: 'deployed' });
    const keyed = await store.update(deployed, { kind: 'settings', settings: { ...settings, keyType: 'rsa' } });
    expect(keyed).toMatchObject({ version: 1, deployedVersion: 1, settings: { keyType: 'rsa' } });
    const haproxy = { ...settings.haproxy, certDir: '/other' };
    const moved = await store.update(keyed, { kind: 'settings', settings: { ...settings, haproxy } });
    expect(moved).toMatchObject({ version: 1, deployedVersion: undefined, settings: { haproxy } });
    const account = 'b'.repeat(32);
    expect(await store.update(moved, { kind: 'account', account })).toMatchObject({
      version: 1,
      settings: { ...settings, haproxy, account },
    });
    expect(readdirSync(at('archive/a.example'))).toHaveLength(4);
  });
});
