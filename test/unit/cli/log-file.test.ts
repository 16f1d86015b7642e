import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLog, type LogOptions, type RunLog } from '../../../src-node/cli/log-file.js';
import { systemClock } from '../../../src-node/platform/clock.js';
import { run, runOrThrow, startDaemon, until } from '../../support/child.js';
import { temporaryDirectory } from '../../support/temporary.js';
import { codeUnprivileged } from '../../support/unprivileged.js';

let directory: ReturnType<typeof temporaryDirectory>;
let logs: string;
let warnings: string[];
let shown: string;
beforeEach(() => {
  directory = temporaryDirectory();
  logs = join(directory.path, 'logs');
  warnings = [];
  shown = '';
});
afterEach(() => directory.remove());

const at = (name: string): string => join(logs, name);
const text = (name = 'letsencrypt.log'): string => readFileSync(at(name), 'utf8');
const mode = (path: string): number => statSync(path).mode & 0o7777;
const now = Date.UTC(2026, 10, 21, 14, 43, 32, 7);

const open = (differing: Partial<LogOptions> = {}): RunLog =>
  openLog({
    directory: logs,
    backups: 1000,
    clock: { ...systemClock, now: () => now },
    verbosity: 0,
    stderr: { write: (words) => (shown += words) },
    warn: (error) => warnings.push(error.code),
    ...differing,
  });

/** One run that logs `words`. */
function runOnce(words: string, backups = 1000): void {
  const log = open({ backups });
  log.info(words);
  log.close();
}

/** Files whose content is their name. */
function write(...names: readonly string[]): void {
  mkdirSync(logs, { recursive: true });
  for (const name of names) writeFileSync(at(name), name);
}

/** Each file of the directory with the first word of its content. */
const contents = (): Record<string, string> =>
  Object.fromEntries(readdirSync(logs).map((name) => [name, statSync(at(name)).isFile() ? text(name) : '']));

describe('the file', () => {
  it('is 0600 in a directory of 0700, whatever the umask allows', () => {
    const umask = process.umask(0);
    try {
      runOnce('x');
    } finally {
      process.umask(umask);
    }
    expect([mode(logs), mode(at('letsencrypt.log'))]).toEqual([0o700, 0o600]);
    expect(warnings).toEqual([]);
  });

  it('has each line at once, with time, level and component', () => {
    const zone = process.env['TZ'];
    process.env['TZ'] = 'Asia/Kolkata';
    try {
      const log = open();
      log.debug('one');
      expect(text()).toBe('2026-11-21 20:13:32,007:DEBUG:haproxy-acme:one\n');
      log.info('two');
      log.component('acme').warn('three');
      log.error('four: five');
      log.close();
      expect(text().replaceAll('2026-11-21 20:13:32,007:', '').split('\n')).toEqual([
        'DEBUG:haproxy-acme:one',
        'INFO:haproxy-acme:two',
        'WARNING:acme:three',
        'ERROR:haproxy-acme:four: five',
        '',
      ]);
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });

  it('has no secret of any component', () => {
    const log = open({ verbosity: 2 });
    log.component('acme').secret('thetoken12345678');
    log.secret('first\nsecond line');
    log.debug('thetoken12345678');
    log
      .component('hook')
      .info('a second line b\n-----BEGIN PRIVATE KEY-----\nMIIBVQIBADANBgkq\n-----END PRIVATE KEY-----');
    for (const where of [text(), shown]) {
      expect(where).not.toMatch(/thetoken|second|MIIB/);
      expect(where.match(/\[redacted\]/g)).toHaveLength(3);
    }
    log.close();
  });

  it('takes no line after its close, and none of another file', () => {
    const log = open();
    log.close();
    const other = join(directory.path, 'other');
    writeFileSync(other, '');
    const next = open({ directory: directory.path });
    log.info('late');
    log.close();
    next.info('on');
    expect(text()).toBe('');
    expect(readFileSync(join(directory.path, 'letsencrypt.log'), 'utf8')).toContain(':on\n');
    next.close();
    expect(warnings).toEqual([]);
  });

  it('has all that a killed run had logged', async () => {
    const module = resolve(import.meta.dirname, '../../../src-node/cli/log-file.ts');
    const script = `import(${JSON.stringify(module)}).then(({ openLog }) => {
      const log = openLog({ directory: ${JSON.stringify(logs)}, backups: 3, clock: { now: () => 0 }, verbosity: 1, stderr: process.stderr, warn: console.log });
      setInterval(() => undefined, 1000);
      for (let n = 0; n < 50; n += 1) log.debug('line ' + n);
      log.info('all said');
    });`;
    const daemon = startDaemon(process.execPath, ['--import', 'tsx', '-e', script]);
    await until('the run has logged', () => daemon.output().includes('all said'));
    process.kill(daemon.pid, 'SIGKILL');
    await until('it is dead', () => daemon.exited());
    expect(text().split('\n')).toHaveLength(52);
    expect(text()).toMatch(/:DEBUG:haproxy-acme:line 49\n.*:INFO:haproxy-acme:all said\n$/);
  });
});

describe('what others said', () => {
  const lineStart = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}:/;
  const forged = '2026-11-21 14:43:32,007:INFO:haproxy-acme:all is well';

  it.each([
    ['\n'],
    ['\r\n'],
    ['\r'],
    ['\u0085'],
    ['\u2028'],
    ['\u2029'],
    ['\v'],
    ['\f'],
    ['\u0000\n'],
    ['\n\n\n'],
    ['\u001b[2K\u001b[1G'],
  ])('cannot forge a line by %j', (end) => {
    const log = open({ verbosity: 1 });
    log.error(`it said${end}${forged}${end}`);
    log.close();
    // As whoever reads it may tell lines apart.
    const lines = text().split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/);
    expect(lines.filter((line) => lineStart.test(line))).toHaveLength(1);
    expect(text()).toContain(forged);
    for (const where of [text(), shown]) expect(where).not.toMatch(/[^\P{Cc}\n]/u);
  });

  it('is readable all the same', () => {
    const log = open({ verbosity: 1 });
    log.info('one\ntwo\tthree\r\n\u001b[31mred\u0007 Zürich 證書 \u202e\n');
    expect(shown).toBe('one\n    two\tthree\n    \\x1b[31mred\\x07 Zürich 證書 \\u202e\n');
    expect(text()).toContain(`:${shown}`);
    log.close();
  });
});

describe('a link in place of the log', () => {
  it('is moved as itself, and is not written through', () => {
    const target = join(directory.path, 'target');
    writeFileSync(target, 'precious');
    write();
    symlinkSync(target, at('letsencrypt.log'));
    runOnce('new');
    expect(readFileSync(target, 'utf8')).toBe('precious');
    expect(readlinkSync(at('letsencrypt.log.1'))).toBe(target);
    expect(text()).toContain(':new\n');
    runOnce('newer', 1);
    expect(readFileSync(target, 'utf8')).toBe('precious');
    expect(text('letsencrypt.log.1')).toContain(':new\n');
  });

  it.each(['precious', undefined])('is refused where nothing is moved (it leads to a file: %s)', (content) => {
    const target = join(directory.path, 'target');
    if (content !== undefined) writeFileSync(target, content);
    write();
    symlinkSync(target, at('letsencrypt.log'));
    runOnce('new', 0);
    expect(warnings).toEqual(['log-not-writable']);
    expect(existsSync(target) ? readFileSync(target, 'utf8') : undefined).toBe(content);
  });
});

describe('a log that cannot be written', () => {
  it('is told of once, ends nothing, and -v shows its lines', () => {
    write('file');
    const log = open({ directory: at('file'), verbosity: 1 });
    log.info('one');
    log.error('two');
    log.close();
    expect(warnings).toEqual(['log-not-writable']);
    expect(shown).toBe('one\ntwo\n');
  });

  it('is a directory in its place', () => {
    write();
    mkdirSync(at('letsencrypt.log'));
    runOnce('x');
    expect(warnings).toEqual(['log-not-writable']);
  });

  it('is a FIFO in its place, which is not waited for', async () => {
    write();
    await runOrThrow('mkfifo', [at('letsencrypt.log')]);
    runOnce('x');
    expect(warnings).toEqual(['log-not-writable']);
  });

  /** The code of the warning that a run without root's privileges gives, which logs `words`. */
  const warningUnprivileged = async (words: string): Promise<string> =>
    await codeUnprivileged(
      'cli/log-file.ts',
      `new Promise((done, warn) => {
        const log = m.openLog({ directory: ${JSON.stringify(logs)}, backups: 3, clock: { now: () => 0 }, verbosity: 0, stderr: process.stderr, warn });
        log.info(${JSON.stringify(words)});
        log.close();
        done();
      })`,
    );

  it('is in a directory without write permission, where old logs stay', async () => {
    write('letsencrypt.log.1', 'letsencrypt.log.3');
    chmodSync(logs, 0o500);
    expect(await warningUnprivileged('x')).toBe('log-not-writable');
    chmodSync(logs, 0o700);
    expect(contents()).toEqual({
      'letsencrypt.log.1': 'letsencrypt.log.1',
      'letsencrypt.log.3': 'letsencrypt.log.3',
    });
    expect(await warningUnprivileged('x')).toBe('none');
  });

  it('goes on where it is when it cannot be moved', async () => {
    write('letsencrypt.log', 'letsencrypt.log.1');
    chmodSync(logs, 0o500);
    expect(await warningUnprivileged('appended')).toBe('log-not-writable');
    chmodSync(logs, 0o700);
    expect(text()).toMatch(/^letsencrypt\.log.*:appended\n$/);
    expect(text('letsencrypt.log.1')).toBe('letsencrypt.log.1');
  });

  it('is on a disk that is full for a while, and says where lines are missing', async () => {
    const module = resolve(import.meta.dirname, '../../../src-node/cli/log-file.ts');
    const script = `import(${JSON.stringify(module)}).then(({ openLog }) => {
      const log = openLog({ directory: ${JSON.stringify(logs)}, backups: 3, clock: { now: () => 0 }, verbosity: 0, stderr: process.stderr, warn: (e) => console.log(e.code) });
      for (let n = 0; n < 40; n += 1) log.info('line ' + n);
      require('child_process').execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited:unlimited']);
      log.info('room again');
      log.info('still');
      log.close();
    });`;
    // A limit on the size of files stands for the disk: the kernel refuses the write.
    const limited = ['--fsize=1000:unlimited', process.execPath, '--import', 'tsx', '-e', script];
    const { stdout, code } = await run('prlimit', limited, { env: { TSX_DISABLE_CACHE: '1' } });
    expect({ stdout, code }).toEqual({ stdout: 'log-not-writable\n', code: 0 });
    const [before = '', after] = text().split('\n[lines are missing here: the log could not be written]\n');
    expect(before.length).toBe(1000);
    expect(after).toMatch(/^\d.*:room again\n\d.*:still\n$/);
  });
});

describe('-v', () => {
  it.each([
    [0, ''],
    [1, 'info\nwarn\nerror\n'],
    [2, 'debug\ninfo\nwarn\nerror\n'],
    [3, 'debug\ninfo\nwarn\nerror\n'],
  ])('given %i times shows on stderr what belongs there', (verbosity, expected) => {
    const log = open({ verbosity });
    log.debug('debug');
    log.info('info');
    log.component('y').warn('warn');
    log.error('error');
    log.close();
    expect(shown).toBe(expected);
    expect(text().split('\n')).toHaveLength(5);
  });
});
