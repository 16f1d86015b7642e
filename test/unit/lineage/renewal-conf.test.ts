import { describe, expect, it } from 'vitest';
import {
  confList,
  confSection,
  confValue,
  parseRenewalConf,
  renewalParams,
  rootSection,
  serializeRenewalConf,
  setConfSection,
  setConfValue,
  webrootMapSection,
  type RenewalConf,
} from '../../../src-node/lineage/renewal-conf.js';
import { readByConfigobj, seededRandom, writeByConfigobj, type ConfValue } from '../../support/configobj.js';

const certbotConf = `# renew_before_expiry = 30 days
version = 2.1.0
archive_dir = /etc/letsencrypt/archive/a.example
cert = /etc/letsencrypt/live/a.example/cert.pem
privkey = /etc/letsencrypt/live/a.example/privkey.pem # ours
chain = /etc/letsencrypt/live/a.example/chain.pem
fullchain = /etc/letsencrypt/live/a.example/fullchain.pem

# Options used in the renewal process
[renewalparams]
account = 0123456789abcdef0123456789abcdef
  pref_challs=http-01,
webroot_path = /var/www/html,
server = https://acme.example/directory
"odd key"   =   1
pre_hook = """sh -c 'echo "up"'"""
post_hook = '''first = 1
[not a section]
# not a comment
last''' # behind
[[webroot_map]]
a.example = /var/www/html
*.b.example = /srv/b
[[other]]
[[[deep]]]
x = y
[user]
colour = blue, "light, green", 'it''s'
`;

const conf = (text: string): RenewalConf => parseRenewalConf(text);
const value = (written: string): string | undefined => confValue(conf(`[s]\nk = ${written}\n`), 's', 'k');
const list = (written: string): readonly string[] => confList(conf(`[s]\nk = ${written}\n`), 's', 'k');

describe('parseRenewalConf', () => {
  it('reads keys by their section, at any depth', () => {
    const read = conf(certbotConf);
    expect(confValue(read, rootSection, 'version')).toBe('2.1.0');
    expect(confValue(read, rootSection, 'privkey')).toBe('/etc/letsencrypt/live/a.example/privkey.pem');
    expect(confValue(read, rootSection, 'account')).toBeUndefined();
    expect(confValue(read, renewalParams, 'odd key')).toBe('1');
    expect(confList(read, renewalParams, 'pref_challs')).toEqual(['http-01']);
    expect([...confSection(read, webrootMapSection)]).toEqual([
      ['a.example', '/var/www/html'],
      ['*.b.example', '/srv/b'],
    ]);
    expect(confValue(read, 'renewalparams/other/deep', 'x')).toBe('y');
    expect(confValue(read, 'user', 'x')).toBeUndefined();
  });

  it('reads values in triple quotes, over several lines too', () => {
    const read = conf(certbotConf);
    expect(confValue(read, renewalParams, 'pre_hook')).toBe(`sh -c 'echo "up"'`);
    expect(confValue(read, renewalParams, 'post_hook')).toBe('first = 1\n[not a section]\n# not a comment\nlast');
    expect(confValue(read, webrootMapSection, 'a.example')).toBe('/var/www/html');
  });

  it.each([
    ['plain', 'plain'],
    ['"a, b"', 'a, b'],
    ["'#1'", '#1'],
    ['a # comment', 'a'],
    ['a#comment', 'a'],
    ["it's", "it's"],
    ['""', ''],
    ['', ''],
    ['a = b', 'a = b'],
    ['[x]', '[x]'],
    ['"a" # b "c"', 'a'],
    [`'say "hi"'`, 'say "hi"'],
    ['é ü', 'é ü'],
  ])('takes the value %j as %j', (written, expected) => {
    expect(value(written)).toBe(expected);
  });

  it.each([
    ['a,', ['a']],
    ['a, b', ['a', 'b']],
    ['a,b # c, d', ['a', 'b']],
    ['"a, b", c', ['a, b', 'c']],
    [`'#', "x"`, ['#', 'x']],
    ['one', ['one']],
    ['"",', ['']],
    [',', []],
  ])('takes the list %j as %j', (written, expected) => {
    expect(list(written)).toEqual(expected);
  });

  it('reads a file with CRLF and a byte order mark', () => {
    const read = conf(`\ufeff${certbotConf.replaceAll('\n', '\r\n')}`);
    expect(confValue(read, renewalParams, 'server')).toBe('https://acme.example/directory');
    expect(confList(read, renewalParams, 'webroot_path')).toEqual(['/var/www/html']);
  });

  it.each(['', '\n', '# only a comment\n', 'no equals sign\n', '[', '= x\n', '[[[deep]]]\nk = v\n', '"""\n'])(
    'does not fail on %j',
    (text) => {
      expect(serializeRenewalConf(conf(text)).trimEnd()).toBe(text.trimEnd());
    },
  );
});

describe('serializeRenewalConf', () => {
  it('gives back byte for byte what was not changed', () => {
    expect(serializeRenewalConf(conf(certbotConf))).toBe(certbotConf);
    const crlf = certbotConf.replaceAll('\n', '\r\n');
    expect(serializeRenewalConf(conf(crlf))).toBe(crlf);
  });

  it('ends the file by a line break', () => {
    expect(serializeRenewalConf(conf('a = 1'))).toBe('a = 1\n');
  });
});

/** The lines that a change took away and those that it brought. */
function difference(before: string, after: RenewalConf): { gone: string[]; come: string[] } {
  const [old, now] = [before.split('\n'), serializeRenewalConf(after).split('\n')];
  return { gone: old.filter((line) => !now.includes(line)), come: now.filter((line) => !old.includes(line)) };
}

describe('setConfValue', () => {
  it('changes one line and keeps its comment', () => {
    const changed = setConfValue(conf(certbotConf), rootSection, 'privkey', '/new path');
    expect(difference(certbotConf, changed)).toEqual({
      gone: ['privkey = /etc/letsencrypt/live/a.example/privkey.pem # ours'],
      come: ['privkey = /new path # ours'],
    });
  });

  it('leaves a line alone whose value is the same', () => {
    const same = setConfValue(conf('[s]\n  k=v   # c\n'), 's', 'k', 'v');
    expect(serializeRenewalConf(same)).toBe('[s]\n  k=v   # c\n');
  });

  it('removes a key, and does nothing where there is none', () => {
    const removed = setConfValue(conf(certbotConf), renewalParams, 'account', undefined);
    expect(difference(certbotConf, removed)).toEqual({
      gone: ['account = 0123456789abcdef0123456789abcdef'],
      come: [],
    });
    expect(serializeRenewalConf(setConfValue(conf(certbotConf), 'none', 'account', undefined))).toBe(certbotConf);
  });

  it('adds a key to its own section, before its subsections', () => {
    const added = conf(serializeRenewalConf(setConfValue(conf(certbotConf), renewalParams, 'key_type', 'ecdsa')));
    expect(confValue(added, renewalParams, 'key_type')).toBe('ecdsa');
    expect(confSection(added, webrootMapSection).size).toBe(2);
    const root = conf(serializeRenewalConf(setConfValue(conf('[s]\nk = v\n'), rootSection, 'version', '1')));
    expect(confValue(root, rootSection, 'version')).toBe('1');
    expect(confValue(root, 's', 'version')).toBeUndefined();
  });

  it('makes the sections that are missing, a subsection within its parent', () => {
    let made = setConfValue(conf('[renewalparams]\nserver = s\n[haproxy]\nbin = b\n'), webrootMapSection, 'a', '/w');
    made = conf(serializeRenewalConf(made));
    expect(confValue(made, webrootMapSection, 'a')).toBe('/w');
    expect(confValue(made, 'haproxy', 'bin')).toBe('b');
    expect(serializeRenewalConf(setConfValue(conf(''), 's', 'k', ['v']))).toBe('[s]\nk = v,\n');
  });

  it('refuses a value that the dialect cannot hold, instead of breaking the file', () => {
    const set = (given: ConfValue): RenewalConf => setConfValue(conf(''), 's', 'k', given);
    expect(() => set([`a"b'c`])).toThrow();
    expect(() => set(['a\nb'])).toThrow();
    expect(() => set(`"""'''`)).toThrow();
  });
});

describe('setConfSection', () => {
  it('replaces the entries of a section alone, keeping comments in it', () => {
    const text = '[renewalparams]\nserver = s\n[[webroot_map]]\n# why\na = /a\nb = /b\n[haproxy]\na = 1\n';
    const replaced = serializeRenewalConf(setConfSection(conf(text), webrootMapSection, new Map([['c', '/c']])));
    const read = conf(replaced);
    expect([...confSection(read, webrootMapSection)]).toEqual([['c', '/c']]);
    expect(confValue(read, 'haproxy', 'a')).toBe('1');
    expect(replaced).toContain('# why\n');
    expect(replaced.match(/\[\[webroot_map\]\]/g)).toHaveLength(1);
  });

  it('leaves the heading out where there are no entries', () => {
    const text = '[renewalparams]\n[[webroot_map]]\na = /a\n';
    expect(serializeRenewalConf(setConfSection(conf(text), webrootMapSection, new Map()))).toBe('[renewalparams]\n');
  });
});

describe('beside the configobj of certbot', () => {
  const random = seededRandom(20_261);
  const alphabet = ['a', 'b', ' ', '"', "'", ',', '#', '=', '[', ']', '/', '\n', '%', 'é'];
  const word = (): string =>
    Array.from({ length: 1 + random(7) }, () => alphabet[random(alphabet.length)] ?? '').join('');
  const values: readonly ConfValue[] = Array.from({ length: 6_000 }, (_, index) =>
    index % 2 === 0 ? word() : Array.from({ length: 1 + random(3) }, word),
  );
  const readOurs = (text: string, like: ConfValue): ConfValue | undefined =>
    typeof like === 'string' ? confValue(conf(text), 's', 'k') : confList(conf(text), 's', 'k');

  it('reads what configobj writes, and gives it back unchanged', async () => {
    const written = await writeByConfigobj(values);
    let read = 0;
    for (const [index, text] of written.entries()) {
      if (text === null) continue;
      read += 1;
      expect(readOurs(text, values[index] ?? ''), text).toEqual(values[index]);
      expect(confValue(conf(text), 's', 'last'), text).toBe('end');
      expect(serializeRenewalConf(conf(text))).toBe(text);
    }
    expect(read).toBeGreaterThan(3_000);
  });

  it('writes what configobj reads', async () => {
    const written = values.flatMap((given) => {
      try {
        return [{ given, text: serializeRenewalConf(setConfValue(conf('[s]\nlast = end\n'), 's', 'k', given)) }];
      } catch {
        return [];
      }
    });
    expect(written.length).toBeGreaterThan(3_000);
    const read = await readByConfigobj(written.map(({ text }) => text));
    for (const [index, { given, text }] of written.entries()) {
      expect(read[index], text).toEqual({ last: 'end', k: given });
      expect(readOurs(text, given), text).toEqual(given);
    }
  });
});
