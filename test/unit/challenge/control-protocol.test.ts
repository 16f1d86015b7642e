import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  controlLimits,
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  encodeRequest,
  isKeyAuthorizationOf,
  lineReader,
  type ControlRequest,
} from '../../../src-node/challenge/control-protocol.js';

const thumbprint = 'a'.repeat(43);
const base64url = (length: { minLength: number; maxLength: number }): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom('A', 'Z', 'a', 'z', '0', '9', '-', '_'), ...length });
const token = base64url({ minLength: 1, maxLength: 128 });
const challenge = fc
  .tuple(token, base64url({ minLength: 43, maxLength: 43 }))
  .map(([given, print]) => ({ token: given, keyAuthorization: `${given}.${print}` }));
const request: fc.Arbitrary<ControlRequest> = fc
  .tuple(
    fc.nat(),
    fc.oneof(
      fc.constant({ command: 'hello' as const }),
      fc.record({ command: fc.constant('publish' as const), challenges: fc.array(challenge, { maxLength: 100 }) }),
      fc.record({ command: fc.constant('withdraw' as const), tokens: fc.array(token, { maxLength: 100 }) }),
    ),
  )
  .map(([id, deed]) => ({ id, ...deed }));

describe('a request', () => {
  it('is read as it was written, on one line that is no longer than it may be', () => {
    fc.assert(
      fc.property(request, (given) => {
        const line = encodeRequest(given);
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(line.length - 1).toBeLessThanOrEqual(controlLimits.line);
        expect(decodeRequest(line)).toEqual(given);
      }),
    );
  });

  it('that is anything else is refused, and nothing is thrown', () => {
    const read = (line: string): void => {
      const decoded = decodeRequest(line);
      if ('command' in decoded) expect(decodeRequest(encodeRequest(decoded))).toEqual(decoded);
      else expect(decoded.refusal).toMatch(/^(?:malformed|version)$/);
    };
    fc.assert(fc.property(fc.string(), read));
    fc.assert(fc.property(fc.json(), read));
  });

  const one = { token: 'abc', keyAuthorization: `abc.${thumbprint}` };
  it.each([
    ['', undefined],
    ['[]', undefined],
    ['null', undefined],
    ['{"version":1,"command":"hello"}', undefined],
    ['{"version":1,"id":-1,"command":"hello"}', undefined],
    ['{"version":1,"id":1.5,"command":"hello"}', undefined],
    ['{"version":1,"id":7,"command":"stop"}', 7],
    ['{"version":1,"id":7,"command":"publish"}', 7],
    ['{"version":1,"id":7,"command":"publish","challenges":[null]}', 7],
    ['{"version":1,"id":7,"command":"withdraw","tokens":["../x"]}', 7],
    [JSON.stringify({ version: 1, id: 7, command: 'publish', challenges: Array(101).fill(one) }), 7],
    [JSON.stringify({ version: 1, id: 7, command: 'publish', challenges: [{ ...one, token: 'abd' }] }), 7],
    [JSON.stringify({ version: 1, id: 7, command: 'publish', challenges: [one, { ...one, keyAuthorization: 7 }] }), 7],
  ])('is malformed: %s', (line, id) => {
    expect(decodeRequest(line)).toEqual({ id, refusal: 'malformed' });
  });

  it('of another version is refused by its version, whatever it wants', () => {
    for (const version of [0, 2, '1', undefined]) {
      expect(decodeRequest(JSON.stringify({ version, id: 3, command: 'x' }))).toEqual({ id: 3, refusal: 'version' });
    }
  });
});

describe('an answer', () => {
  it.each([
    { id: 3, refusal: undefined },
    { id: 3, refusal: 'full' },
    { id: undefined, refusal: 'malformed' },
  ] as const)('is read as it was written: %o', (answer) => {
    expect(decodeAnswer(encodeAnswer(answer))).toEqual(answer);
  });

  it('is told from what is none', () => {
    for (const line of ['', 'HTTP/1.1 400 Bad Request', '{}', '{"version":1,"id":1}']) {
      expect(decodeAnswer(line)).toBeUndefined();
    }
  });

  it('of a later agent, for a reason that is not known yet, is a matter of versions', () => {
    expect(decodeAnswer('{"version":2,"id":1,"result":"refused","reason":"moon"}')).toEqual({
      id: 1,
      refusal: 'version',
    });
  });
});

it('a key authorization is that of its token alone', () => {
  expect(isKeyAuthorizationOf('abc', `abc.${thumbprint}`)).toBe(true);
  for (const text of [
    '',
    'abc',
    `abd.${thumbprint}`,
    `abc.${thumbprint}a`,
    `abc.${thumbprint}\n`,
    `abc.x.${thumbprint}`,
  ]) {
    expect(isKeyAuthorizationOf('abc', text)).toBe(false);
  }
});

describe('lines', () => {
  it('are the same however the text is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[ab]*$/)), fc.nat(6), (lines, size) => {
        const text = lines.map((line) => `${line}\n`).join('');
        const read: string[] = [];
        const take = lineReader((line) => read.push(line));
        for (let at = 0; at < text.length; at += size + 1) expect(take(text.slice(at, at + size + 1))).toBe(true);
        expect(read).toEqual(lines);
      }),
    );
  });

  it('end where one is too long, with or without its end, and none is taken after it', () => {
    for (const long of ['x'.repeat(controlLimits.line + 1), `${'x'.repeat(controlLimits.line + 1)}\n`]) {
      const read: string[] = [];
      const take = lineReader((line) => read.push(line));
      expect(take(`a\n${'y'.repeat(controlLimits.line)}\n`)).toBe(true);
      expect(take(`b\n${long}`)).toBe(false);
      expect(take('c\n')).toBe(false);
      expect(read.map((line) => line[0])).toEqual(['a', 'y', 'b']);
    }
  });
});
