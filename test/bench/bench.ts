/**
 * Measures what a challenge costs HAProxy and what a run with nothing due costs, and writes the figures to
 * docs/benchmarks.md. `--quick` measures briefly and writes nothing. Figures are no test: it exits 0 whatever they are.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { temporaryDirectory } from '../support/temporary.js';
import { measureChallenges } from './challenge-cost.js';
import { describeMachine, load } from './machine.js';
import { aimsTable, challengeTable, figuresMarkdown, startUpTable, type Measured } from './report.js';
import { measureStartUp } from './start-up-cost.js';

const root = resolve(import.meta.dirname, '../..');
const document = join(root, 'docs/benchmarks.md');
const begin = '<!-- figures: begin (written by npm run bench) -->';
const end = '<!-- figures: end -->';

async function measure(quick: boolean): Promise<Measured> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const machine = await describeMachine(version);
  const before = load();
  const [rounds, runs] = quick ? [3, 5] : [15, 41];
  const temporary = temporaryDirectory('haproxy-acme-bench-');
  try {
    const startUp = await measureStartUp(runs, progress);
    const challenges = await measureChallenges({ directory: temporary.path, rounds, progress });
    return { machine, load: [before, load()], rounds, challenges, startUp };
  } finally {
    temporary.remove();
    progress('');
  }
}

/** One line that is rewritten on a terminal; none elsewhere than for each part of ten seconds or so. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
  else if (/issued|(round|run) \d*0 of.*(fixed, nbthread 1|$)/.test(text)) process.stderr.write(`${text}\n`);
}

/** Puts the figures between the two marks and leaves what stands around them. */
async function writeDocument(figures: string): Promise<void> {
  const text = existsSync(document) ? readFileSync(document, 'utf8') : '';
  const [start, stop] = [text.indexOf(begin), text.indexOf(end)];
  if (start < 0 || stop < start) throw new Error(`${document} lacks the lines '${begin}' and '${end}': put them back.`);
  const written = text.slice(0, start + begin.length) + `\n${figures}\n` + text.slice(stop);
  writeFileSync(document, await format(written, { ...(await resolveConfig(document)), filepath: document }));
}

const quick = process.argv.includes('--quick');
const measured = await measure(quick);
const tables = [challengeTable(measured.challenges), startUpTable(measured.startUp), aimsTable(measured)];
console.log(tables.join('\n\n'));
if (!quick) {
  await writeDocument(figuresMarkdown(measured));
  console.log('\nwritten to docs/benchmarks.md');
}
