import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src-node/platform/clock.js';
import type { AgentEvent } from '../../../src-node/spoe/agent.js';
import { frameTypes } from '../../../src-node/spoe/frame.js';
import { decodeDisconnect, encodeDisconnect } from '../../../src-node/spoe/handshake.js';
import { decodeActions, encodeMessages, type Action } from '../../../src-node/spoe/payload.js';
import { until } from '../../support/child.js';
import { hello, notify, statusOf, wire } from '../../support/spop-peer.js';
import { said, set, spopStage, text } from '../../support/spop-stage.js';

const stage = spopStage();

describe('a connection', () => {
  it.each([
    ['a fragment', 10, { flags: 0 }],
    ['the rest of a payload', 10, { type: frameTypes.unset }],
    ['an aborted fragment', 10, { type: frameTypes.unset, flags: 3 }],
    ['a second HELLO', 4, hello()],
    ['a frame that agents send', 4, { type: frameTypes.ack }],
    ['a message that ends early', 4, { payload: Buffer.from([200, 1]) }],
    ['a value of no type', 4, { payload: Buffer.from([1, 97, 1, 1, 97, 10]) }],
    ['a frame that is too big', 3, { payload: Buffer.alloc(16_380) }],
  ])('ends after %s with status %i', async (_what, status, frame) => {
    await stage.start();
    const bad = await stage.greeted();
    bad.send(notify(1, 1, said('before')), frame, notify(3, 1, said('after')));
    expect(decodeActions((await bad.frame(2)).payload)).toEqual([set(text('before'))]);
    expect(statusOf(await bad.frame(3))).toBe(status);
    await bad.closed();
    expect(bad.frames).toHaveLength(3);
    expect(stage.events.at(-1)).toMatchObject({ kind: 'disconnected', by: 'agent', reason: { status } });
  });

  it('skips a frame whose type is not known', async () => {
    await stage.start();
    const one = await stage.greeted();
    one.send({ type: 77 }, { type: 4, payload: Buffer.from('x') }, notify(1, 1, said('a')));
    expect(await one.frame(2)).toMatchObject({ type: frameTypes.ack, streamId: 1 });
  });

  it('answers DISCONNECT by DISCONNECT and ends', async () => {
    await stage.start();
    const one = await stage.greeted();
    const reason = { status: 2, message: 'a timeout occurred' };
    one.send({ type: frameTypes.haproxyDisconnect, payload: encodeDisconnect(reason) });
    expect(statusOf(await one.frame(2))).toBe(0);
    await one.closed();
    expect(stage.events.at(-1)).toEqual({ kind: 'disconnected', by: 'haproxy', reason, connection: 1 });
  });

  it('may be ended by HAProxy without a word', async () => {
    await stage.start();
    const one = await stage.greeted();
    one.socket.end();
    await until('the agent forgets it', () => stage.agent().connections() === 0);
    expect(stage.events.at(-1)).toMatchObject({ kind: 'disconnected', by: 'network' });
  });

  it('ends when nothing is said for too long', async () => {
    await stage.start({ limits: { idleTimeout: 60 } });
    const one = await stage.greeted();
    expect(statusOf(await one.frame(2))).toBe(2);
    await one.closed();
  });

  it('beyond the limit is served, and the one ended that was idle longest', async () => {
    let time = 0;
    await stage.start({ limits: { connections: 2 }, clock: { ...systemClock, now: () => (time += 1) } });
    const [first, second] = [await stage.greeted(), await stage.greeted()];
    first.send(notify(1, 1, said('a')));
    await first.frame(2);
    const third = await stage.greeted();
    expect(third.frames[0]?.type).toBe(frameTypes.agentHello);
    expect(statusOf(await second.frame(2))).toBe(13);
    await second.closed();
    first.send(notify(1, 2, said('b')));
    expect(await first.frame(3)).toMatchObject({ type: frameTypes.ack, frameId: 2 });
    await until('the agent forgets it', () => stage.agent().connections() === 2);
  });

  it('that waits for an answer is not taken for an idle one', async () => {
    const answers: (() => void)[] = [];
    const slow = async (): Promise<readonly Action[]> => {
      await new Promise<void>((resolve) => answers.push(resolve));
      return [];
    };
    let time = 0;
    const clock = { ...systemClock, now: () => (time += 1) };
    await stage.start({ handlers: { echo: slow }, limits: { connections: 2 }, clock });
    const waiting = await stage.greeted();
    waiting.send(notify(1, 1, said('a')));
    await until('a handler waits', () => answers.length > 0);
    const idle = await stage.greeted();
    await stage.greeted();
    expect(statusOf(await idle.frame(2))).toBe(13);
    for (const answer of answers) answer();
    expect(await waiting.frame(2)).toMatchObject({ type: frameTypes.ack });
  });

  it('is had by HAProxy whatever crowd neither speaks nor reads nor closes', async () => {
    await stage.start({ limits: { connections: 3, closeTimeout: 600_000 } });
    for (let count = 0; count < 120; count += 1) (await stage.peer()).socket.pause();
    const one = await stage.greeted();
    one.send(notify(1, 1, said('a')));
    expect(await one.frame(2)).toMatchObject({ type: frameTypes.ack });
    await until('the others are cut off', () => stage.agent().connections() <= 53);
  });

  it('is told of a fault of the agent that there is one, and the event what', async () => {
    const fault = new Error('a secret');
    const events: AgentEvent[] = [];
    const onEvent = (event: AgentEvent): void => {
      events.push(event);
      if (event.kind === 'connected') throw fault;
    };
    await stage.start({ onEvent });
    const one = await stage.greeted();
    const last = await one.frame(2);
    expect(statusOf(last)).toBe(99);
    expect(decodeDisconnect(last.payload).message).not.toContain('secret');
    expect(events.at(-1)).toMatchObject({ kind: 'disconnected', by: 'agent', reason: { status: 99 }, error: fault });
  });

  it('of an HAProxy that does not read makes the agent wait, not grow', async () => {
    let called = 0;
    const large = text('x'.repeat(10_000));
    const answer = (): readonly Action[] => {
      called += 1;
      return [set(large)];
    };
    await stage.start({ handlers: { large: answer, now: () => [] } });
    const slow = await stage.greeted();
    slow.socket.pause();
    const count = 20_000;
    const message = encodeMessages([{ name: 'large', args: [] }]);
    slow.socket.write(
      Buffer.concat(Array.from({ length: count }, (_, index) => wire({ streamId: index, payload: message }))),
    );
    const settled = await until('no handler is called any more', async () => {
      const before = called;
      const other = await stage.greeted();
      for (let round = 1; round < 20; round += 1) {
        other.send(notify(round, 1, { name: 'now', args: [] }));
        await other.frame(1 + round);
      }
      return before > 0 && called === before ? called : undefined;
    });
    // What the system holds on the way, and less than 64 kB in the agent.
    expect(settled).toBeLessThan(200);
    slow.socket.resume();
    await slow.frame(1 + count);
    expect(called).toBe(count);
  });
});

describe('close', () => {
  it('disconnects each with status 0, and new ones find nobody', async () => {
    await stage.start();
    const both = [await stage.greeted(), await stage.greeted()];
    await stage.agent().close();
    for (const each of both) {
      expect(statusOf(await each.frame(2))).toBe(0);
      await each.closed();
    }
    expect(stage.agent().connections()).toBe(0);
    await expect(stage.peer()).rejects.toThrow();
  });

  /** A handler that answers when it is released. */
  function slowly(): { handler: () => Promise<readonly Action[]>; release: () => (() => void) | undefined } {
    let release: (() => void) | undefined;
    const handler = async (): Promise<readonly Action[]> => {
      await new Promise<void>((resolve) => (release = resolve));
      return [];
    };
    return { handler, release: () => release };
  }

  it('waits for a handler at work, and no longer', async () => {
    const { handler, release } = slowly();
    await stage.start({ handlers: { echo: handler }, limits: { closeTimeout: 600_000 } });
    const one = await stage.greeted();
    one.send(notify(1, 1, said('a')));
    const answer = await until('a handler waits', release);
    const closed = stage.agent().close();
    answer();
    await closed;
    const types = [frameTypes.agentHello, frameTypes.ack, frameTypes.agentDisconnect];
    expect(one.frames.map(({ type }) => type)).toEqual(types);
  });

  it('does not wait for ever', async () => {
    const { handler, release } = slowly();
    await stage.start({ handlers: { echo: handler }, limits: { closeTimeout: 100 } });
    const one = await stage.greeted();
    one.send(notify(1, 1, said('a')));
    await until('a handler waits', release);
    await stage.agent().close();
    await one.closed();
    expect(one.frames.map(({ type }) => type)).toEqual([frameTypes.agentHello, frameTypes.agentDisconnect]);
  });

  it('ends a connection whose HAProxy neither reads nor closes', async () => {
    await stage.start({ limits: { closeTimeout: 50 } });
    const stuck = await stage.greeted();
    stuck.socket.pause();
    await stage.agent().close();
    expect(stage.agent().connections()).toBe(0);
  });
});
