import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCommand, type CommandResult } from '../../../src-node/platform/run-command.js';
import { temporaryDirectory } from '../../support/temporary.js';

const shell = async (script: string, timeout = 10_000): Promise<CommandResult> =>
  await runCommand('/bin/sh', ['-c', script], { timeout });

it('gives code and output of both streams', async () => {
  expect(await shell('echo out; echo err >&2; exit 3')).toMatchObject({ code: 3, signal: null, timedOut: false });
  expect((await shell('echo out')).output).toBe('out\n');
  expect((await shell('echo err >&2')).output).toBe('err\n');
});

it('loses nothing that was written at the very end', async () => {
  for (let turn = 0; turn < 60; turn += 1) {
    const { output } = await shell('echo start; echo end >&2; printf last');
    expect(output.length).toBe('start\nend\nlast'.length);
  }
});

it('takes all of a pipe that is full, and bounds the rest', async () => {
  const full = await shell('head -c 60000 /dev/zero | tr "\\0" x; printf end >&2');
  expect(full.output).toHaveLength(60_003);
  const endless = await shell('head -c 3000000 /dev/zero | tr "\\0" x; exit 5');
  expect(endless.code).toBe(5);
  expect(endless.output).toHaveLength(64 * 1024);
});

it('does not wait for a daemon that keeps the pipes open', async () => {
  const start = performance.now();
  const { code, output } = await shell('sleep 20 & echo started $!');
  expect(code).toBe(0);
  expect(performance.now() - start).toBeLessThan(10_000);
  const pid = /started (\d+)/.exec(output)?.[1];
  process.kill(Number(pid));
});

it('kills what takes too long, and says so', async () => {
  expect(await shell('echo begun; exec sleep 60', 300)).toEqual({
    code: null,
    signal: 'SIGKILL',
    timedOut: true,
    output: 'begun\n',
  });
});

it('tells a program that another killed from a slow one', async () => {
  expect(await shell('kill -9 $$')).toMatchObject({ code: null, signal: 'SIGKILL', timedOut: false });
  expect(await shell('kill -TERM $$')).toMatchObject({ code: null, signal: 'SIGTERM', timedOut: false });
});

it('gives arguments as they are, without a shell', async () => {
  const { output } = await runCommand('/bin/echo', ['$HOME', '`id`', 'a b', ';', '*'], { timeout: 10_000 });
  expect(output).toBe('$HOME `id` a b ; *\n');
});

it('runs in the directory and with the environment given, and no other', async () => {
  const directory = temporaryDirectory();
  try {
    const { output } = await runCommand('/bin/sh', ['-c', 'pwd; env | grep -v ^PWD= | grep -v ^_= | grep -v SHLVL'], {
      cwd: directory.path,
      env: { ONLY: 'this' },
      timeout: 10_000,
    });
    expect(
      output
        .trim()
        .split('\n')
        .filter((line) => !line.startsWith('OLDPWD')),
    ).toEqual([directory.path, 'ONLY=this']);
  } finally {
    directory.remove();
  }
});

it('gives no input', async () => {
  expect(await shell('cat; echo end')).toMatchObject({ output: 'end\n', code: 0 });
});

it('throws where the program cannot be started', async () => {
  const directory = temporaryDirectory();
  try {
    const file = join(directory.path, 'program');
    const start = async (): Promise<CommandResult> => await runCommand(file, [], { timeout: 1_000 });
    await expect(start()).rejects.toMatchObject({ code: 'ENOENT' });
    writeFileSync(file, '', { mode: 0o644 });
    await expect(start()).rejects.toMatchObject({ code: 'EACCES' });
    const elsewhere = { cwd: join(directory.path, 'missing'), timeout: 1_000 };
    await expect(runCommand('/bin/true', [], elsewhere)).rejects.toMatchObject({ code: 'ENOENT' });
  } finally {
    directory.remove();
  }
});
