import { challengeAims, challengesMarkdown, type Challenges } from './challenge-report.js';
import type { Machine } from './machine.js';
import { deploymentAims, deploymentsMarkdown, type Deployments } from './deployment-report.js';
import { atMost, markdownTable, ratioText } from './markdown-table.js';
import type { StartUpCost } from './start-up-cost.js';

export interface Measured {
  readonly machine: Machine;
  /** Averages over one minute, before and after. */
  readonly load: readonly [string, string];
  readonly challenges: Challenges;
  readonly startUp: StartUpCost;
  readonly deployments: Deployments;
}

const startUpAim = 1.3;

/** The generated part of docs/benchmarks.md. */
export function figuresMarkdown(measured: Measured): string {
  const { machine, load, challenges, startUp } = measured;
  return `
Measured on ${machine.date} by version ${machine.version} on ${machine.cpu}, ${machine.cores} cores, ${machine.system}, kernel
${machine.kernel}; ${machine.haproxy}, Lua ${machine.lua}, Node.js ${machine.node}, wrk ${machine.wrk}. The load average over one
minute was ${load[0]} before and ${load[1]} after; the measurement itself makes about 2, what is above that is other work.

### Aims

${aimsTable(measured)}

${challengesMarkdown(challenges)}

### CPU of a run with nothing due

The median of ${startUp.runs} runs; the ratio is the median, and in brackets the lowest and highest, of ${startUp.runs} pairs.

${startUpTable(startUp)}

${deploymentsMarkdown(measured.deployments)}
`;
}

export function aimsTable({ challenges, startUp, deployments }: Measured): string {
  const rows = [...challengeAims(challenges)];
  rows.push(atMost('`haproxy-acme renew` with nothing due over `node -e 0`', startUpAim, startUp.ratio.median));
  return markdownTable(['What', 'Aim', 'Measured', 'Met'], [...rows, ...deploymentAims(deployments)]);
}

export function startUpTable({ node, renew, ratio }: StartUpCost): string {
  return markdownTable(
    ['Command', 'CPU', 'Over bare Node.js'],
    [
      ['`node -e 0`', `${node.median.toFixed(0)} ms`, '1'],
      ['`haproxy-acme renew`', `${renew.median.toFixed(0)} ms`, ratioText(ratio)],
    ],
  );
}
