import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { flagNamed, flagsStartingWith, type FlagTarget } from '../../src-node/cli/options/flag-index.js';
import { differences } from './certbot-differences.js';
import { code, table } from './markdown.js';

/** A flag of certbot 5, with all its names. */
interface CertbotFlag {
  readonly flags: readonly string[];
  readonly value: boolean;
}

const list = join(import.meta.dirname, '../../test/fixtures/certbot-flags.json');

/** A row for each flag of certbot; one for those of a plugin that are refused together. */
export function flagsTable(): string {
  const flags = JSON.parse(readFileSync(list, 'utf8')) as readonly CertbotFlag[];
  const rows = new Map<string, readonly string[]>();
  for (const flag of flags) {
    const target = targetOf(flag);
    const family = target.kind === 'foreign' && target.names.some((name) => name.endsWith('*'));
    const shown = family ? target.names : flag.flags;
    rows.set(shown.join(), [shown.map(code).join(', '), ...fate(target, flag)]);
  }
  const unused = Object.keys(differences).filter((name) => !flags.some((flag) => flag.flags.includes(name)));
  if (unused.length > 0) throw new Error(`certbot has no ${unused.join(', ')}, of which a difference is told.`);
  return table(["certbot's flag", '', ''], [...rows.values()]);
}

function targetOf({ flags }: CertbotFlag): FlagTarget {
  const [name = ''] = flags.filter((flag) => flag.startsWith('--'));
  const target = flagNamed(name) ?? flagsStartingWith(name)[0];
  if (target === undefined) throw new Error(`${name} of certbot is in no table.`);
  return target;
}

function fate(target: FlagTarget, { flags }: CertbotFlag): readonly string[] {
  if (target.kind === 'foreign') return [target.option.fate, target.option.text];
  const difference = flags.map((flag) => differences[flag]).find((text) => text !== undefined);
  return difference === undefined ? ['same', ''] : ['different', difference];
}
