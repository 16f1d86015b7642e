import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { run, runOrThrow, type RunResult } from '../support/child.js';
import { temporaryDirectory } from '../support/temporary.js';

const shipped = resolve(import.meta.dirname, '../../haproxy');
const directory = temporaryDirectory();
afterAll(directory.remove);

interface CronJob {
  readonly env: Readonly<Record<string, string>>;
  readonly minute: string;
  readonly hour: string;
  readonly user: string;
  readonly command: string;
}

/** A cron.d file as crontab(5) reads it: settings, then five time fields, a user and a command with `\%` for `%`. */
function parseCron(text: string): CronJob {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const setting = /^([A-Z_]+)=(.*)$/;
  const env = Object.fromEntries(lines.flatMap((line) => [...line.matchAll(new RegExp(setting, 'g'))].map(pair)));
  const jobs = lines.filter((line) => !setting.test(line));
  expect(jobs).toHaveLength(1);
  const fields = /^(\S+) (\S+) \* \* \* (\S+) (.*)$/.exec(jobs[0] ?? '')?.slice(1) ?? [];
  const [minute = '', hour = '', user = '', command = ''] = fields;
  // An unescaped % would end the command, and the rest would be its standard input.
  expect(command).not.toMatch(/(^|[^\\])%/);
  return { env, minute, hour, user, command: command.replaceAll('\\%', '%') };
}

function pair(match: RegExpExecArray): [string, string] {
  return [match[1] ?? '', match[2] ?? ''];
}

describe('cron.d/haproxy-acme', () => {
  const file = join(shipped, 'cron.d/haproxy-acme');
  const job = parseCron(readFileSync(file, 'utf8'));
  const programs = join(directory.path, 'programs');
  const calls = join(directory.path, 'calls');

  /** Puts a program of that name first on the job's PATH, which notes how it was called. */
  function program(name: string, exitCode: number): void {
    const note = `printf '%s\\n' "${name} $*" >>"${calls}"`;
    writeFileSync(join(programs, name), `#!/bin/sh\n${note}\nexit ${exitCode}\n`);
    chmodSync(join(programs, name), 0o755);
  }

  /** Runs the command as cron does, and answers with the calls that it made. */
  async function runJob(env: Record<string, string> = {}): Promise<{ result: RunResult; called: string[] }> {
    writeFileSync(calls, '');
    const PATH = `${programs}:${job.env['PATH'] ?? ''}`;
    const result = await run(job.env['SHELL'] ?? '/bin/sh', ['-c', job.command], { env: { ...job.env, PATH, ...env } });
    return { result, called: readFileSync(calls, 'utf8').split('\n').slice(0, -1) };
  }

  beforeEach(() => {
    mkdirSync(programs, { recursive: true });
    program('systemctl', 3);
    program('sleep', 0);
    program('haproxy-acme', 0);
  });

  it('has a name, a mode and an end that cron takes', () => {
    expect(file).toMatch(/\/[A-Za-z0-9_-]+$/);
    expect(statSync(file).mode & 0o133).toBe(0);
    expect(readFileSync(file, 'utf8')).toMatch(/\n$/);
  });

  it('runs twice a day as root, at a minute that others do not take', () => {
    expect(job.user).toBe('root');
    expect(job.hour.split(',')).toHaveLength(2);
    expect(Number(job.minute) % 5).not.toBe(0);
  });

  it('renews after a random delay of less than an hour', async () => {
    const delays = new Set<number>();
    for (let index = 0; index < 12; index++) {
      const { called } = await runJob();
      expect(called.at(-1)).toBe('haproxy-acme renew -q');
      delays.add(Number(/^sleep (\d+)$/.exec(called.at(-2) ?? '')?.[1]));
    }
    for (const delay of delays) expect(delay >= 0 && delay < 3600).toBe(true);
    expect(delays.size).toBeGreaterThan(1);
  });

  it('takes the longest delay from its setting', async () => {
    const { called } = await runJob({ HAPROXY_ACME_MAX_DELAY: '1' });
    expect(called).toContain('sleep 0');
  });

  it("does nothing where systemd's timer runs", async () => {
    program('systemctl', 0);
    const { result, called } = await runJob();
    expect(called).toEqual(['systemctl --quiet is-active haproxy-acme-renew.timer']);
    expect(result).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it('renews, and mails nothing of it, where there is no systemd', async () => {
    program('systemctl', 127);
    const { result, called } = await runJob();
    expect(called.at(-1)).toBe('haproxy-acme renew -q');
    expect(result).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it('fails where the renewal fails', async () => {
    program('haproxy-acme', 1);
    expect((await runJob()).result.code).toBe(1);
  });
});

const systemdAnalyze = ['/usr/bin/systemd-analyze', '/bin/systemd-analyze'].find((path) => existsSync(path));

describe.skipIf(systemdAnalyze === undefined)('systemd/', () => {
  const analyze = systemdAnalyze ?? '';
  const service = join(shipped, 'systemd/haproxy-acme-renew.service');
  const timer = join(shipped, 'systemd/haproxy-acme-renew.timer');
  const agent = join(shipped, 'systemd/haproxy-acme-spoa.service');

  it('is accepted by systemd without a remark', async () => {
    const result = await run(analyze, ['verify', '--man=no', service, timer, agent]);
    expect(result).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it('renews twice a day, off the hour, and after a time when the machine was off', async () => {
    const text = readFileSync(timer, 'utf8');
    const calendar = /^OnCalendar=(.*)$/m.exec(text)?.[1] ?? '';
    const told = await runOrThrow(analyze, ['calendar', '--iterations=4', calendar], { env: { TZ: 'UTC' } });
    const times = [...told.matchAll(/(\d{4}-\d\d-\d\d) (\d\d):(\d\d):\d\d UTC/g)];
    const days = times.map((match) => Date.parse(`${match[1]}T${match[2]}:${match[3]}Z`) / 86_400_000);
    expect(days).toHaveLength(4);
    expect((days[2] ?? 0) - (days[0] ?? 0)).toBeCloseTo(1);
    for (const match of times) expect(Number(match[3]) % 5).not.toBe(0);
    expect(text).toMatch(/^Persistent=true$/m);
    expect(text).toMatch(/^RandomizedDelaySec=1h$/m);
  });

  it('confines the renewal', async () => {
    // Exposure in tenths: 100 is unconfined. What is left is the network, root, and the owner's files and processes.
    const args = ['security', '--offline=true', '--no-pager', '--threshold=40', service];
    expect(await run(analyze, args)).toMatchObject({ code: 0 });
  });

  it('confines the agent, which needs less', async () => {
    const args = ['security', '--offline=true', '--no-pager', '--threshold=15', agent];
    expect(await run(analyze, args)).toMatchObject({ code: 0 });
  });
});
