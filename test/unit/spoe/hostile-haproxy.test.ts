import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameTypes, type Frame } from '../../../src-node/spoe/frame.js';
import { decodeActions } from '../../../src-node/spoe/payload.js';
import { until } from '../../support/child.js';
import { frame, message } from '../../support/spop-arbitraries.js';
import { hello, notify, statusOf, wire } from '../../support/spop-peer.js';
import { said, set, spopStage, text } from '../../support/spop-stage.js';

const stage = spopStage();

describe('bytes of an HAProxy that is none', () => {
  it('may come one by one', async () => {
    await stage.start();
    const slow = await stage.peer();
    const bytes = Buffer.concat([hello(), notify(1, 1, said('a')), notify(3, 300, said('b'))].map(wire));
    for (const byte of bytes) {
      await new Promise((written) => slow.socket.write(Buffer.from([byte]), written));
    }
    await slow.frame(3);
    expect(slow.frames.map(({ type, frameId }) => [type, frameId])).toEqual([
      [frameTypes.agentHello, 0],
      [frameTypes.ack, 1],
      [frameTypes.ack, 300],
    ]);
    expect(slow.frames.slice(1).flatMap(({ payload }) => decodeActions(payload))).toEqual([
      set(text('a')),
      set(text('b')),
    ]);
  });

  it.each([
    ['of HTTP', 3, Buffer.from('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n')],
    ['of TLS', 3, Buffer.from('16030100c8010000c4030367', 'hex')],
    ['of the largest length', 3, Buffer.from('ffffffff', 'hex')],
    ['of one byte more than may be', 3, Buffer.from([0, 0, 0x3f, 0xfd])],
    ['of no length', 4, Buffer.alloc(4)],
    ['of a frame without room for its ids', 4, Buffer.from([0, 0, 0, 6])],
    ['of a HELLO that ends early', 4, wire({ ...hello(), payload: Buffer.from([18, 115, 117]) })],
    ['of a NOTIFY without HELLO', 4, wire(notify(1, 1, said('a')))],
    ['of an id that goes on and on', 4, Buffer.from(`0000001403000000 01${'ff'.repeat(15)}`.replace(' ', ''), 'hex')],
  ])('%s are refused with status %i as soon as they show it', async (_what, status, bytes) => {
    await stage.start();
    const bad = await stage.peer();
    bad.socket.write(bytes);
    expect(statusOf(await bad.frame(1))).toBe(status);
    await bad.closed();
    expect(bad.frames).toHaveLength(1);
  });

  it('that go on after the agent has ended are read by nobody', async () => {
    await stage.start({ limits: { closeTimeout: 200 } });
    const bad = await stage.greeted();
    bad.send(hello());
    const block = randomBytes(64 * 1024);
    while (!bad.ended() && bad.socket.writable) {
      await new Promise((written) => bad.socket.write(block, written));
    }
    expect(bad.frames.map(statusOf)).toEqual([undefined, 4]);
    await until('the agent forgets it', () => stage.agent().connections() === 0);
  });

  it('leave other connections alone', async () => {
    await stage.start();
    const good = await stage.greeted();
    for (let count = 1; count <= 50; count += 1) {
      const bad = await stage.peer();
      bad.socket.write(randomBytes(200));
      good.send(notify(count, 1, said('a')));
      expect((await good.frame(1 + count)).streamId).toBe(count);
    }
    await until('the agent forgets the bad ones', () => stage.agent().connections() === 1);
  });

  /** From nonsense to a conversation with one wrong byte. */
  const conversation = fc
    .tuple(
      fc.array(
        fc.oneof(
          fc.constant(wire(hello())),
          fc.array(message, { maxLength: 3 }).map((messages) => wire(notify(1, 1, ...messages))),
          fc.array(message, { maxLength: 3 }).map((messages) => wire(notify(3, 2, said('a'), ...messages))),
          frame.map(wire),
          fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        ),
      ),
      fc.option(fc.tuple(fc.nat(), fc.nat(255))),
      fc.array(fc.integer({ min: 1, max: 200 })),
    )
    .map(([parts, wrong, lengths]) => {
      const bytes = Buffer.concat([wire(hello()), ...parts]);
      if (wrong !== null) bytes[wrong[0] % bytes.length] = wrong[1];
      return { bytes, lengths };
    });

  it('end in a DISCONNECT that names what is wrong, or in answers, however they are chunked', async () => {
    await stage.start();
    const check = fc.asyncProperty(conversation, async ({ bytes, lengths }) => {
      const any = await stage.peer();
      let at = 0;
      for (const length of [...lengths, bytes.length]) {
        const chunk = bytes.subarray(at, at + length);
        at += length;
        if (chunk.length > 0 && any.socket.writable) await new Promise((written) => any.socket.write(chunk, written));
      }
      any.socket.end();
      await any.closed();
      for (const each of any.frames) expect(isAnswer(each) || (statusOf(each) ?? 99) < 13).toBe(true);
    });
    await fc.assert(check, { numRuns: 300 });
    await until('the agent forgets them', () => stage.agent().connections() === 0);
    const [worst] = stage.events
      .flatMap((each) => (each.kind === 'disconnected' ? [each.reason.status] : []))
      .sort((a, z) => z - a);
    expect(worst).toBeLessThan(13);
  });

  function isAnswer({ type, flags }: Frame): boolean {
    return flags === 1 && (type === frameTypes.agentHello || type === frameTypes.ack);
  }
});
