import { createSocket, type Socket } from 'node:dgram';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dnsLookup } from '../../../../src-node/challenge/self-check/addresses.js';
import { loopback } from '../../../support/loopback.js';

const [typeA, typeAaaa] = [1, 28];
const [noError, serverFailure, noSuchName, refused] = [0, 2, 3, 5];

interface Answer {
  readonly code?: number;
  readonly address?: readonly number[];
}

/** What the server has for a name and a type; undefined: it says nothing. */
const zone: Readonly<Record<string, Readonly<Record<number, Answer>> | undefined>> = {
  'both.test': { [typeA]: { address: [192, 0, 2, 1] }, [typeAaaa]: { address: [...Array<number>(15).fill(0), 1] } },
  'four.test': { [typeA]: { address: [192, 0, 2, 1] }, [typeAaaa]: {} },
  'half.test': { [typeA]: { address: [192, 0, 2, 1] }, [typeAaaa]: { code: serverFailure } },
  'none.test': { [typeA]: {}, [typeAaaa]: {} },
  'never.test': { [typeA]: { code: noSuchName }, [typeAaaa]: { code: noSuchName } },
  'failing.test': { [typeA]: { code: serverFailure }, [typeAaaa]: {} },
  'refused.test': { [typeA]: { code: refused }, [typeAaaa]: { code: refused } },
  'silent.test': {},
};

let server: Socket;
let address = '';
const asked: string[] = [];

beforeAll(async () => {
  server = createSocket('udp4', (question, { port, address: from }) => {
    const answer = reply(question);
    if (answer !== undefined) server.send(answer, port, from);
  });
  await new Promise<void>((resolve) => server.bind(0, loopback, resolve));
  address = `${loopback}:${server.address().port}`;
});
afterAll(() => void server.close());

/** RFC 1035 section 4.1: one question, and one record at most. */
function reply(question: Buffer): Buffer | undefined {
  const labels: string[] = [];
  let at = 12;
  for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
    labels.push(question.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  const [name, type] = [labels.join('.').toLowerCase(), question.readUInt16BE(at + 1)];
  asked.push(name);
  const answer = zone[name]?.[type];
  if (answer === undefined) return undefined;
  const { code = noError, address: found } = answer;
  const header = Buffer.from([0, 0, 0x81, 0x80 | code, 0, 1, 0, found === undefined ? 0 : 1, 0, 0, 0, 0]);
  question.copy(header, 0, 0, 2);
  const record = found && [0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, found.length, ...found];
  return Buffer.concat([header, question.subarray(12, at + 5), Buffer.from(record ?? [])]);
}

const never = new AbortController().signal;

describe('the addresses of a name', () => {
  it.each([
    ['both.test', { kind: 'found', addresses: ['::1', '192.0.2.1'] }],
    ['four.test', { kind: 'found', addresses: ['192.0.2.1'] }],
    ['half.test', { kind: 'found', addresses: ['192.0.2.1'] }],
    ['none.test', { kind: 'none', code: 'ENODATA' }],
    ['never.test', { kind: 'none', code: 'ENOTFOUND' }],
    ['failing.test', { kind: 'unanswered', code: 'ESERVFAIL' }],
    ['refused.test', { kind: 'unanswered', code: 'EREFUSED' }],
  ])('are those that the DNS has for %s', async (name, expected) => {
    expect(await dnsLookup(address)(name, never)).toEqual(expected);
  });

  it('are asked for once', async () => {
    const lookup = dnsLookup(address);
    asked.length = 0;
    await Promise.all([lookup('both.test', never), lookup('both.test', never)]);
    expect(asked).toEqual(['both.test', 'both.test']);
  });

  it('are not known where nobody listens', async () => {
    expect(await dnsLookup(`${loopback}:1`)('both.test', never)).toMatchObject({ kind: 'unanswered' });
  });

  it('are not waited for where the server is silent', async () => {
    const lookup = await dnsLookup(address)('silent.test', never);
    expect(lookup).toEqual({ kind: 'unanswered', code: 'ETIMEOUT' });
  }, 20_000);

  it('are not asked for where the time is over', async () => {
    asked.length = 0;
    const lookup = await dnsLookup(address)('silent.test', AbortSignal.abort());
    expect([lookup, asked]).toEqual([{ kind: 'unanswered', code: 'ECANCELLED' }, []]);
  });

  it('are not waited for longer than there is time', async () => {
    const controller = new AbortController();
    const lookup = dnsLookup(address)('silent.test', controller.signal);
    controller.abort();
    expect(await lookup).toEqual({ kind: 'unanswered', code: 'ECANCELLED' });
  });
});
