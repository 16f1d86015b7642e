/**
 * Measures what a challenge costs HAProxy, what a run with nothing due costs, and what it is to give HAProxy certificates,
 * and writes the figures to docs/benchmarks.md. `--quick` measures briefly and writes nothing. Figures are no test: it exits 0 whatever they are.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { temporaryDirectory } from '../support/temporary.js';
import { measureChallenges, type ChallengePlan } from './challenge-cost.js';
import { measurePace } from './challenge-pace.js';
import { challengeTable, floodTable, paceTable, type Challenges } from './challenge-report.js';
import { measureDeployments } from './deployment-cost.js';
import { deploymentTable, dueTable, loadTable, type Deployments } from './deployment-report.js';
import { measureFloods } from './flood-latency.js';
import { describeMachine, load } from './machine.js';
import { certificateMaker } from './many-certificates.js';
import { measureManyDue } from './many-due.js';
import { measureUnderLoad } from './renewals-under-load.js';
import { aimsTable, figuresMarkdown, startUpTable, type Measured } from './report.js';
import { measureStartUp } from './start-up-cost.js';

const root = resolve(import.meta.dirname, '../..');
const document = join(root, 'docs/benchmarks.md');
const begin = '<!-- figures: begin (written by npm run bench) -->';
const end = '<!-- figures: end -->';

async function measure(quick: boolean): Promise<Measured> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const machine = await describeMachine(version);
  const before = load();
  const temporary = temporaryDirectory('haproxy-acme-bench-');
  try {
    const startUp = await measureStartUp(quick ? 5 : 41, progress);
    const challenges = await measureAnswering(temporary.path, quick);
    const deployments = await measureGiving(temporary.path, quick);
    return { machine, load: [before, load()], challenges, startUp, deployments };
  } finally {
    temporary.remove();
    progress('');
  }
}

async function measureAnswering(directory: string, quick: boolean): Promise<Challenges> {
  const rounds = quick ? 2 : 9;
  const few = quick ? 1 : 3;
  const plan = (part: string, rounds: number): ChallengePlan => ({
    directory: join(directory, part),
    rounds,
    progress,
  });
  return {
    rounds,
    costs: await measureChallenges(plan('costs', rounds)),
    paces: await measurePace(plan('pace', few)),
    floods: await measureFloods(plan('floods', few)),
  };
}

async function measureGiving(directory: string, quick: boolean): Promise<Deployments> {
  const make = await certificateMaker();
  const counts = [
    { certificates: 100, rounds: 7 },
    { certificates: 1_000, rounds: 5 },
    { certificates: 10_000, rounds: 3 },
  ];
  const few = [{ certificates: 100, rounds: 3 }];
  const plan = { directory, make, progress };
  return {
    costs: await measureDeployments({ ...plan, counts: quick ? few : counts }),
    underLoad: await measureUnderLoad({ ...plan, renewals: quick ? 4 : 20 }),
    due: await measureManyDue({ ...plan, certificates: quick ? 20 : 200 }),
  };
}

/** One line that is rewritten on a terminal; none elsewhere than for each part of ten seconds or so. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
  else if (/issued|(round|run) \d*0 of.*(fixed, nbthread 1|$)|loaded|due|pace|floods/.test(text))
    process.stderr.write(`${text}\n`);
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
const { challenges, startUp, deployments } = measured;
const tables = [
  ...[challengeTable(challenges.costs), paceTable(challenges.paces), floodTable(challenges.floods)],
  startUpTable(startUp),
  ...[deploymentTable(deployments.costs), loadTable(deployments.underLoad), dueTable(deployments.due)],
  aimsTable(measured),
];
console.log(tables.join('\n\n'));
if (!quick) {
  await writeDocument(figuresMarkdown(measured));
  console.log('\nwritten to docs/benchmarks.md');
}
