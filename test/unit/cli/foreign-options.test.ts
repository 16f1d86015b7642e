import { describe, expect, it } from 'vitest';
import { foreignOptions, foreignVerbs } from '../../../src-node/cli/options/foreign-options.js';
import { optionEntries } from '../../../src-node/cli/options/option-table.js';
import { parseCommand } from '../../../src-node/cli/parse-command.js';
import { verbs } from '../../../src-node/config/config.js';

const usage: unknown = expect.objectContaining({ code: 'usage' });
const words = (flag: string, value: string | undefined): string[] => (value === undefined ? [flag] : [flag, '5']);

describe("certbot's flags that have nothing to do here", () => {
  const rows = foreignOptions.flatMap(({ flags, value, fate }) =>
    flags.map((flag) => ({ flag: flag.replace('*', 'any'), value, fate })),
  );

  it.each(rows.filter(({ fate }) => fate !== 'refused'))('take their value and leave the rest: $flag', (row) => {
    const command = parseCommand(['certonly', ...words(row.flag, row.value), '-d', 'a.test']);
    expect(command).toMatchObject({ verb: 'certonly', options: { domains: ['a.test'] } });
    expect(Object.keys(command.options)).toEqual(['domains']);
    expect(command.notes).toHaveLength(row.fate === 'ignored' ? 1 : 0);
    if (row.value === undefined) expect(() => parseCommand([`${row.flag}=5`])).toThrow(usage);
    else expect(() => parseCommand([row.flag])).toThrow(usage);
  });

  it.each(rows.filter(({ fate }) => fate === 'refused'))('or are refused: $flag', ({ flag, value }) => {
    expect(() => parseCommand(['certonly', ...words(flag, value)])).toThrow(usage);
  });

  it('are noted once each', () => {
    const { notes } = parseCommand(['renew', '--hsts', '--text', '--hsts', '-t', '--hst']);
    expect(notes.map((note) => note.split(' ')[0])).toEqual(['--hsts', '--text', '-t']);
  });

  it('may be cut short, and count where another is', () => {
    expect(parseCommand(['--staple']).notes).toHaveLength(1);
    expect(() => parseCommand(['--apa'])).toThrow(usage);
    expect(() => parseCommand(['--dns'])).toThrow(/plugins for DNS/);
    // --debug, --delete-after-revoke, --deploy-hook
    expect(() => parseCommand(['--de'])).toThrow(/--debug.*|.*--deploy-hook/);
    expect(() => parseCommand(['--http', 'x'])).toThrow(/--http-01-port.*--https-port/s);
  });

  it('have each a reason, and no name that is one of ours', () => {
    const own = optionEntries.flatMap(([, spec]) => [...spec.flags, ...spec.off]);
    for (const { flags, text } of foreignOptions) {
      expect(text).toMatch(/\.$/);
      expect(flags.filter((flag) => own.includes(flag))).toEqual([]);
    }
  });
});

describe("certbot's commands that are not here", () => {
  it.each([...foreignVerbs.keys()])('are refused with a reason: %s', (verb) => {
    expect(() => parseCommand([verb, '-q'])).toThrow(usage);
    expect(verbs).not.toContain(verb);
  });
});
