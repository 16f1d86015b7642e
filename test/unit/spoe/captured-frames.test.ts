import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame, FrameSplitter, frameTypes, type Frame } from '../../../src-node/spoe/frame.js';
import {
  decodeDisconnect,
  decodeHaproxyHello,
  encodeDisconnect,
  encodeHaproxyHello,
} from '../../../src-node/spoe/handshake.js';
import { decodeMessages, encodeMessages } from '../../../src-node/spoe/payload.js';

const fixtures = join(import.meta.dirname, '../../fixtures/spop');
interface Captured {
  readonly haproxy: string;
  readonly frames: Readonly<Record<string, string>>;
}
const captured = readdirSync(fixtures)
  .filter((file) => file.endsWith('.json'))
  .map((file) => JSON.parse(readFileSync(join(fixtures, file), 'utf8')) as Captured);

describe.each(captured)('what HAProxy $haproxy sent', ({ haproxy, frames }) => {
  const wire = (name: string): Buffer => Buffer.from(frames[name] ?? '', 'hex');
  const frame = (name: string): Frame => decodeFrame(wire(name).subarray(4));
  const before31 = haproxy.startsWith('2.') || haproxy.startsWith('3.0.');

  it('is encoded again to the byte', () => {
    expect(Object.keys(frames).length).toBeGreaterThan(5);
    for (const name of Object.keys(frames)) expect(encodeFrame(frame(name)).toString('hex'), name).toBe(frames[name]);
  });

  it('is cut into frames again', () => {
    const splitter = new FrameSplitter(16_380);
    splitter.push(Buffer.concat(Object.keys(frames).map(wire)));
    for (const name of Object.keys(frames)) expect(splitter.next()).toEqual(frame(name));
    expect(splitter.next()).toBeUndefined();
  });

  it('is HELLO', () => {
    const found = frame('haproxy-hello');
    expect(found).toMatchObject({ type: frameTypes.haproxyHello, flags: 1, streamId: 0, frameId: 0 });
    const hello = decodeHaproxyHello(found.payload);
    expect(hello).toEqual({
      versions: ['2.0'],
      maxFrameSize: 16_380,
      capabilities: before31 ? ['pipelining', 'async'] : ['pipelining'],
      healthcheck: false,
      engineId: hello.engineId,
    });
    expect(hello.engineId).toMatch(/^[0-9a-f-]{36}$/);
    expect(encodeHaproxyHello(hello)).toEqual(found.payload);
  });

  it('is HELLO of a health check', () => {
    const hello = decodeHaproxyHello(frame('haproxy-hello-healthcheck').payload);
    expect(hello).toEqual({
      versions: ['2.0'],
      maxFrameSize: 16_380,
      capabilities: [],
      healthcheck: true,
      engineId: undefined,
    });
    expect(encodeHaproxyHello(hello)).toEqual(frame('haproxy-hello-healthcheck').payload);
  });

  it.each([
    ['ipv4', '127.0.0.1'],
    ['ipv6', '::1'],
  ] as const)('is NOTIFY with an address of %s', (type, address) => {
    const found = frame(`notify-acme-challenge-${type}`);
    expect(found).toMatchObject({ type: frameTypes.notify, flags: 1 });
    const messages = decodeMessages(found.payload);
    expect(messages).toEqual([
      {
        name: 'acme-challenge',
        args: [
          ['path', { type: 'string', value: '/.well-known/acme-challenge/token-1' }],
          ['host', { type: 'string', value: 'www.example.com' }],
          ['src', { type, value: address }],
        ],
      },
    ]);
    expect(encodeMessages(messages)).toEqual(found.payload);
  });

  it('is NOTIFY with every type that HAProxy has', () => {
    const messages = decodeMessages(frame('notify-types').payload);
    expect(messages).toEqual([
      {
        name: 'types',
        args: [
          ['method', { type: 'string', value: 'GET' }],
          ['port', { type: 'int64', value: 21_381n }],
          ['yes', { type: 'bool', value: true }],
          ['no', { type: 'bool', value: false }],
          ['less', { type: 'int64', value: -5n }],
          ['large', { type: 'int64', value: 9_007_199_254_740_993n }],
          ['missing', { type: 'null', value: null }],
          ['digest', { type: 'binary', value: createHash('sha1').update('/types').digest() }],
          ['size', { type: 'int64', value: 0n }],
          ['', { type: 'string', value: 'unnamed' }],
        ],
      },
    ]);
    expect(encodeMessages(messages)).toEqual(frame('notify-types').payload);
  });

  it('is NOTIFY with two messages, one without arguments', () => {
    expect(decodeMessages(frame('notify-first+second').payload)).toEqual([
      { name: 'first', args: [['path', { type: 'string', value: '/both' }]] },
      { name: 'second', args: [] },
    ]);
  });

  if (before31) {
    it.each([
      [2, 'a timeout occurred'],
      [8, 'unsupported version'],
      [9, 'max-frame-size too big or too small'],
      [10, 'fragmentation not supported'],
    ])('is DISCONNECT with status %i', (status, message) => {
      const found = frame(`haproxy-disconnect-${status}`);
      expect(found.type).toBe(frameTypes.haproxyDisconnect);
      expect(decodeDisconnect(found.payload)).toEqual({ status, message });
      expect(encodeDisconnect({ status, message })).toEqual(found.payload);
    });
  }
});
