import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runShell, type ShellOptions, type ShellResult } from '../../../src-node/platform/run-shell.js';
import { until } from '../../support/child.js';
import { alive } from '../../support/haproxy.js';
import { temporaryDirectory } from '../../support/temporary.js';

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

const path = process.env['PATH'];
const shell = async (command: string, options: Partial<ShellOptions> = {}): Promise<ShellResult> =>
  await runShell(command, { env: { PATH: path }, ...options });

describe('what it gives back', () => {
  it('keeps code and streams apart', async () => {
    const result = await shell('echo out; echo err >&2; exit 3');
    expect(result).toEqual({ code: 3, signal: null, stdout: 'out\n', stderr: 'err\n' });
    expect(await shell('kill -TERM $$')).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(await shell('/nonexistent/hook')).toMatchObject({ code: 127 });
  });

  it('takes the command as the shell does', async () => {
    const { stdout } = await shell('A="x y"; for i in 1 2; do echo "$A$i"; done | tr x z && test -d /');
    expect(stdout).toBe('z y1\nz y2\n');
  });

  it('bounds each stream and still sees the end', async () => {
    const result = await shell('head -c 3000000 /dev/zero | tr "\\0" x; head -c 100000 /dev/zero >&2; exit 5');
    expect(result.code).toBe(5);
    expect([result.stdout.length, result.stderr.length]).toEqual([64 * 1024, 64 * 1024]);
  });

  it('waits for what is written just after the exit, and for no daemon', async () => {
    expect((await shell('(sleep 0.1; echo late) &')).stdout).toBe('late\n');
    const start = performance.now();
    const { code, stdout } = await shell('sleep 30 & echo $!');
    expect(code).toBe(0);
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(alive(Number(stdout))).toBe(true);
    process.kill(Number(stdout));
  });

  it('gives no input', async () => {
    expect(await shell('cat; echo end')).toMatchObject({ code: 0, stdout: 'end\n' });
  });
});

describe('the environment', () => {
  it('is what is given, without what is undefined', async () => {
    const { stdout } = await shell('env', { env: { PATH: '/usr/bin:/bin', ONLY: 'this\nand that', NOT: undefined } });
    const names = [...stdout.matchAll(/^(\w+)=/gm)].map((match) => match[1] ?? '');
    expect(names.filter((name) => !['PWD', '_', 'SHLVL', 'OLDPWD'].includes(name)).sort()).toEqual(['ONLY', 'PATH']);
    expect(stdout).toContain('ONLY=this\nand that\n');
  });

  it.each([
    ['/usr/bin:/bin', '/usr/bin:/bin:/usr/sbin:/usr/local/bin:/usr/local/sbin'],
    ['/opt:/usr/sbin:/bin:/usr/bin', '/opt:/usr/sbin:/bin:/usr/bin:/usr/local/bin:/usr/local/sbin'],
    ['/usr/sbin2:/bin', '/usr/sbin2:/bin:/usr/sbin:/usr/local/bin:/usr/local/sbin'],
    [undefined, '/usr/bin:/bin:/usr/sbin:/usr/local/bin:/usr/local/sbin'],
  ])('extends the PATH %s by what it lacks, at its end', async (given, wanted) => {
    expect((await shell('echo "$PATH"', { env: { PATH: given } })).stdout).toBe(`${wanted}\n`);
  });
});

describe('its end', () => {
  it('comes by force when its time is up, for all that it has started', async () => {
    const { code, signal, stdout } = await shell('trap "" TERM; sleep 60 & echo $!; wait', { timeout: 300 });
    expect([code, signal]).toEqual([null, 'SIGKILL']);
    await until('the child of the shell is gone', () => !alive(Number(stdout)));
  });

  it('comes by SIGTERM when the signal aborts, and the reason is thrown', async () => {
    const controller = new AbortController();
    const started = join(directory.path, 'started');
    const ended = join(directory.path, 'ended');
    const running = shell(`trap 'touch ${ended}; exit' TERM; touch ${started}; sleep 60 & wait`, {
      signal: controller.signal,
    });
    await until('it runs', () => existsSync(started));
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    expect(existsSync(ended)).toBe(true);
  });

  it('is not even begun after an abort', async () => {
    const file = join(directory.path, 'file');
    const signal = AbortSignal.abort(new Error('before'));
    await expect(shell(`touch ${file}`, { signal })).rejects.toThrow('before');
    expect(existsSync(file)).toBe(false);
  });

  it('is left to itself when the group of this process is interrupted', async () => {
    const done = join(directory.path, 'done');
    const script = join(directory.path, 'script.mts');
    const module = join(import.meta.dirname, '../../../src-node/platform/run-shell.ts');
    const hook = `echo $$ > ${done}.pid; sleep 1; touch ${done}`;
    writeFileSync(
      script,
      `import { runShell } from ${JSON.stringify(module)};
       process.on('SIGINT', () => process.stdout.write('interrupted '));
       const { code } = await runShell(${JSON.stringify(hook)}, { env: process.env });
       process.stdout.write(String(code));`,
    );
    const child = spawn(process.execPath, ['--import', 'tsx', script], { detached: true });
    const ended = text(child.stdout);
    await until('the hook runs', () => existsSync(`${done}.pid`));
    process.kill(-Number(child.pid), 'SIGINT');
    expect(await ended).toBe('interrupted 0');
    expect(existsSync(done)).toBe(true);
  });
});
