import type { DeploymentCost, WaySpread } from './deployment-cost.js';
import { markdownTable, atLeast, atMost, ratioText } from './markdown-table.js';
import type { DueCost, DueWay } from './many-due.js';
import type { LoadCost, LoadWay } from './renewals-under-load.js';

/** What giving certificates to HAProxy comes to. */
export interface Deployments {
  readonly costs: readonly DeploymentCost[];
  readonly underLoad: readonly LoadCost[];
  readonly due: readonly DueCost[];
}

const ratioAim = 500;
const commandAim = 150;

const loadTitles: Readonly<Record<LoadWay, string>> = {
  'take-over': '`haproxy -sf` of a script',
  runtime: '`haproxy-acme deploy`, at runtime',
  reload: '`haproxy-acme deploy`, by a reload',
};
const dueTitles: Readonly<Record<DueWay, string>> = {
  'one by one': '`haproxy -sf` for each, of a hook',
  runtime: '`haproxy-acme renew`, at runtime',
  reload: '`haproxy-acme renew`, by a reload',
};

export function deploymentAims({ costs, underLoad, due }: Deployments): readonly (readonly string[])[] {
  const most = costs.at(-1);
  return [
    ...(most === undefined
      ? []
      : [
          atLeast(
            `\`-sf\` over runtime, time to served, ${most.certificates} certificates`,
            ratioAim,
            most.ratio.median,
          ),
          atMost(`milliseconds of \`haproxy-acme deploy\`, as many`, commandAim, most.command.median, 0),
        ]),
    ...underLoad
      .filter(({ way }) => way === 'runtime')
      .map(({ renewals, failed }) => atMost(`requests failed in ${renewals} renewals at runtime`, 0, failed, 0)),
    ...due
      .filter(({ way }) => way !== 'one by one')
      .map(({ certificates, reloads, way }) =>
        atMost(`reloads for ${certificates} certificates due, ${way}`, way === 'runtime' ? 0 : 1, reloads, 0),
      ),
  ];
}

export function deploymentsMarkdown(deployments: Deployments): string {
  const rounds = deployments.costs.map(({ rounds, certificates }) => `${rounds} with ${certificates}`).join(', ');
  return `### One certificate of many renewed

Medians of ${rounds} certificates; the ratio is the median, and in brackets the lowest and highest, of as many pairs.

${deploymentTable(deployments.costs)}

### Renewals under load

${loadTable(deployments.underLoad)}

### Many certificates due at once

${dueTable(deployments.due)}`;
}

export function deploymentTable(costs: readonly DeploymentCost[]): string {
  const way = (title: string, certificates: number, { served, cpu, memory }: WaySpread): readonly string[] => [
    ...[String(certificates), title, milliseconds(served.median), milliseconds(cpu.median)],
    `${(memory.median / 2 ** 20).toFixed(0)} MiB`,
  ];
  return markdownTable(
    ['Loaded', 'Renewed by', 'Until served', 'CPU', 'Peak memory of HAProxy', '`-sf` over it'],
    costs.flatMap(({ certificates, runtime, reload, ratio, command, commandCpu, commandRatio }) => [
      [...way('`set` and `commit ssl cert`', certificates, runtime), ratioText(ratio, 0)],
      [...way('`haproxy -sf`', certificates, reload), '1'],
      [
        ...[String(certificates), '`haproxy-acme deploy`', milliseconds(command.median)],
        ...[milliseconds(commandCpu.median), ''],
        ratioText(commandRatio, 1),
      ],
    ]),
  );
}

export function loadTable(costs: readonly LoadCost[]): string {
  return markdownTable(
    ['Renewed by', 'Renewals', 'Requests answered', 'Failed'],
    costs.map(({ way, renewals, answers, failed }) => [loadTitles[way], ...[renewals, answers, failed].map(String)]),
  );
}

export function dueTable(costs: readonly DueCost[]): string {
  return markdownTable(
    ['Given to HAProxy by', 'Certificates', 'Time', 'Reloads'],
    costs.map(({ way, certificates, time, reloads }) => [
      ...[dueTitles[way], String(certificates), `${(time / 1000).toFixed(1)} s`, String(reloads)],
    ]),
  );
}

function milliseconds(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}
