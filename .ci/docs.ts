/**
 * Writes docs/cli.md, and the table of flags in docs/certbot.md, from the tables that the command is made of.
 * `--check` writes nothing, and fails where a page is not what would be written.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { flagsTable } from './reference/certbot-flags.js';
import { cliPage } from './reference/cli-page.js';

const docs = join(import.meta.dirname, '../docs');
const begin = '<!-- flags: begin (written by npm run docs) -->';
const end = '<!-- flags: end -->';

/** What is between the two marks gives way to the table. */
function certbotPage(present: string): string {
  const [start, stop] = [present.indexOf(begin), present.indexOf(end)];
  if (start < 0 || stop < start)
    throw new Error(`docs/certbot.md lacks the lines '${begin}' and '${end}': put them back.`);
  return `${present.slice(0, start + begin.length)}\n\n${flagsTable()}\n\n${present.slice(stop)}`;
}

const pages: readonly (readonly [name: string, write: (present: string) => string])[] = [
  ['cli.md', cliPage],
  ['certbot.md', certbotPage],
];

for (const [name, write] of pages) {
  const path = join(docs, name);
  const present = readFileSync(path, { encoding: 'utf8', flag: 'a+' });
  const written = await format(write(present), { ...(await resolveConfig(path)), filepath: path });
  if (written === present) continue;
  if (!process.argv.includes('--check')) writeFileSync(path, written);
  else {
    console.error(`docs/${name} is not what the tables say: run 'npm run docs' and commit it.`);
    process.exitCode = 1;
  }
}
