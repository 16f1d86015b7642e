import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageVersion } from '../support/built-lua.js';
import { run, runOrThrow } from '../support/child.js';
import { errorCodes } from '../support/report.js';
import { startStage, type Stage } from '../support/stage.js';
import { temporaryDirectory } from '../support/temporary.js';

const root = resolve(import.meta.dirname, '../..');
const directory = temporaryDirectory();
const at = (path: string): string => join(directory.path, path);
let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
});
afterAll(async () => {
  await stage.stop();
  directory.remove();
});

describe('the package', () => {
  const installed = at('elsewhere/node_modules/haproxy-acme');
  const command = at('elsewhere/node_modules/.bin/haproxy-acme');

  beforeAll(async () => {
    mkdirSync(at('elsewhere'));
    await runOrThrow('npm', ['pack', '--silent', '--pack-destination', at('elsewhere')], { cwd: root });
    const archive = readdirSync(at('elsewhere')).find((file) => file.endsWith('.tgz')) ?? '';
    writeFileSync(at('elsewhere/package.json'), '{"private": true}');
    // Its one dependency comes from this checkout, so that no registry is needed.
    const needed = ['fs-native-extensions', ...dependenciesOf('fs-native-extensions')];
    const sources = needed.map((name) => join(root, 'node_modules', name));
    const flags = [
      '--offline',
      '--cache',
      at('cache'),
      '--install-links',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
    ];
    await runOrThrow('npm', ['install', ...flags, `./${archive}`, ...sources], { cwd: at('elsewhere') });
  });

  function dependenciesOf(name: string): readonly string[] {
    const text = readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8');
    const names = Object.keys((JSON.parse(text) as { dependencies?: object }).dependencies ?? {});
    return names.flatMap((dependency) => [dependency, ...dependenciesOf(dependency)]);
  }

  it('holds what is used and nothing of the sources', () => {
    expect(readdirSync(installed).sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist',
      'docs',
      'haproxy',
      'package.json',
    ]);
  });

  it('runs where it is installed', async () => {
    const { code, stdout } = await run(command, ['--version'], { cwd: at('elsewhere') });
    expect([code, stdout]).toEqual([0, `haproxy-acme ${packageVersion}\n`]);
    const help = await run(command, ['--help'], { cwd: at('elsewhere') });
    expect(help.code).toBe(0);
    for (const word of ['certonly', 'renew', 'certificates', '--haproxy-cert-dir']) expect(help.stdout).toContain(word);
  });

  it('orders, deploys and renews', async () => {
    const ordered = await stage.order(['packed.test'], [], { program: command });
    expect(ordered, ordered.stderr).toMatchObject({ code: 0 });
    expect(ordered.stderr).not.toContain('lock-unavailable');
    expect(await stage.served('packed.test')).toBe(stage.stored('packed.test'));
    const renewed = await stage.command(['renew', '--force-renewal'], { program: command });
    expect(renewed, renewed.stderr).toMatchObject({ code: 0 });
    expect(await stage.served('packed.test')).toBe(stage.stored('packed.test'));
  });

  it('brings the Lua service and the library', async () => {
    const script = [
      "import { existsSync } from 'node:fs';",
      "import { fileURLToPath } from 'node:url';",
      "await import('haproxy-acme');",
      "const { decodeFrame } = await import('haproxy-acme/spop');",
      "console.log(decodeFrame(Buffer.from('67000000010101', 'hex')).type);",
      "console.log(existsSync(fileURLToPath(import.meta.resolve('haproxy-acme/acme-http01.lua'))));",
    ];
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', script.join('\n')], {
      cwd: at('elsewhere'),
    });
    expect(stdout, stderr).toBe('103\ntrue\n');
  });
});

describe('the built file without its package', () => {
  it('works, and says that it takes no lock', async () => {
    cpSync(join(root, 'dist'), at('bare'), { recursive: true });
    const result = await stage.order(['bare.test'], [], { program: at('bare/haproxy-acme.js') });
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(errorCodes(result)).toEqual(['lock-unavailable']);
    expect(await stage.served('bare.test')).toBe(stage.stored('bare.test'));
    const renewed = await stage.command(['renew', '-q', '--force-renewal'], { program: at('bare/haproxy-acme.js') });
    expect(renewed).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(await stage.served('bare.test')).toBe(stage.stored('bare.test'));
  });
});

describe('a build that fails', () => {
  const checkout = at('checkout');
  beforeAll(() => {
    mkdirSync(checkout);
    const left = new Set(['node_modules', '.git', 'test', 'docs']);
    const taken = readdirSync(root).filter((entry) => !left.has(entry) && !entry.startsWith('dist.'));
    for (const entry of taken) cpSync(join(root, entry), join(checkout, entry), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  });

  it.each([
    ['the command does not parse', 'src-node/bin.ts', 'const const = 1;\n'],
    ['the Lua service does not compile', 'src-lua/main.ts', 'const wrong: number = "text";\n'],
  ])('since %s leaves the last good output alone', async (_what, file, mistake) => {
    const dist = join(checkout, 'dist');
    const before = await listing(dist);
    const text = readFileSync(join(checkout, file), 'utf8');
    writeFileSync(join(checkout, file), text + mistake);
    const result = await run('npm', ['run', '--silent', 'build'], { cwd: checkout });
    writeFileSync(join(checkout, file), text);
    expect(result.code).not.toBe(0);
    expect(result.stdout + result.stderr).toContain(file.split('/').at(-1));
    expect(await listing(dist)).toBe(before);
    expect(readdirSync(checkout).filter((entry) => entry.startsWith('dist.'))).toEqual([]);
  });

  /** Path, time of change and content of every file. */
  async function listing(path: string): Promise<string> {
    const script = 'find . -type f -printf "%p %T@ " -exec sha256sum {} + | sort';
    return await runOrThrow('sh', ['-c', script], { cwd: path });
  }
});
