import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, runOrThrow, type RunResult } from '../support/child.js';
import { errorCodes } from '../support/report.js';
import { startStage, type Stage } from '../support/stage.js';

const name = 'shop.test';
let stage: Stage;
const mounts: string[] = [];
beforeAll(async () => {
  stage = await startStage();
});
afterAll(async () => {
  for (const path of mounts) await runOrThrow('umount', [path]);
  await stage.stop();
});

/** A version that could not be stored has left the one before in place, whole, and nothing beside it. */
function expectUntouched(configDir: string, fingerprint: string): void {
  expect(stage.stored(name)).toBe(fingerprint);
  const files = readdirSync(configDir, { recursive: true, encoding: 'utf8' });
  expect(files.filter((file) => /\/\.[^/]*$/.test(file))).toEqual([]);
}

async function works(): Promise<void> {
  const result = await stage.command(['renew', '--force-renewal']);
  expect(result, result.stderr).toMatchObject({ code: 0 });
  expect(await stage.served(name)).toBe(stage.stored(name));
}

// A limit on the size of the files that a process writes is a full disk that needs no right: the kernel refuses the write.
// The log is below the same limit: whether it has already reached it differs with what the run has logged, and does not matter.
describe('when a file cannot be written whole', () => {
  const limited = (bytes: number): { by: readonly string[] } => ({ by: ['prlimit', `--fsize=${bytes}`] });
  const renew = async (bytes: number): Promise<RunResult> =>
    await stage.command(['renew', '--force-renewal'], limited(bytes));
  const codes = (result: RunResult): readonly string[] =>
    errorCodes(result).filter((code) => code !== 'log-not-writable');
  beforeAll(async () => {
    await stage.ordered([name]);
  });

  it('into the webroot, nothing is ordered', async () => {
    const orders = stage.orders();
    // Enough for the lock and a look at the storage, not for a challenge.
    const result = await stage.order(['other.test'], [], limited(64));
    expect(codes(result), result.stderr).toEqual(['webroot-not-writable']);
    expect(result.code).toBe(1);
    expect(stage.orders()).toBe(orders);
    expect(readdirSync(stage.webroot)).toEqual([]);
  });

  it('into the archive, the version before stays live', async () => {
    const fingerprint = stage.stored(name);
    const result = await renew(512);
    expect(codes(result), result.stderr).toEqual(['storage-not-writable']);
    expect(result.code).toBe(1);
    expectUntouched(stage.configDir, fingerprint);
    await works();
  });

  it('into the certificate directory, the bundle before stays and the next run deploys', async () => {
    const bundle = readFileSync(stage.bundle(name), 'utf8');
    const [pid, version] = [stage.pid(), stage.version(name)];
    // The bundle is the largest of all files: chain and key.
    const { size } = statSync(join(stage.configDir, 'live', name, 'fullchain.pem'));
    const result = await renew(size + 100);
    expect(codes(result), result.stderr).toEqual(['cert-dir-not-writable']);
    expect(result.code).toBe(1);
    expect(readFileSync(stage.bundle(name), 'utf8')).toBe(bundle);
    expect(readdirSync(stage.certDir)).toEqual([`${name}.pem`]);
    expect(stage.pid()).toBe(pid);
    const resumed = await stage.command(['renew']);
    expect(resumed, resumed.stderr).toMatchObject({ code: 0 });
    expect(stage.version(name)).toBe(version + 1);
    expect(await stage.served(name)).toBe(stage.stored(name));
  });
});

const page = 4096;

/** A file system of 20 pages at `path`. */
async function smallDisk(path: string): Promise<void> {
  mkdirSync(path, { recursive: true });
  await runOrThrow('mount', ['-t', 'tmpfs', '-o', `size=${20 * page},mode=755`, 'tmpfs', path]);
  mounts.push(path);
}

/** Fills the disk but for some pages. */
function fill(path: string, pagesLeft: number): void {
  const filler = join(path, 'filler');
  expect(() => writeFileSync(filler, Buffer.alloc(21 * page))).toThrow('ENOSPC');
  truncateSync(filler, statSync(filler).size - pagesLeft * page);
}

/** Whether this process may mount at all: in a container it may not, and the tests above stand for these. */
const trial = await run('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']);

if (trial.code === 0) {
  describe('on a full disk', () => {
    it('that holds the webroot, nothing is ordered', async () => {
      const webroot = stage.at('full-webroot');
      await smallDisk(webroot);
      fill(webroot, 0);
      const orders = stage.orders();
      const result = await stage.order(['other.test'], ['-w', webroot, '-d', 'full.test']);
      expect(errorCodes(result), result.stderr).toEqual(['webroot-not-writable']);
      expect(result.stderr).toContain('ENOSPC');
      expect(stage.orders()).toBe(orders);
      expect(readdirSync(webroot)).toEqual(['filler']);
    });

    it.each([
      ['without room for the lock, nothing is ordered', 0],
      ['with room for the lock alone, nothing is ordered either', 1],
    ])('that holds the configuration directory, %s', async (_what, pagesLeft) => {
      const config = stage.at(`full-config-${pagesLeft}`);
      const certDir = stage.at(`full-config-certs-${pagesLeft}`);
      mkdirSync(certDir);
      await smallDisk(config);
      const flags = ['--config-dir', config, '--haproxy-cert-dir', certDir];
      await stage.ordered([name], flags);
      const cert = join(config, 'live', name, 'cert.pem');
      const [before, orders] = [readFileSync(cert, 'utf8'), stage.orders()];
      fill(config, pagesLeft);
      const result = await stage.command(['renew', '--force-renewal', '--config-dir', config]);
      expect(errorCodes(result), result.stderr).toEqual(['storage-not-writable']);
      expect(result.stderr).toContain('ENOSPC');
      expect(result.code).toBe(1);
      expect(stage.orders()).toBe(orders);
      expect(readFileSync(cert, 'utf8')).toBe(before);
      rmSync(join(config, 'filler'));
      const again = await stage.command(['renew', '--force-renewal', '--config-dir', config]);
      expect(again, again.stderr).toMatchObject({ code: 0 });
      expect(readFileSync(cert, 'utf8')).not.toBe(before);
    });

    it('that holds the certificate directory, the bundle before stays and the next run deploys', async () => {
      const certDir = stage.at('full-certs');
      await smallDisk(certDir);
      await stage.ordered([name], ['--haproxy-cert-dir', certDir]);
      const bundle = readFileSync(join(certDir, `${name}.pem`), 'utf8');
      fill(certDir, 0);
      const result = await stage.command(['renew', '--force-renewal']);
      expect(errorCodes(result), result.stderr).toEqual(['cert-dir-not-writable']);
      expect(result.stderr).toContain('ENOSPC');
      expect(readFileSync(join(certDir, `${name}.pem`), 'utf8')).toBe(bundle);
      rmSync(join(certDir, 'filler'));
      const resumed = await stage.command(['renew']);
      expect(resumed, resumed.stderr).toMatchObject({ code: 0 });
      expect(readFileSync(join(certDir, `${name}.pem`), 'utf8')).not.toBe(bundle);
    });
  });
}
