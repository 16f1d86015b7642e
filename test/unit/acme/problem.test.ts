import { describe, expect, it } from 'vitest';
import {
  clean,
  describeProblem,
  describeSubproblems,
  readProblem,
  type Problem,
} from '../../../src-node/acme/problem.js';

const type = 'urn:ietf:params:acme:error:rateLimited';
const read = (value: unknown): Problem => {
  const problem = readProblem(value);
  if (problem === undefined) throw new Error('a problem is expected');
  return problem;
};

describe('readProblem', () => {
  it('reads type, detail, status and subproblems by name', () => {
    const identifier = { type: 'dns', value: 'a.example' };
    const caa = { type: 'urn:ietf:params:acme:error:caa', detail: 'No.', status: 403, identifier };
    const problem = read({ type, detail: 'Too many.', status: 429, subproblems: [caa, { type }] });
    expect(problem).toEqual({
      type,
      detail: 'Too many.',
      status: 429,
      subproblems: [
        { type: caa.type, detail: 'No.', status: 403, identifier: 'a.example' },
        { type, detail: '', status: undefined, identifier: undefined },
      ],
    });
    expect(describeProblem(problem)).toBe('rateLimited: Too many');
    expect(describeSubproblems(problem)).toEqual(['a.example: caa: No', 'order: rateLimited']);
  });

  it.each([undefined, null, '', 'urn:x', 7, [], {}, { type: 7 }, { detail: 'x' }, [{ type }]])(
    'takes %j for no problem',
    (value) => {
      expect(readProblem(value)).toBeUndefined();
    },
  );

  it('takes members of a wrong kind for missing', () => {
    const odd = { type, detail: { a: 1 }, status: '429', subproblems: [null, 'x', [], { identifier: 'a' }] };
    expect(read(odd)).toMatchObject({ detail: '', status: undefined, subproblems: [{ type: 'about:blank' }] });
    expect(read({ type, subproblems: { a: 1 } }).subproblems).toEqual([]);
    expect(read({ type, subproblems: [{ identifier: { value: 7 } }] }).subproblems[0]?.identifier).toBeUndefined();
  });

  it('is bounded, whatever the CA sends', () => {
    const long = 'x'.repeat(1_000_000);
    const subproblems = Array.from({ length: 5_000 }, () => ({
      type: long,
      detail: long,
      identifier: { value: long },
    }));
    const problem = read({ type: long, detail: long, subproblems });
    expect(problem.subproblems).toHaveLength(100);
    expect(describeProblem(problem).length).toBeLessThan(1_100);
    for (const line of describeSubproblems(problem)) expect(line.length).toBeLessThan(1_700);
  });
});

describe('clean', () => {
  it.each([
    ['\u001b[31mred\u001b[0m', '[31mred [0m'],
    ['a\r\nb\tc', 'a b c'],
    ['\u0000\u0007a\u007f\u009b', 'a'],
    ['admin\u202egnp.exe', 'admin gnp.exe'],
    ['a\u2028b\u2066c', 'a b c'],
    ['  é 例  ', 'é 例'],
  ])('makes one harmless line of %j', (text, expected) => {
    expect(clean(text)).toBe(expected);
  });

  it('keeps 500 characters', () => {
    expect(clean('x'.repeat(500))).toBe('x'.repeat(500));
    expect(clean('x'.repeat(501))).toBe(`${'x'.repeat(500)}...`);
  });
});
