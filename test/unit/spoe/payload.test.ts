import { describe, expect, it } from 'vitest';
import { encodeFrame, FrameSplitter, frameTypes } from '../../../src-node/spoe/frame.js';
import {
  decodeActions,
  encodeActions,
  encodeMessages,
  type Action,
  type KvList,
} from '../../../src-node/spoe/payload.js';
import { encodeVarint } from '../../../src-node/spoe/varint.js';

/** SPOE.txt section 3, by hand. */
describe('bytes', () => {
  it.each([
    [0, '00'],
    [239, 'ef'],
    [240, 'f000'],
    [2_287, 'ff7f'],
    [2_288, 'f08000'],
    [264_431, 'ffff7f'],
    [264_432, 'f0808000'],
    [33_818_863, 'ffffff7f'],
    [33_818_864, 'f080808000'],
    [4_328_786_159, 'ffffffff7f'],
    [2n ** 64n - 1n, 'fff0fefefefefefefe0e'],
  ])('of %d are %s', (value, bytes) => {
    expect(encodeVarint(value).toString('hex')).toBe(bytes);
  });

  it.each([
    ['proc', '00'],
    ['sess', '01'],
    ['txn', '02'],
    ['req', '03'],
    ['res', '04'],
  ] as const)('of actions in scope %s', (scope, byte) => {
    const actions: readonly Action[] = [
      { type: 'set-var', scope, name: 'ab', value: { type: 'bool', value: true } },
      { type: 'unset-var', scope, name: 'c' },
    ];
    expect(encodeActions(actions).toString('hex')).toBe(`0103${byte}02616211` + `0202${byte}0163`);
  });

  it.each([
    ['an action that there is not', '0303020161' + '11'],
    ['set-var with two arguments', '0102020161' + '11'],
    ['set-var without a value', '0103020161'],
    ['unset-var with three arguments', '0203020161'],
    ['a scope that there is not', '0202050161'],
  ])('of %s are refused', (_what, bytes) => {
    const refused = expect.objectContaining({ code: 'frame-invalid', status: 4 }) as unknown;
    expect(() => decodeActions(Buffer.from(bytes, 'hex'))).toThrow(refused);
  });

  it('have room for 255 arguments', () => {
    const args = (count: number): KvList => Array.from({ length: count }, () => ['', { type: 'null', value: null }]);
    expect(encodeMessages([{ name: '', args: args(255) }])[1]).toBe(255);
    expect(() => encodeMessages([{ name: '', args: args(256) }])).toThrow('more than 255');
  });
});

it('bytes that are given before the last ones were used up come after them', () => {
  const frames = [1, 2, 3].map((frameId) => ({
    type: frameTypes.notify,
    flags: 1,
    streamId: 0,
    frameId,
    payload: Buffer.from('x'),
  }));
  const [one = Buffer.alloc(0), two = Buffer.alloc(0), three = Buffer.alloc(0)] = frames.map(encodeFrame);
  const splitter = new FrameSplitter(256);
  splitter.push(Buffer.concat([one, two.subarray(0, 6)]));
  splitter.push(two.subarray(6));
  splitter.push(three);
  expect([splitter.next(), splitter.next(), splitter.next(), splitter.next()]).toEqual([...frames, undefined]);
});
