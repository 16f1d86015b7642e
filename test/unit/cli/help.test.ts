import { describe, expect, it } from 'vitest';
import { helpText } from '../../../src-node/cli/help.js';
import { foreignVerbs } from '../../../src-node/cli/options/foreign-options.js';
import { groups, optionEntries, type AnyOption } from '../../../src-node/cli/options/option-table.js';
import { otherTopics, verbTopics } from '../../../src-node/cli/options/topics.js';
import { verbs } from '../../../src-node/config/config.js';

function lineOf(spec: AnyOption): string {
  return `  ${[...spec.flags, ...spec.off].join(', ')}${spec.value === undefined ? '' : ` ${spec.value}`}`;
}

function flagsIn(text: string): readonly string[] {
  const lines = new Set(text.split('\n'));
  return optionEntries.filter(([, spec]) => lines.has(lineOf(spec))).map(([key]) => key);
}

describe('the help on all', () => {
  it('names every flag, once, with its value, and says what it does', () => {
    const lines = helpText('all').split('\n');
    for (const [key, spec] of optionEntries) {
      const line = lineOf(spec);
      expect(
        lines.filter((other) => other === line),
        key,
      ).toHaveLength(1);
      expect(lines[lines.indexOf(line) + 1]?.trim(), key).not.toBe('');
      expect(spec.value === undefined, key).toBe(spec.kind === 'switch' || spec.kind === 'count');
    }
  });

  it('gives no flag twice', () => {
    const flags = optionEntries.flatMap(([, spec]) => [...spec.flags, ...spec.off]);
    expect(new Set(flags).size).toBe(flags.length);
  });
});

describe('the short help', () => {
  it('names every command, some flags and the topics', () => {
    const text = helpText(undefined);
    for (const verb of verbs) expect(text).toMatch(new RegExp(`^ {2}${verb} `, 'm'));
    expect(flagsIn(text)).toContain('domains');
    expect(flagsIn(text).length).toBeLessThan(optionEntries.length / 3);
    for (const topic of [...groups, ...Object.keys(otherTopics)]) expect(text).toContain(topic);
  });
});

describe('the help on a topic', () => {
  it.each(verbs)('shows how %s is used, and the flags that matter for it', (verb) => {
    const text = helpText(verb);
    expect(text).toContain(`haproxy-acme ${verbTopics[verb].usage}`);
    for (const key of verbTopics[verb].options) expect(flagsIn(text)).toContain(key);
    for (const [key, { group }] of optionEntries) {
      if (verbTopics[verb].groups.includes(group)) expect(flagsIn(text)).toContain(key);
    }
    expect(flagsIn(text).length).toBeLessThan(optionEntries.length);
  });

  it.each(groups)('shows the flags of the group %s, and no others', (group) => {
    const expected = optionEntries.filter(([, spec]) => spec.group === group).map(([key]) => key);
    expect(flagsIn(helpText(group))).toEqual(expected);
  });

  it.each(['webroot', 'standalone', 'manual', 'security', 'automation', 'testing', 'manage', 'commands', 'auth'])(
    'is there for %s, as with certbot',
    (topic) => {
      expect(helpText(topic)).toMatch(/^ {2}/m);
    },
  );

  it.each(['nonsense', 'constructor', '', ...foreignVerbs.keys()])(
    'is refused by usage where there is none: %j',
    (topic) => {
      expect(() => helpText(topic)).toThrow(expect.objectContaining({ code: 'usage' }));
    },
  );

  it('is wrapped for a terminal', () => {
    for (const topic of [undefined, 'all', ...verbs, ...groups]) {
      const lines = helpText(topic).split('\n');
      expect(lines.filter((line) => line.startsWith('        ') && line.length > 80)).toEqual([]);
    }
  });
});
