import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCommand } from '../../../src-node/cli/cli-ini.js';
import { optionEntries } from '../../../src-node/cli/options/option-table.js';
import type { ParsedCommand } from '../../../src-node/config/raw-options.js';
import { temporaryDirectory } from '../../support/temporary.js';

let home: ReturnType<typeof temporaryDirectory>;
let file: string;
beforeEach(() => {
  home = temporaryDirectory();
  file = join(home.path, 'c.ini');
});
afterEach(() => home.remove());

function read(args: readonly string[], env: Readonly<Record<string, string>> = {}): ParsedCommand {
  return readCommand(args, { env: { HOME: home.path, ...env }, cwd: home.path }, join(home.path, 'etc'));
}

/** The command line with a file of these lines by -c. */
function withFile(text: string, ...args: string[]): ParsedCommand {
  writeFileSync(file, text);
  return read(['-c', file, ...args]);
}

function optionsOf(text: string, ...args: string[]): object {
  const { configFile, ...options } = withFile(text, ...args).options;
  expect(configFile).toBe(file);
  return options;
}

function refusal(text: string, ...args: string[]): string {
  try {
    withFile(text, ...args);
  } catch (error) {
    expect(error).toMatchObject({ name: 'ConfigError', code: 'config-file' });
    return (error as Error).message;
  }
  throw new Error('was taken');
}

describe('a file of settings', () => {
  const settable = optionEntries.filter(([key]) => !['help', 'version', 'configFile'].includes(key));

  it.each(settable)('sets what the flag of %s sets', (key, spec) => {
    const value = { switch: 'true', count: '2', integer: '7', text: 'x y', list: '[a, b]' }[spec.kind];
    const set = { switch: true, count: 2, integer: 7, text: 'x y', list: ['a', 'b'] }[spec.kind];
    for (const flag of spec.flags.filter((name) => name.startsWith('--'))) {
      expect(withFile(`${flag.slice(2)} = ${value}`).options[key]).toEqual(set);
      expect(withFile(`${flag}: ${value}`).options[key]).toEqual(set);
    }
    for (const flag of spec.off) expect(withFile(flag.slice(2)).options[key]).toBe(false);
  });

  it('has key-type = both for orders, and for nothing that takes a lineage or a request as it is', () => {
    for (const line of ['key-type = both', 'key-type = Both']) {
      expect(optionsOf(line, '-d', 'a.test')).toHaveProperty('keyType');
      expect(optionsOf(line, 'certonly', '-d', 'a.test')).toHaveProperty('keyType');
      for (const args of [['renew'], ['reconfigure', '--cert-name', 'a'], ['certonly', '--csr', '/a']]) {
        expect(optionsOf(line, ...args)).not.toHaveProperty('keyType');
        expect(optionsOf(line, ...args, '--key-type', 'rsa')).toMatchObject({ keyType: 'rsa' });
        expect(optionsOf('key-type = rsa', ...args)).toMatchObject({ keyType: 'rsa' });
      }
    }
  });

  it('with key-type = both lets no weaker file have renewals change keys', () => {
    const weaker = join(home.path, '.config/letsencrypt');
    mkdirSync(weaker, { recursive: true });
    writeFileSync(join(weaker, 'cli.ini'), 'key-type = rsa\n');
    expect(optionsOf('', 'renew')).toMatchObject({ keyType: 'rsa' });
    expect(optionsOf('key-type = both', 'renew')).not.toHaveProperty('keyType');
  });

  it('is a list of flags that stand in front of the command line, which counts more', () => {
    expect(optionsOf('email = a@a.test\nagree-tos\nstaging = yes', 'renew', '-m', 'b@b.test')).toMatchObject({
      ...{ email: 'b@b.test', agreeTos: true, staging: true },
    });
    expect(optionsOf('domains = a.test,b.test\nhaproxy-cfg = [/1, /2]', '--haproxy-cfg', '/3')).toMatchObject({
      ...{ domains: ['a.test,b.test'], haproxyCfg: ['/3'] },
    });
    expect(optionsOf('domains = a.test', '-db.test')).toMatchObject({ domains: ['b.test'] });
    expect(optionsOf('reuse-key = true', '--no-reuse-key')).toMatchObject({ reuseKey: false });
    expect(withFile('authenticator = webroot\nwebroot-path = /w', '--standalone', '-d', 'a.test').order).toEqual([
      { key: 'authenticator', value: 'webroot' },
      { key: 'webrootPath', value: '/w' },
      { key: 'standalone', value: '' },
      { key: 'domains', value: 'a.test' },
    ]);
  });

  it('leaves off what is false, and switches off what is on by itself', () => {
    expect(optionsOf('agree-tos = false\nreuse-key = no\nno-autorenew = 0\nquiet = False')).not.toHaveProperty(
      'reuseKey',
    );
    expect(optionsOf('agree-tos = false')).not.toHaveProperty('agreeTos');
    expect(optionsOf('directory-hooks = false\nautorenew = no')).toMatchObject({
      directoryHooks: false,
      autorenew: false,
    });
    expect(optionsOf('verbose = 3')).toMatchObject({ verbose: 3 });
    expect(optionsOf('verbose')).toMatchObject({ verbose: 1 });
  });

  it('may name lineages for orders that renew is not to take as names', () => {
    expect(optionsOf('domains = a.test', 'renew')).not.toHaveProperty('domains');
    expect(optionsOf('domains = a.test', 'certonly')).toMatchObject({ domains: ['a.test'] });
    expect(read(['renew', '-d', 'a.test']).options.domains).toEqual(['a.test']);
    expect(read(['constructor']).verb).toBe('constructor');
  });

  it('may tell how orders are answered, which is no wish of an adoption', () => {
    const text = 'authenticator = standalone\nhttp-01-port = 8090\nyes = true\nemail = a@a.test';
    expect(optionsOf(text, 'adopt')).not.toHaveProperty('authenticator');
    expect(optionsOf(text, 'adopt')).not.toHaveProperty('yes');
    expect(optionsOf(text, 'adopt', '--standalone')).toMatchObject({ standalone: true, email: 'a@a.test' });
    expect(optionsOf(text, 'adopt')).not.toHaveProperty('http01Port');
  });

  it.each([
    ['nonsense = 1'],
    ['agree_tos = true'],
    ['agree-tos = maybe'],
    ['agree-tos ='],
    ['agree-to = true'],
    ['agree-tos = [true]'],
    ['email = [a, b]'],
    ['email'],
    ['rsa-key-size = big'],
    ['verbose = x'],
    ['-d a.test'],
    ['help = true'],
    ['hel'],
    ['version'],
    ['config = other.ini'],
    ['renew'],
    ['run'],
    ['delete'],
    ['certonly = true'],
    ['apache = true'],
    ['dns-cloudflare-credentials = /x'],
    ['https-port'],
    ['hsts = maybe'],
    ['= x'],
  ])('is refused with its name and the line where it has: %s', (line) => {
    expect(refusal(`# one\n${line}\n`)).toContain(`${file}, line 2: `);
  });

  it('has notes for what is ignored, unless it is false', () => {
    expect(withFile('hsts = true\nhttps-port = 443\nuir = no\npreconfigured-renewal = True').notes).toHaveLength(2);
  });

  it('is refused where it cannot be read', () => {
    mkdirSync(join(home.path, 'directory'));
    for (const path of ['missing.ini', 'directory', '~/missing.ini']) {
      expect(() => read(['-c', path])).toThrow(expect.objectContaining({ code: 'config-file' }));
    }
  });
});

describe('the places of settings', () => {
  const place = (directory: string, text: string): void => {
    mkdirSync(join(home.path, directory, 'letsencrypt'), { recursive: true });
    writeFileSync(join(home.path, directory, 'letsencrypt/cli.ini'), text);
  };

  it("are the user's, wherever XDG_CONFIG_HOME has it", () => {
    place('.config', 'email = a@a.test');
    place('xdg', 'email = b@b.test');
    expect(read(['renew']).options.email).toBe('a@a.test');
    expect(read(['renew'], { XDG_CONFIG_HOME: join(home.path, 'xdg') }).options.email).toBe('b@b.test');
    expect(read(['renew'], { XDG_CONFIG_HOME: '' }).options.email).toBe('a@a.test');
  });

  it('are read beside the file of -c, which counts more', () => {
    place('.config', 'email = a@a.test\nagree-tos = true\ndomains = x.test');
    expect(optionsOf('email = c@c.test\ndomains = y.test')).toMatchObject({
      ...{ email: 'c@c.test', agreeTos: true, domains: ['y.test'] },
    });
    expect(optionsOf('agree-tos = false')).toMatchObject({ agreeTos: true });
    place('.config', 'standalone = true');
    expect(withFile('webroot = true').order.map(({ key }) => key)).toEqual(['standalone', 'webroot']);
    writeFileSync(join(home.path, 'in-home.ini'), 'quiet = true');
    expect(read(['-c', '~/in-home.ini']).options.quiet).toBe(true);
    expect(read(['--config=in-home.ini']).options.quiet).toBe(true);
  });

  it("are last the system's", () => {
    mkdirSync(join(home.path, 'etc'));
    // As Debian has it.
    writeFileSync(join(home.path, 'etc/cli.ini'), '# c\nmax-log-backups = 0\npreconfigured-renewal = True\n');
    expect(read(['renew'])).toMatchObject({ options: { maxLogBackups: 0 }, notes: [] });
    place('.config', 'max-log-backups = 3');
    expect(read(['renew']).options.maxLogBackups).toBe(3);
    expect(read(['renew', '--max-log-backups', '9']).options.maxLogBackups).toBe(9);
  });

  it('are not read for the help', () => {
    place('.config', 'nonsense');
    expect(read(['--help']).verb).toBe('help');
    expect(read(['--version']).options.version).toBe(true);
    expect(() => read(['renew'])).toThrow(expect.objectContaining({ code: 'config-file' }));
  });
});
