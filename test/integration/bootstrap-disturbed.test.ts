import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareMachine, fingerprint, type Machine } from '../support/bare-machine.js';
import type { RunResult } from '../support/child.js';
import { faultInjection, operationsIn, type FaultMode } from '../support/fault-injection.js';
import { errorCodes } from '../support/report.js';
import { atEveryPoint } from '../support/scene.js';
import { temporaryDirectory } from '../support/temporary.js';

const directory = temporaryDirectory();
const root = directory.path;
const machine = (): Machine => bareMachine(root);
let faults: Awaited<ReturnType<typeof faultInjection>>;

beforeAll(async () => {
  faults = await faultInjection(root);
});
afterAll(directory.remove);

describe('disturbed', () => {
  interface Disturbance {
    readonly result: RunResult;
    readonly disturbed: boolean;
    readonly operation: string;
  }

  async function disturb(at: Machine, mode: FaultMode, point: number): Promise<Disturbance> {
    const log = `${at.path}.operations`;
    writeFileSync(log, '');
    const env = faults.env({ root: at.path, mode, at: point, log });
    const result = await at.bootstrap(['--haproxy-crt-list', at.at('etc/haproxy/list')], { env });
    const operations = operationsIn(log);
    return { result, disturbed: operations.length >= point, operation: operations[point - 1] ?? '' };
  }

  /** What is there is whole, and nothing is left once a run was let through. */
  async function problemsOf({ at, json }: Machine): Promise<readonly string[]> {
    const problems: string[] = [];
    const pem = at('etc/haproxy/default.pem');
    const before = existsSync(pem) ? readFileSync(pem, 'utf8') : undefined;
    if (before !== undefined && !new X509Certificate(before).checkPrivateKey(createPrivateKey(before))) {
      problems.push('the default certificate is not whole');
    }
    const report = await json(['--haproxy-crt-list', at('etc/haproxy/list')]);
    if (before !== undefined && readFileSync(pem, 'utf8') !== before) problems.push('it was overwritten');
    if (fingerprint(pem) !== report.defaultCert.fingerprint) problems.push('another one is told');
    const left = readdirSync(at('etc/haproxy')).sort().join();
    if (left !== 'certs,default.pem,list') problems.push(`there is ${left}`);
    return problems;
  }

  it('by a kill at any point, it leaves what the next run completes', { timeout: 300_000 }, async () => {
    const { points, problems } = await atEveryPoint(async (point) => {
      const at = machine();
      const { result, operation } = await disturb(at, 'kill-halves', point);
      const killed = result.signal === 'SIGKILL';
      const found = killed || result.code === 0 ? [] : [`exit ${String(result.code)}`];
      return {
        disturbed: killed,
        problems: [...found, ...(await problemsOf(at))].map((problem) => `${operation}: ${problem}`),
      };
    });
    expect(problems).toEqual([]);
    expect(points).toBeGreaterThan(10);
  });

  it.each(['ENOSPC', 'EROFS'] as const)('by %s at any point, it says so', { timeout: 300_000 }, async (name) => {
    const { points, problems } = await atEveryPoint(async (point) => {
      const at = machine();
      const { result, operation, disturbed } = await disturb(at, constants.errno[name], point);
      const [code = 'none', ...more] = errorCodes(result);
      const found: string[] = [];
      if (disturbed && (result.code !== 1 || !code.endsWith('-not-writable') || more.length > 0))
        found.push(result.stderr);
      if (disturbed && !result.stderr.includes(name)) found.push(`no reason: ${result.stderr}`);
      if (existsSync(at.at('etc/haproxy'))) {
        const left = readdirSync(at.at('etc/haproxy')).filter((file) => file.startsWith('.'));
        if (left.length > 0) found.push(`left ${left.join()}`);
      }
      return {
        disturbed,
        problems: [...found, ...(await problemsOf(at))].map((problem) => `${operation}: ${problem}`),
      };
    });
    expect(problems).toEqual([]);
    expect(points).toBeGreaterThan(8);
  });

  it('where there are no hard links, it works all the same', async () => {
    const at = machine();
    const { point } = await linkOf(machine());
    const { result, operation } = await disturb(at, constants.errno.EPERM, point);
    expect(operation).toMatch(/^link .*default\.pem$/);
    expect(result).toMatchObject({ code: 0 });
    expect(await problemsOf(at)).toEqual([]);
  });

  async function linkOf(at: Machine): Promise<{ readonly point: number }> {
    const log = join(root, 'operations-of-all');
    writeFileSync(log, '');
    await at.bootstrap([], { env: faults.env({ root: at.path, mode: constants.errno.EPERM, at: 0, log }) });
    return { point: operationsIn(log).findIndex((operation) => operation.startsWith('link ')) + 1 };
  }
});
