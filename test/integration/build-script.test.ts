import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkConfig } from '../../src-node/haproxy/config-check.js';
import { run, runOrThrow, type RunResult } from '../support/child.js';
import { freePort, loopback } from '../support/loopback.js';
import { temporaryDirectory } from '../support/temporary.js';

const dist = resolve(import.meta.dirname, '../../dist');
const script = resolve(import.meta.dirname, '../../haproxy/build.sh');
const directory = temporaryDirectory();
afterAll(directory.remove);
const at = (name: string): string => join(directory.path, name);
const minutes = 60_000;

/** Without optimisation, which halves the time: the makefiles up to 2.9 and from 3.0 name it differently. */
const quick = ['--jobs', '2', '--make', 'CPU_CFLAGS=-O0', '--make', 'OPT_CFLAGS=-O0'];

async function build(args: readonly string[], env: Record<string, string> = {}): Promise<RunResult> {
  return await run(script, args, { env: { TMPDIR: directory.path, ...env }, timeout: 15 * minutes });
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** What is there besides what the test itself made: a run that failed leaves nothing. */
function leftovers(): string[] {
  return readdirSync(directory.path).filter((name) => name.startsWith('haproxy-build.'));
}

/** A source that has what build.sh looks for, and a makefile that is never reached or does as it is told. */
function fakeSource(name: string, version: string, makefile = 'all:\n\t@echo no such luck >&2; exit 1\n'): string {
  mkdirSync(at(`${name}/src`), { recursive: true });
  writeFileSync(at(`${name}/src/hlua.c`), '');
  writeFileSync(at(`${name}/VERSION`), `${version}\n`);
  writeFileSync(at(`${name}/Makefile`), makefile);
  return at(name);
}

describe('build.sh, told what it cannot do', () => {
  const none = '0'.repeat(64);
  it.each([
    ['no source', []],
    ['two sources', ['--source', '/', '--distribution']],
    ['an unknown argument', ['--fast']],
    ['an option without its value', ['--version']],
    ['a version that is none', ['--version', '3.x']],
    ['a checksum that is none', ['--tarball', script, '--sha256', 'abc']],
    ['a checksum for a directory', ['--source', '/', '--sha256', none]],
    ['an unencrypted mirror without a checksum', ['--version', '3.2.1', '--mirror', 'http://127.0.0.1:1']],
    ['no jobs', ['--distribution', '--jobs', '0']],
    ['a make argument that is no variable', ['--distribution', '--make', 'install']],
    ['a relative prefix', ['--distribution', '--prefix', 'usr']],
  ])('exits 2 for %s', async (_, args) => {
    const result = await build(args);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(/^build\.sh: [^\n]+\. See build\.sh --help\.\n$/);
  });

  it('tells its use and does nothing for --help', async () => {
    const result = await build(['--help']);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    for (const option of ['--version', '--tarball', '--source', '--distribution', '--sha256', '--install', '--make']) {
      expect(result.stdout).toContain(option);
    }
  });

  it.each([
    ['a tarball that is not there', ['--tarball', '/nonexistent.tar.gz'], '/nonexistent.tar.gz'],
    ['a tarball that is none', ['--tarball', script], script],
    ['a directory that is no source', ['--source', '/'], '/'],
    ['Lua that is not built', ['--tarball', script, '--lua', '/nonexistent.lua'], '/nonexistent.lua'],
    [
      'a mirror that does not answer',
      ['--version', '3.2.1', '--mirror', 'https://127.0.0.1:1'],
      '3.2/src/haproxy-3.2.1',
    ],
  ])('exits 1 for %s, names it and leaves nothing', async (_, args, name) => {
    const result = await build(args);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/^build\.sh: [^\n]+\n$/);
    expect(result.stderr).toContain(name);
    expect(leftovers()).toEqual([]);
  });

  it('refuses a HAProxy that is too old for the Lua', async () => {
    const result = await build(['--source', fakeSource('old', '2.2.9')]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('HAProxy 2.2.9');
  });

  it('refuses a tarball with another checksum before it unpacks anything', async () => {
    const source = fakeSource('other', '3.2.1');
    await runOrThrow('tar', ['-czf', at('other.tar.gz'), '-C', directory.path, 'other']);
    const result = await build(['--tarball', at('other.tar.gz'), '--sha256', none, '--build-dir', at('refused')]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(sha256(at('other.tar.gz')));
    expect(readdirSync(source)).toContain('Makefile');
    expect(readdirSync(directory.path)).not.toContain('refused');
  });

  it('does not touch a build directory that holds something', async () => {
    mkdirSync(at('used'));
    writeFileSync(at('used/kept'), '');
    const result = await build(['--distribution', '--build-dir', at('used')]);
    expect(result.code).toBe(1);
    expect(readdirSync(at('used'))).toEqual(['kept']);
  });

  it('shows the last words of a make that fails', async () => {
    const result = await build(['--source', fakeSource('unlucky', '3.2.1'), '--build-dir', at('log')]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('no such luck');
    expect(readFileSync(at('log/build.log'), 'utf8')).toContain('no such luck');
  });

  it('names every package that is missing, and the command that installs them', async () => {
    mkdirSync(at('programs'));
    writeFileSync(at('programs/cc'), '#!/bin/sh\nexit 1\n');
    chmodSync(at('programs/cc'), 0o755);
    const source = fakeSource('bare', '2.9.0', 'LIBS = -lsystemd\n');
    const result = await build(['--source', source], { PATH: `${at('programs')}:${process.env['PATH'] ?? ''}` });
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/apt-get install libssl-dev libpcre2-dev liblua5\.4-dev libsystemd-dev\n$/);
  });
});

describe("build.sh with the distribution's source package", () => {
  let result: RunResult;
  let source: string;
  beforeAll(async () => {
    result = await build(['--distribution', '--build-dir', at('distribution'), ...quick]);
    expect(result, result.stderr).toMatchObject({ code: 0 });
    source =
      /^build\.sh: (.*)\/haproxy is built and loads .*\/dist\/acme-http01\.lua\.$/m.exec(result.stdout)?.[1] ?? '';
  }, 15 * minutes);

  it('builds HAProxy with Lua, OpenSSL, PCRE2 and the Prometheus exporter', async () => {
    const told = await runOrThrow(join(source, 'haproxy'), ['-vv']);
    for (const option of ['LUA', 'OPENSSL', 'PCRE2', 'PCRE2_JIT', 'PROMEX']) expect(told).toMatch(`USE_${option}=1`);
    expect(result.stdout).toMatch(/^HAProxy version \d/m);
    expect(result.stdout).toMatch(/^Built with Lua version : Lua 5\.[34]/m);
  });

  it("leaves nothing of apt's lists behind", () => {
    expect(readdirSync(at('distribution')).sort()).toEqual(['build.log', 'package']);
  });

  it('installs only when asked, where asked', async () => {
    const prefix = ['--prefix', at('installed')];
    expect(await build(['--source', source, ...quick, ...prefix])).toMatchObject({ code: 0 });
    expect(readdirSync(directory.path)).not.toContain('installed');
    expect(await build(['--source', source, ...quick, ...prefix, '--install'])).toMatchObject({ code: 0 });
    expect(await runOrThrow(at('installed/sbin/haproxy'), ['-v'])).toMatch(/^HAProxy version/);
    expect(leftovers()).toEqual([]);
  });

  it('fails where the binary does not load the Lua', async () => {
    writeFileSync(at('broken.lua'), 'core.register_service(');
    const broken = await build(['--source', source, ...quick, '--lua', at('broken.lua'), '--build-dir', at('proof')]);
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain(`does not load ${at('broken.lua')}`);
  });

  it(
    'leaves a HAProxy without Lua, if told to build one, that a deployment names as such',
    { timeout: 15 * minutes },
    async () => {
      cpSync(source, at('no-lua'), { recursive: true, preserveTimestamps: true });
      const proof = ['--build-dir', at('no-lua-proof')];
      const built = await build(['--source', at('no-lua'), ...quick, '--make', 'USE_LUA=', ...proof]);
      expect(built.code).toBe(1);
      writeFileSync(
        at('lua.cfg'),
        `global\n  setenv ACME_WEBROOT /tmp\n  lua-load ${resolve(dist, 'acme-http01.lua')}\n`,
      );
      const context = { cwd: undefined, env: undefined, options: [] };
      const answer = await checkConfig(at('no-lua/haproxy'), [at('lua.cfg')], context);
      expect(answer).toMatchObject({ valid: false, lacksLua: true });
    },
  );

  describe('as a tarball', () => {
    // The objects are in it, so that make has nothing to compile again.
    const tarball = at('haproxy-9.8.7.tar.gz');
    beforeAll(async () => {
      cpSync(source, at('haproxy-9.8.7'), { recursive: true, preserveTimestamps: true });
      await runOrThrow('tar', ['-cf', tarball, '-I', 'gzip -1', '-C', directory.path, 'haproxy-9.8.7']);
    });

    it('builds one that is here, in a directory with a space', async () => {
      const checksum = ['--sha256', sha256(tarball).toUpperCase()];
      const built = await build(['--tarball', tarball, ...checksum, '--build-dir', at('a tarball'), ...quick]);
      expect(built, built.stderr).toMatchObject({ code: 0 });
      expect(built.stdout).toContain(`${at('a tarball')}/haproxy/haproxy is built`);
    });

    it('fetches a version and refuses what has another checksum', async () => {
      const asked: (string | undefined)[] = [];
      const server = createServer((request, response) => {
        asked.push(request.url);
        response.end(readFileSync(tarball));
      });
      const port = await freePort();
      await new Promise<void>((listening) => server.listen(port, loopback, listening));
      const fetched = ['--version', '9.8.7', '--mirror', `http://${loopback}:${port}/`];
      try {
        const built = await build([...fetched, '--sha256', sha256(tarball), '--build-dir', at('fetched'), ...quick]);
        expect(built, built.stderr).toMatchObject({ code: 0 });
        const refused = await build([...fetched, '--sha256', '0'.repeat(64)]);
        expect(refused.code).toBe(1);
        expect(refused.stderr).toContain(sha256(tarball));
      } finally {
        server.close();
      }
      expect(asked).toEqual(['/9.8/src/haproxy-9.8.7.tar.gz', '/9.8/src/haproxy-9.8.7.tar.gz']);
      expect(leftovers()).toEqual([]);
    });
  });
});
