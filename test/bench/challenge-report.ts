import type { VariantName } from './challenge-configurations.js';
import type { ChallengeCost } from './challenge-cost.js';
import { paceThreads, type ChallengePace } from './challenge-pace.js';
import { floodThreads, type FloodCost } from './flood-latency.js';
import { atLeast, atMost, markdownTable, ratioText } from './markdown-table.js';

/** What answering challenges comes to. */
export interface Challenges {
  readonly rounds: number;
  readonly costs: readonly ChallengeCost[];
  readonly paces: readonly ChallengePace[];
  readonly floods: readonly FloodCost[];
}

const overFixedAim = 2.0;
const underFileAndLogAim = 1.45;
const agentRateAim = 10_000;
const agentLatencyAim = 10;

const titles: Readonly<Record<VariantName, string>> = {
  fixed: 'fixed `http-request return`',
  'native-map': '`http-request return` from a map',
  'native-thumbprint': '`http-request return` by thumbprint',
  'least-service': 'the least service in Lua',
  'ours-thumbprint': 'acme-http01.lua, `ACME_THUMBPRINT`',
  'ours-map': 'acme-http01.lua, `ACME_MAP`',
  'ours-file': 'acme-http01.lua, `ACME_WEBROOT`',
  'file-and-log': 'a file and a log line each, `lua-load`',
  spoe: '`haproxy-acme spoa`',
  standalone: '`--standalone` as a backend',
};

export function challengeAims({ costs, paces }: Challenges): readonly (readonly string[])[] {
  const agent = paces.find(({ name }) => name === 'spoe');
  return [
    ...costs
      .filter(({ name }) => name === 'ours-map')
      .map(({ threads, ratio }) =>
        atMost(`challenge by map over the fixed return, nbthread ${threads}`, overFixedAim, ratio.median),
      ),
    ...costs
      .filter(({ name, threads }) => name === 'file-and-log' && threads === 2)
      .map(({ mapRatio }) =>
        atLeast('file and log line over challenge by map, nbthread 2', underFileAndLogAim, mapRatio.median, 2),
      ),
    ...(agent === undefined
      ? []
      : [
          atLeast('answers a second by `haproxy-acme spoa`', agentRateAim, agent.rate.median),
          atMost('their p99 in milliseconds', agentLatencyAim, agent.p99.median),
        ]),
  ];
}

export function challengesMarkdown(challenges: Challenges): string {
  const { rounds, costs, paces, floods } = challenges;
  return `### CPU for one challenge answered

The median of ${rounds} slices; the ratio is the median, and in brackets the lowest and highest, of ${rounds} rounds.

${challengeTable(costs)}

### Challenges asked for as fast as they are answered

With nbthread ${paceThreads}; medians.

${paceTable(paces)}

### Ordinary traffic while the challenge path is flooded

With nbthread ${floodThreads}; medians, and sums of the requests and lines.

${floodTable(floods)}`;
}

export function challengeTable(costs: readonly ChallengeCost[]): string {
  return markdownTable(
    ['Answered by', 'nbthread', 'CPU of HAProxy', 'CPU of the other process', 'HAProxy over the fixed return'],
    costs.map(({ name, threads, cost, otherCost, ratio }) => [
      ...[titles[name], String(threads), microseconds(cost.median)],
      otherCost === undefined ? '' : microseconds(otherCost.median),
      name === 'fixed' ? '1' : ratioText(ratio),
    ]),
  );
}

export function paceTable(paces: readonly ChallengePace[]): string {
  return markdownTable(
    ['Answered by', 'Answers a second', 'p50', 'p99'],
    paces.map(({ name, rate, median, p99 }) => [
      ...[titles[name], rate.median.toFixed(0)],
      ...[median, p99].map((time) => milliseconds(time.median)),
    ]),
  );
}

export function floodTable(floods: readonly FloodCost[]): string {
  return markdownTable(
    ['Flooded', 'p50', 'p99', 'Requests of the flood', 'Memory grew by', 'Log lines'],
    floods.map(({ name, median, p99, requests, growth, logLines }) => [
      name === undefined ? 'nothing' : titles[name],
      ...[median, p99].map((time) => milliseconds(time.median)),
      ...(name === undefined
        ? ['', '', '']
        : [String(requests), `${(growth / 1024).toFixed(0)} KiB`, String(logLines)]),
    ]),
  );
}

const microseconds = (value: number): string => `${value.toFixed(1)} µs`;
const milliseconds = (value: number): string =>
  value < 1 ? `${(value * 1000).toFixed(0)} µs` : `${value.toFixed(1)} ms`;
