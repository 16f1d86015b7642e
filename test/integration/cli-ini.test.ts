import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run, type RunResult } from '../support/child.js';
import { errorCodes } from '../support/report.js';
import { temporaryDirectory } from '../support/temporary.js';

const program = resolve(import.meta.dirname, '../../dist/haproxy-acme.js');

let directory: ReturnType<typeof temporaryDirectory>;
let home: string;
beforeEach(() => {
  directory = temporaryDirectory();
  home = join(directory.path, 'home');
  mkdirSync(join(home, '.config/letsencrypt'), { recursive: true });
});
afterEach(() => directory.remove());

/** The built command, with directories that are not there yet. */
async function command(...args: string[]): Promise<RunResult> {
  const directories = ['config', 'work', 'logs'].flatMap((kind) => [
    `--${kind}-dir`,
    join(directory.path, 'new', kind),
  ]);
  const env = { HOME: home, XDG_CONFIG_HOME: undefined };
  return await run(process.execPath, [program, ...directories, ...args], { env, cwd: directory.path });
}

function settings(text: string): void {
  writeFileSync(join(home, '.config/letsencrypt/cli.ini'), text);
}

function expectNothingMade(): void {
  expect(existsSync(join(directory.path, 'new'))).toBe(false);
  expect(readdirSync(directory.path)).toEqual(['home']);
}

describe('a wrong cli.ini', () => {
  it.each([
    ['an unknown key', 'nonsense = 1'],
    ['a flag that is refused', 'nginx = true'],
    ['no setting', '= 1'],
  ])('ends the command with exit code 2 and its line, nothing made on disk: %s', async (_what, line) => {
    settings(`# settings\n\n${line}\n`);
    const result = await command('renew');
    expect(errorCodes(result), result.stderr).toEqual(['config-file']);
    expect(result.stderr).toContain(`${join(home, '.config/letsencrypt/cli.ini')}, line 3`);
    expect(result.code).toBe(2);
    expect(result.stdout).toBe('');
    expectNothingMade();
  });

  it('is told of a file of -c that does not exist', async () => {
    const result = await command('renew', '-c', 'missing.ini');
    expect(errorCodes(result), result.stderr).toEqual(['config-file']);
    expect(result.stderr).toContain(join(directory.path, 'missing.ini'));
    expect(result.code).toBe(2);
    expectNothingMade();
  });

  it('does not keep the help and the version from being shown', async () => {
    settings('nonsense');
    for (const args of [['--help'], ['renew', '--help'], ['help', 'all'], ['--version']]) {
      const result = await command(...args);
      expect(result.code, result.stderr).toBe(0);
      expect(result.stderr).toBe('');
      expect(result.stdout).not.toBe('');
    }
    expectNothingMade();
  });
});

describe('a cli.ini', () => {
  it('gives the command its settings, the command line before it', async () => {
    settings('cert-name = of-the-file\njson = true');
    const result = await command('renew');
    expect(result.code).toBe(1);
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { code: 'no-such-lineage' } });
    expect(result.stdout).toContain("'of-the-file'");
    expect((await command('renew', '--cert-name', 'given')).stdout).toContain("'given'");
    expect(JSON.parse((await command('renew', '-m', 'nobody')).stdout)).toMatchObject({
      error: { code: 'email-invalid' },
    });
  });
});

describe('a flag of certbot that means nothing here', () => {
  it('is noted once on stderr, and the command goes on', async () => {
    settings('hsts = true');
    const result = await command('renew', '--no-random-sleep-on-renew', '--hsts');
    expect(result.code).toBe(0);
    expect(result.stderr.split('\n').map((line) => line.split(' ')[0])).toEqual([
      ...['--hsts', '--no-random-sleep-on-renew', ''],
    ]);
  });

  it('is among the warnings of --json, and unmentioned with -q', async () => {
    for (const verb of ['renew', 'certificates', 'plugins']) {
      const result = await command(verb, '--uir', '--json');
      const { warnings } = JSON.parse(result.stdout) as { warnings: readonly string[] };
      expect(warnings).toEqual([expect.stringContaining('--uir')]);
      expect(result.stderr).toBe('');
      expect((await command(verb, '--uir', '-q')).stderr).toBe('');
    }
  });

  it.each([['--apache'], ['--dns-route53'], ['enhance'], ['rollback', '--checkpoints', '1'], ['--help', 'nonsense']])(
    'or that would make it another command is refused with exit code 2, nothing made on disk: %s',
    async (...args) => {
      const result = await command(...args, '-d', 'a.test');
      expect(errorCodes(result), result.stderr).toEqual(['usage']);
      expect(result.code).toBe(2);
      expect(result.stdout).toBe('');
      expectNothingMade();
    },
  );
});

describe('plugins', () => {
  const names = (text: string): readonly string[] => [...text.matchAll(/^\* (\S+)$/gm)].map((match) => match[1] ?? '');

  it('lists the ways to answer challenges and what certificates are given to, and makes nothing', async () => {
    const result = await command('plugins', '--init', '--prepare');
    expect(result.code, result.stderr).toBe(0);
    const ways = ['webroot', 'standalone', 'runtime-map', 'stateless', 'spoe', 'tls-alpn-01', 'manual'];
    expect(names(result.stdout)).toEqual([...ways, 'haproxy']);
    expect(names((await command('plugins', '--authenticators')).stdout)).toEqual(ways);
    expect(names((await command('plugins', '--installers')).stdout)).toEqual(['haproxy']);
    expectNothingMade();
  });
});
