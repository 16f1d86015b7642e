import { expect, it } from 'vitest';
import { exitCodeOf, exitUsage } from '../../../src-node/cli/exit-code.js';
import { errorInfo } from '../../../src-node/renewal/renewal-error.js';
import type { Outcome } from '../../../src-node/renewal/outcome.js';
import { testLineage } from '../../support/test-lineage.js';

const certName = 'a';
const lineage = testLineage(certName);
const error = errorInfo(new Error('x'));
const deployment = { kind: 'none' } as const;
const issued = { names: [], notAfter: 0, fingerprint: '' };
const good: readonly Outcome[] = [
  { kind: 'not-due', certName, dueAt: 0 },
  { kind: 'autorenew-off', certName },
  { kind: 'issued', certName, lineage, issued, deployment },
  { kind: 'deployed', certName, lineage, deployment },
];
const bad: readonly Outcome[] = [
  { kind: 'stored-not-deployed', certName, lineage, issued: undefined, error },
  { kind: 'failed', certName, error },
  { kind: 'broken', certName, error },
];

it('is 0 where nothing failed, and where nothing was to do', () => {
  expect(exitCodeOf([], undefined)).toBe(0);
  expect(exitCodeOf(good, undefined)).toBe(0);
});

it.each(bad)('is 1 where one of many is $kind', (outcome) => {
  expect(exitCodeOf([...good, outcome, ...good], undefined)).toBe(1);
});

it('is that of the signal which ended the run, whatever came of it', () => {
  expect(exitCodeOf(good, 2)).toBe(130);
  expect(exitCodeOf(bad, 15)).toBe(143);
});

it('is 2 for a wrong command line', () => {
  expect(exitUsage).toBe(2);
});
