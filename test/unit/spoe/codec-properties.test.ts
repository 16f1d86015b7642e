import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../../src-node/spoe/bytes.js';
import { decodeFrame, encodeFrame, frameSizes, FrameSplitter, type Frame } from '../../../src-node/spoe/frame.js';
import {
  decodeAgentHello,
  decodeDisconnect,
  decodeHaproxyHello,
  encodeAgentHello,
  encodeDisconnect,
  encodeHaproxyHello,
} from '../../../src-node/spoe/handshake.js';
import {
  decodeActions,
  decodeKvList,
  decodeMessages,
  encodeActions,
  encodeKvList,
  encodeMessages,
} from '../../../src-node/spoe/payload.js';
import { SpopError } from '../../../src-node/spoe/spop-error.js';
import { readTyped, writeTyped } from '../../../src-node/spoe/typed-data.js';
import { decodeVarint, encodeVarint } from '../../../src-node/spoe/varint.js';
import { action, bytes, frame, kvList, message, text, typedValue } from '../../support/spop-arbitraries.js';

const runs = { numRuns: 500 };

describe('what was encoded', () => {
  it('is decoded as it was: integers of 64 bits, in ten bytes at most', () => {
    const value = fc.oneof(
      fc.bigInt(0n, 2n ** 64n - 1n),
      fc.bigInt(0n, 5_000n),
      fc.bigInt(2n ** 53n - 300n, 2n ** 53n + 300n),
    );
    const check = fc.property(value, (each) => {
      const encoded = encodeVarint(each);
      expect(encoded.length).toBeLessThanOrEqual(10);
      expect(decodeVarint(encoded)).toEqual({ value: each, length: encoded.length });
      if (each <= BigInt(Number.MAX_SAFE_INTEGER)) expect(encodeVarint(Number(each))).toEqual(encoded);
    });
    fc.assert(check, { numRuns: 5_000 });
  });

  it('is decoded as it was: values', () => {
    const check = fc.property(typedValue, (value) => {
      const writer = new ByteWriter();
      writeTyped(writer, value);
      const reader = new ByteReader(writer.finish());
      expect(readTyped(reader)).toEqual(value);
      expect(reader.done).toBe(true);
    });
    fc.assert(check, { numRuns: 3_000 });
  });

  it('is decoded as it was: lists, messages, actions', () => {
    comesBack(kvList, encodeKvList, decodeKvList);
    comesBack(fc.array(message), encodeMessages, decodeMessages);
    comesBack(fc.array(action), encodeActions, decodeActions);
  });

  it('is decoded as it was: HELLO and DISCONNECT', () => {
    const word = fc.stringMatching(/^[a-z0-9.-]+$/);
    const size = fc.nat(0xffff_ffff);
    const hello = fc.record({
      versions: fc.array(word),
      maxFrameSize: size,
      capabilities: fc.array(word),
      healthcheck: fc.boolean(),
      engineId: fc.option(text, { nil: undefined }),
    });
    comesBack(hello, encodeHaproxyHello, decodeHaproxyHello);
    const answer = fc.record({ version: word, maxFrameSize: size, capabilities: fc.array(word) });
    comesBack(answer, encodeAgentHello, decodeAgentHello);
    comesBack(fc.record({ status: size, message: text }), encodeDisconnect, decodeDisconnect);
  });

  it('is decoded as it was: frames, in any chunks', () => {
    const check = fc.property(fc.array(frame), fc.array(fc.nat(40)), (frames, cuts) => {
      for (const each of frames) expect(decodeFrame(encodeFrame(each).subarray(4))).toEqual(each);
      expect(split(Buffer.concat(frames.map(encodeFrame)), cuts)).toEqual(frames);
    });
    fc.assert(check, runs);
  });
});

describe('bytes that mean nothing', () => {
  const decoders: readonly ((payload: Buffer) => unknown)[] = [
    decodeFrame,
    decodeVarint,
    decodeKvList,
    decodeMessages,
    decodeActions,
    decodeHaproxyHello,
    decodeAgentHello,
    decodeDisconnect,
  ];

  /** Real payloads with a few bytes changed get further than random ones do. */
  const damaged = fc
    .tuple(
      fc.oneof(
        fc.array(message).map(encodeMessages),
        fc.array(action).map(encodeActions),
        kvList.map(encodeKvList),
        frame.map((each) => encodeFrame(each).subarray(4)),
      ),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
      fc.nat(),
    )
    .map(([payload, changes, cut]) => {
      const copy = Buffer.from(payload);
      for (const [at, byte] of changes) if (copy.length > 0) copy[at % copy.length] = byte;
      return cut % 3 === 0 ? copy.subarray(0, cut % (copy.length + 1)) : copy;
    });

  it('are a SpopError or a value to every decoder', () => {
    const check = fc.property(fc.oneof(bytes, damaged), (payload) => {
      for (const decode of decoders) {
        try {
          decode(payload);
        } catch (error) {
          if (!(error instanceof SpopError)) throw error;
        }
      }
    });
    fc.assert(check, { numRuns: 5_000 });
  });

  it('are no reason to keep more than a frame', () => {
    const check = fc.property(fc.array(bytes), (chunks) => {
      const splitter = new FrameSplitter(frameSizes.smallestLimit);
      try {
        for (const chunk of chunks) {
          splitter.push(chunk);
          for (let found = splitter.next(); found !== undefined; found = splitter.next()) {
            expect(found.payload.length).toBeLessThan(frameSizes.smallestLimit);
          }
        }
      } catch (error) {
        if (!(error instanceof SpopError)) throw error;
      }
    });
    fc.assert(check, runs);
  });
});

/** All that is in `stream`, given in chunks of these lengths and then the rest. */
function split(stream: Buffer, lengths: readonly number[]): Frame[] {
  const splitter = new FrameSplitter(frameSizes.usualLimit);
  const found: Frame[] = [];
  let at = 0;
  for (const length of [...lengths, stream.length]) {
    splitter.push(stream.subarray(at, at + length));
    at += length;
    for (let next = splitter.next(); next !== undefined; next = splitter.next()) found.push(next);
  }
  return found;
}

function comesBack<T>(
  values: fc.Arbitrary<T>,
  encode: (value: T) => Buffer,
  decode: (payload: Buffer) => unknown,
): void {
  const check = fc.property(values, (value) => {
    expect(decode(encode(value))).toEqual(value);
  });
  fc.assert(check, runs);
}
