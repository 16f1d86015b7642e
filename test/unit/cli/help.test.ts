import { describe, expect, it } from 'vitest';
import { helpText } from '../../../src-node/cli/help.js';
import { groups, optionEntries } from '../../../src-node/cli/options/option-table.js';
import { verbs } from '../../../src-node/config/config.js';

describe('the help', () => {
  it('names every flag, once, with its value, and says what it does', () => {
    const lines = helpText().split('\n');
    for (const [key, spec] of optionEntries) {
      const line = `  ${[...spec.flags, ...spec.off].join(', ')}${spec.value === undefined ? '' : ` ${spec.value}`}`;
      expect(
        lines.filter((other) => other === line),
        key,
      ).toHaveLength(1);
      expect(lines[lines.indexOf(line) + 1]?.trim(), key).not.toBe('');
      expect(spec.value === undefined, key).toBe(spec.kind === 'switch' || spec.kind === 'count');
    }
  });

  it('names every command and group', () => {
    for (const verb of verbs) expect(helpText()).toMatch(new RegExp(`^ {2}${verb} `, 'm'));
    expect(new Set(optionEntries.map(([, { group }]) => group))).toEqual(new Set(groups));
  });

  it('wraps what it says of a flag for a terminal', () => {
    const lines = helpText().split('\n');
    expect(lines.filter((line) => line.startsWith('        ') && line.length > 80)).toEqual([]);
  });

  it('gives no flag twice', () => {
    const flags = optionEntries.flatMap(([, spec]) => spec.flags);
    expect(new Set(flags).size).toBe(flags.length);
  });
});
