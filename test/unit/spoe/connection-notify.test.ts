import { describe, expect, it } from 'vitest';
import { frameTypes } from '../../../src-node/spoe/frame.js';
import { decodeActions, type Action } from '../../../src-node/spoe/payload.js';
import type { TypedValue } from '../../../src-node/spoe/typed-data.js';
import { until } from '../../support/child.js';
import { notify } from '../../support/spop-peer.js';
import { echo, said, set, spopStage, text } from '../../support/spop-stage.js';

const stage = spopStage();

describe('NOTIFY', () => {
  it('is acknowledged with both its ids and the actions of its messages in their order', async () => {
    await stage.start({ handlers: { echo, two: () => [set(text('one')), set(text('two'))] } });
    const one = await stage.greeted();
    const messages = [said('a'), { name: 'two', args: [] }, said('z')];
    one.send(notify(0, 1, ...messages), notify(4_294_967_295, 70_000), notify(3, 240, said('b')));
    await one.frame(4);
    expect(one.frames.slice(1).map(({ type, flags, streamId, frameId }) => [type, flags, streamId, frameId])).toEqual([
      [frameTypes.ack, 1, 0, 1],
      [frameTypes.ack, 1, 4_294_967_295, 70_000],
      [frameTypes.ack, 1, 3, 240],
    ]);
    const values = one.frames.slice(1).map(({ payload }) => decodeActions(payload));
    expect(values).toEqual([['a', 'one', 'two', 'z'].map((each) => set(text(each))), [], [set(text('b'))]]);
  });

  it('comes in one write with the answers to what came with it', async () => {
    await stage.start();
    const one = await stage.greeted();
    one.send(...Array.from({ length: 100 }, (_, index) => notify(index, 1, said('some words'))));
    await one.frame(101);
    expect(one.reads.map(({ frames }) => frames)).toEqual([1, 101]);
  });

  it.each(['nobody', 'constructor', '__proto__', ''])(
    'with a message %j that nobody handles has no actions',
    async (name) => {
      await stage.start();
      const one = await stage.greeted();
      one.send(notify(1, 1, { name, args: [] }, said('a')), notify(3, 1, { name, args: [] }));
      expect(decodeActions((await one.frame(2)).payload)).toEqual([set(text('a'))]);
      expect((await one.frame(3)).payload).toHaveLength(0);
      const unknown = { kind: 'message-unknown', name, connection: 1 };
      expect(stage.events.slice(1)).toEqual([unknown, unknown]);
    },
  );

  const fault = new Error('a fault');
  it.each([
    [
      'throws',
      (): never => {
        throw fault;
      },
    ],
    ['rejects', async (): Promise<never> => await Promise.reject(fault)],
  ])('whose handler %s has the actions of the others', async (_what, fails) => {
    await stage.start({ handlers: { echo, fails } });
    const one = await stage.greeted();
    one.send(notify(1, 1, said('a'), { name: 'fails', args: [] }, said('b')));
    expect(decodeActions((await one.frame(2)).payload)).toEqual([set(text('a')), set(text('b'))]);
    expect(stage.events.slice(1)).toEqual([{ kind: 'handler-failed', name: 'fails', error: fault, connection: 1 }]);
  });

  it.each([
    ['is more than a frame holds', text('x'.repeat(1_000))],
    ['SPOP has no form for', { type: 'ipv4', value: '1.2.3' } as const],
    ['is out of its range', { type: 'int32', value: 2 ** 31 } as const],
    ['is no integer', { type: 'uint32', value: 1.5 } as const],
  ])('whose answer %s has no actions', async (_what, value) => {
    await stage.start({ handlers: { echo: () => [set(value)] } });
    const one = await stage.greeted({ maxFrameSize: 1_000 });
    one.send(notify(1, 1, said('a')), notify(3, 1));
    expect(await one.frame(2)).toMatchObject({ type: frameTypes.ack, streamId: 1, frameId: 1 });
    expect(one.frames[1]?.payload).toHaveLength(0);
    await one.frame(3);
    expect(stage.events.slice(1).map(({ kind }) => kind)).toEqual(['answer-failed']);
  });

  it('is acknowledged when its handler is ready, out of order', async () => {
    const release = new Map<string, (actions: readonly Action[]) => void>();
    const later = async (args: ReadonlyMap<string, TypedValue>): Promise<readonly Action[]> =>
      await new Promise((resolve) => release.set(String(args.get('x')?.value), resolve));
    await stage.start({ handlers: { echo: later, now: () => [] } });
    const one = await stage.greeted();
    one.send(notify(1, 1, said('a')), notify(3, 1, said('b')), notify(5, 1, { name: 'now', args: [] }));
    await until('the handlers are at work', () => release.size === 2);
    release.get('b')?.([set(text('b'))]);
    await one.frame(3);
    release.get('a')?.([]);
    await one.frame(4);
    expect(one.frames.slice(1).map(({ streamId }) => streamId)).toEqual([5, 3, 1]);
  });

  it('is not read while as many handlers are at work as may be', async () => {
    const waiting: (() => void)[] = [];
    let called = 0;
    const later = async (): Promise<readonly Action[]> => {
      called += 1;
      await new Promise<void>((resolve) => waiting.push(resolve));
      return [];
    };
    await stage.start({ handlers: { echo: later, now: () => [] }, limits: { framesInFlight: 2 } });
    const one = await stage.greeted();
    one.send(
      ...[1, 3, 5, 7, 9].map((stream) => notify(stream, 1, said('a'))),
      notify(11, 1, { name: 'now', args: [] }),
    );
    // Another connection goes on, and by then the first one's frames have been taken as far as they are.
    const other = await stage.greeted();
    other.send(notify(1, 1, { name: 'now', args: [] }));
    await other.frame(2);
    expect(called).toBe(2);
    for (let answered = 1; answered <= 5; answered += 1) {
      (await until('a handler waits', () => waiting.shift()))();
      await one.frame(1 + answered);
      expect(called).toBeLessThanOrEqual(answered + 2);
    }
    await one.frame(7);
    expect(
      one.frames
        .slice(1)
        .map(({ streamId }) => streamId)
        .sort((a, z) => a - z),
    ).toEqual([1, 3, 5, 7, 9, 11]);
  });
});
