import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDirectories, type Lock, type LockPatience } from '../../../src-node/lineage/lock.js';
import { systemClock } from '../../../src-node/platform/clock.js';
import { runOrThrow, startDaemon, until, type Daemon } from '../../support/child.js';
import { temporaryDirectory } from '../../support/temporary.js';

let directory: ReturnType<typeof temporaryDirectory>;
let daemons: Daemon[];

beforeEach(() => {
  directory = temporaryDirectory();
  daemons = [];
});
afterEach(async () => {
  for (const daemon of daemons) await daemon.stop();
  directory.remove();
});

const at = (name: string): string => join(directory.path, name);
const lockFile = (name: string): string => join(at(name), '.certbot.lock');
const take = async (...names: string[]): Promise<Lock> =>
  await lockDirectories(
    names.map((name) => ({ path: at(name), mode: 0o700 })),
    (error) => {
      throw error;
    },
  );
const refusal = async (name: string): Promise<{ code: string; message: string }> => {
  const lock = await take(name).catch((error: unknown) => error as { code: string; message: string });
  if ('release' in lock) throw new Error('the lock was given');
  return lock;
};

async function holder(command: string, args: readonly string[]): Promise<Daemon> {
  const daemon = startDaemon(command, args);
  daemons.push(daemon);
  await until(`the holder says so: ${daemon.output()}`, () => {
    if (daemon.exited()) throw new Error(daemon.output());
    return daemon.output().includes('held');
  });
  return daemon;
}

/** Another process of ours that takes the lock. */
const ours = async (name: string): Promise<Daemon> => {
  const module = pathToFileURL(join(import.meta.dirname, '../../../src-node/lineage/lock.ts')).href;
  const program = `
import { lockDirectories } from ${JSON.stringify(module)};
await lockDirectories([{ path: ${JSON.stringify(at(name))}, mode: 0o700 }], () => undefined);
console.log('held');
setInterval(() => undefined, 1000);
`;
  return await holder(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program]);
};

const python = (name: string, then: string): string => `
import fcntl, os, time
f = os.open(${JSON.stringify(lockFile(name))}, os.O_WRONLY | os.O_CREAT, 0o600)
fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
${then}
`;

describe('lockDirectories', () => {
  it("makes what is missing, takes certbot's file in each, and removes the files at the end", async () => {
    const lock = await take('a', 'b/c');
    for (const name of ['a', 'b/c']) {
      expect(statSync(at(name)).mode & 0o777).toBe(0o700);
      expect(readFileSync(lockFile(name), 'utf8')).toBe(`${process.pid}\n`);
      expect(statSync(lockFile(name)).mode & 0o777).toBe(0o600);
    }
    await lock.release();
    for (const name of ['a', 'b/c']) expect(readdirSync(at(name))).toEqual([]);
    await lock.release();
    await (await take('a', 'b/c')).release();
  });

  it('takes one lock of a directory that is named more than once, through a link too', async () => {
    mkdirSync(at('a'));
    symlinkSync(at('a'), at('link'));
    const lock = await take('a', 'a', 'link');
    expect((await refusal('link')).code).toBe('locked');
    await lock.release();
    await (await take('a')).release();
  });

  it('refuses a second run in the same process, and gives back what it had taken of it', async () => {
    const lock = await take('b');
    await expect(take('a', 'b', 'c')).rejects.toMatchObject({ code: 'locked' });
    expect(existsSync(lockFile('a'))).toBe(false);
    expect(existsSync(at('c'))).toBe(false);
    expect(readFileSync(lockFile('b'), 'utf8')).toBe(`${process.pid}\n`);
    await lock.release();
  });

  it('names the process of ours that holds it, and takes the lock of one that was killed', async () => {
    const other = await ours('a');
    const error = await refusal('a');
    expect(error.code).toBe('locked');
    expect(error.message).toContain(` ${other.pid} `);
    process.kill(other.pid, 'SIGKILL');
    await until('the holder is gone', () => other.exited());
    expect(existsSync(lockFile('a'))).toBe(true);
    const lock = await take('a');
    expect(readFileSync(lockFile('a'), 'utf8')).toBe(`${process.pid}\n`);
    await lock.release();
  });

  it("is kept out by certbot's kind of lock, naming its process, until that ends", async () => {
    await (await take('a')).release();
    const certbot = await holder('python3', ['-c', python('a', `print('held', flush=True); time.sleep(600)`)]);
    const error = await refusal('a');
    expect(error.code).toBe('locked');
    expect(error.message).toMatch(new RegExp(`\\b${certbot.pid}\\b`));
    await certbot.stop();
    await (await take('a')).release();
  });

  it("keeps certbot's kind of lock out", async () => {
    const attempt = `
try:
    ${python('a', '').trim().split('\n').join('\n    ')}
    print('taken')
except OSError:
    print('refused')
`;
    const lock = await take('a');
    expect(await runOrThrow('python3', ['-c', attempt])).toBe('refused\n');
    await lock.release();
    expect(await runOrThrow('python3', ['-c', attempt])).toBe('taken\n');
  });

  it('takes a file that a dead holder left with a number in it', async () => {
    await (await take('a')).release();
    writeFileSync(lockFile('a'), '1\n');
    const lock = await take('a');
    expect(readFileSync(lockFile('a'), 'utf8')).toBe(`${process.pid}\n`);
    await lock.release();
  });

  it('lets one of many at a time in, though each removes the file', async () => {
    let inside = 0;
    let most = 0;
    let taken = 0;
    const one = async (): Promise<void> => {
      for (let turn = 0; turn < 400; turn += 1) {
        const lock = await take('a').catch((error: unknown) => error);
        if (!(typeof lock === 'object' && lock !== null && 'release' in lock)) continue;
        inside += 1;
        most = Math.max(most, inside);
        taken += 1;
        for (let wait = 0; wait < 5; wait += 1) await new Promise(setImmediate);
        inside -= 1;
        await (lock as Lock).release();
      }
    };
    await Promise.all(Array.from({ length: 8 }, one));
    expect(most).toBe(1);
    expect(taken).toBeGreaterThan(10);
    expect(readdirSync(at('a'))).toEqual([]);
  });

  it('says storage-not-writable where a directory cannot be made, or is a file', async () => {
    writeFileSync(at('file'), '');
    expect((await refusal('file')).code).toBe('storage-not-writable');
    expect((await refusal('file/below')).code).toBe('storage-not-writable');
    expect((await refusal('file/below')).message).toContain(at('file/below'));
  });

  it('releases although somebody removed the directory', async () => {
    const lock = await take('a');
    rmSync(at('a'), { recursive: true });
    await lock.release();
    await (await take('a')).release();
  });

  it('waits until the holder ends, having said once who that is', async () => {
    const other = await ours('b');
    const told: string[] = [];
    const waiting = takePatiently({ wait: 60, onWait: (error) => told.push(error.message) }, 'a', 'b');
    await until('it waits', () => told.length > 0);
    expect(existsSync(lockFile('a'))).toBe(false);
    process.kill(other.pid, 'SIGKILL');
    await (await waiting).release();
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(` ${other.pid} `);
  });

  it('gives up after the time given, or when it is interrupted', async () => {
    const lock = await take('a');
    const start = performance.now();
    await expect(takePatiently({ wait: 0.5 }, 'a')).rejects.toMatchObject({ code: 'locked' });
    expect(performance.now() - start).toBeGreaterThan(490);
    await expect(takePatiently({ wait: 60, signal: AbortSignal.timeout(100) }, 'a')).rejects.toMatchObject({
      code: 'locked',
    });
    expect(performance.now() - start).toBeLessThan(30_000);
    await lock.release();
  });
});

async function takePatiently(patience: Partial<LockPatience>, ...names: string[]): Promise<Lock> {
  const { signal } = new AbortController();
  return await lockDirectories(
    names.map((name) => ({ path: at(name), mode: 0o700 })),
    () => undefined,
    { wait: 0, clock: systemClock, signal, onWait: () => undefined, ...patience },
  );
}
