import { describe, expect, it } from 'vitest';
import { frameTypes } from '../../../src-node/spoe/frame.js';
import { decodeAgentHello, encodeDisconnect, encodeHaproxyHello } from '../../../src-node/spoe/handshake.js';
import { encodeKvList } from '../../../src-node/spoe/payload.js';
import { hello, statusOf } from '../../support/spop-peer.js';
import { spopStage, text } from '../../support/spop-stage.js';

const stage = spopStage();

describe('HELLO', () => {
  it('is answered with version 2.0, the lower frame size, and pipelining alone', async () => {
    await stage.start({ limits: { maxFrameSize: 9_000 } });
    const small = await stage.greeted({
      versions: ['1.0', '2.3'],
      maxFrameSize: 256,
      capabilities: ['async', 'pipelining'],
    });
    expect(small.frames[0]).toMatchObject({ type: frameTypes.agentHello, flags: 1, streamId: 0, frameId: 0 });
    const answer = { version: '2.0', maxFrameSize: 256, capabilities: ['pipelining'] };
    expect(small.frames.map(({ payload }) => decodeAgentHello(payload))).toEqual([answer]);
    const large = await stage.greeted({ capabilities: ['async'] });
    const other = { version: '2.0', maxFrameSize: 9_000, capabilities: [] };
    expect(large.frames.map(({ payload }) => decodeAgentHello(payload))).toEqual([other]);
    expect(stage.events.map(({ kind, connection }) => [kind, connection])).toEqual([
      ['connected', 1],
      ['connected', 2],
    ]);
  });

  it('of a health check is answered, and the connection closed', async () => {
    await stage.start();
    const check = await stage.greeted({ healthcheck: true, capabilities: [], engineId: undefined });
    await check.closed();
    expect(check.frames.map(({ type }) => type)).toEqual([frameTypes.agentHello]);
    expect(stage.events).toMatchObject([{ kind: 'connected', hello: { healthcheck: true } }]);
  });

  const version = ['supported-versions', text('2.0')] as const;
  const size = ['max-frame-size', { type: 'uint32', value: 1_000 }] as const;
  const capabilities = ['capabilities', text('')] as const;
  it.each([
    [5, 'no version', [size, capabilities]],
    [6, 'no size', [version, capabilities]],
    [7, 'no capabilities', [version, size]],
    [8, 'another version', [['supported-versions', text('1.0, 3.0')], size, capabilities]],
    [9, 'a size below 256', [version, ['max-frame-size', { type: 'uint32', value: 255 }], capabilities]],
    [4, 'a size that is text', [version, ['max-frame-size', text('1000')], capabilities]],
    [4, 'a version that is none', [['supported-versions', { type: 'null', value: null }], size, capabilities]],
  ] as const)('is refused with status %i for %s', async (status, _what, items) => {
    await stage.start();
    const bad = await stage.peer();
    bad.send({ type: frameTypes.haproxyHello, payload: encodeKvList(items) });
    expect(statusOf(await bad.frame(1))).toBe(status);
    await bad.closed();
    expect(stage.events).toMatchObject([{ kind: 'disconnected', by: 'agent', reason: { status } }]);
  });

  it.each([{ streamId: 1 }, { frameId: 1 }])('is refused with the ids %j', async (ids) => {
    await stage.start();
    const bad = await stage.peer();
    bad.send({ ...hello(), ...ids });
    expect(statusOf(await bad.frame(1))).toBe(4);
  });

  it('names what HAProxy speaks in few words, however many those are', async () => {
    await stage.start();
    const bad = await stage.peer();
    bad.send(hello({ versions: Array.from({ length: 900 }, () => '9.9'), maxFrameSize: 256 }));
    expect(statusOf(await bad.frame(1))).toBe(8);
    expect(bad.frames[0]?.payload.length).toBeLessThan(249);
  });

  it('that does not come in time ends the connection', async () => {
    await stage.start({ limits: { helloTimeout: 50 } });
    const silent = await stage.peer();
    expect(statusOf(await silent.frame(1))).toBe(2);
    await silent.closed();
  });

  it('may be answered by HAProxy with DISCONNECT at once', async () => {
    await stage.start();
    const gone = await stage.peer();
    gone.send(hello(), { type: frameTypes.haproxyDisconnect, payload: encodeDisconnect({ status: 8, message: 'no' }) });
    expect(statusOf(await gone.frame(2))).toBe(0);
    await gone.closed();
    expect(stage.events.at(-1)).toMatchObject({
      kind: 'disconnected',
      by: 'haproxy',
      reason: { status: 8, message: 'no' },
    });
  });

  it('is read with spaces, other integers and items that are not known', async () => {
    await stage.start();
    const spaced = await stage.peer();
    const payload = encodeKvList([
      ['supported-versions', text(' 1.0 , 2.0 ')],
      ['max-frame-size', { type: 'int64', value: 16_380n }],
      ['capabilities', text(' pipelining , async ')],
      ['something-new', { type: 'binary', value: Buffer.alloc(3) }],
    ]);
    spaced.send({ type: frameTypes.haproxyHello, payload });
    const { payload: answer } = await spaced.frame(1);
    expect(decodeAgentHello(answer).capabilities).toEqual(['pipelining']);
    expect(
      encodeHaproxyHello(
        stage.events.flatMap((event) => (event.kind === 'connected' ? [event.hello] : []))[0] ?? never(),
      ),
    ).toEqual(hello({ versions: ['1.0', '2.0'], engineId: undefined }).payload);
  });
});

function never(): never {
  throw new Error('no HELLO was told of');
}
