import type { Socket } from 'node:net';
import type { Clock } from '../platform/clock.js';
import { systemReason } from '../platform/coded-error.js';
import type { AgentLimits } from './agent-limits.js';
import { dispatch, type DispatchEvent, type MessageHandler } from './dispatch.js';
import { FrameWriter, noIds, type FrameIds } from './frame-writer.js';
import { frameFlags, FrameSplitter, frameTypes, type Frame } from './frame.js';
import {
  decodeDisconnect,
  decodeHaproxyHello,
  encodeAgentHello,
  encodeDisconnect,
  negotiate,
  type AgentHello,
  type Disconnect,
  type HaproxyHello,
} from './handshake.js';
import { decodeMessages, encodeActions, type Action } from './payload.js';
import { SpopError } from './spop-error.js';

export type ConnectionEvent =
  | DispatchEvent
  /** HELLO was exchanged. After one of a health check HAProxy closes. */
  | { readonly kind: 'connected'; readonly hello: HaproxyHello; readonly agreed: AgentHello }
  /** An answer that no frame can carry: it was replaced by one without actions. */
  | { readonly kind: 'answer-failed'; readonly error: unknown }
  | {
      readonly kind: 'disconnected';
      /** HAProxy's DISCONNECT, ours, or `network`: without either, which is how HAProxy 3.1 and later end. */
      readonly by: 'haproxy' | 'agent' | 'network';
      readonly reason: Disconnect;
      /** With status 99: the agent's fault, of which HAProxy is told no more than that there is one. */
      readonly error?: unknown;
    };

export interface ConnectionSettings {
  readonly handlers: ReadonlyMap<string, MessageHandler>;
  readonly limits: AgentLimits;
  readonly clock: Clock;
  readonly tell: (event: ConnectionEvent) => void;
}

/** Milliseconds after which TCP asks a silent peer whether it is there. */
const keepAlive = 60_000;
const noFrame = Buffer.alloc(0);

/**
 * One HAProxy connection, from HELLO to DISCONNECT (SPOE.txt section 3.2.3). What it holds is bounded: one frame that has
 * not ended and the rest of one read; handlers that have not answered, by `framesInFlight`; and what HAProxy does not
 * read, since nothing more is read from it before it has.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #settings: ConnectionSettings;
  readonly #splitter: FrameSplitter;
  readonly #writer: FrameWriter;
  readonly #timers = new AbortController();
  #state: 'hello' | 'open' | 'closing' = 'hello';
  #inFlight = 0;
  #heard: number;
  #flushing = false;
  /** Resolves when the last handler has answered, once the agent closes. */
  #idle: (() => void) | undefined;

  public constructor(socket: Socket, settings: ConnectionSettings) {
    this.#socket = socket;
    this.#settings = settings;
    this.#splitter = new FrameSplitter(settings.limits.maxFrameSize);
    this.#writer = new FrameWriter(socket, () => this.#work());
    this.#heard = settings.clock.now();
    socket.setNoDelay(true).setKeepAlive(true, keepAlive);
    socket.setTimeout(settings.limits.idleTimeout, () => {
      this.#fail(new SpopError('timeout', 'Nothing came or went for too long.'));
    });
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('error', (error) => this.#lost(systemReason(error)));
    socket.on('close', () => {
      this.#lost('HAProxy closed the connection.');
      this.#timers.abort();
    });
    this.#after(settings.limits.helloTimeout, () => {
      if (this.#state === 'hello') this.#fail(new SpopError('timeout', 'No HELLO frame came in time.'));
    });
  }

  /** Since when HAProxy has asked nothing, as the clock has it: never where it waits for an answer. */
  public get idleSince(): number {
    if (this.#state === 'closing') return Number.NEGATIVE_INFINITY;
    return this.#inFlight > 0 ? Number.POSITIVE_INFINITY : this.#heard;
  }

  /** Without a word to HAProxy, or a wait for it. */
  public destroy(): void {
    this.#socket.destroy();
  }

  /** Says so and ends the connection. What HAProxy still sends is read and thrown away, else it would not see the frame. */
  public disconnect(reason: Disconnect): void {
    this.#end('agent', reason);
  }

  /** Lets the handlers answer that are at work, for `closeTimeout` at most, then disconnects with status 0. */
  public async close(): Promise<void> {
    if (this.#inFlight > 0 && this.#state === 'open') {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
        this.#socket.once('close', resolve);
        this.#after(this.#settings.limits.closeTimeout, resolve);
      });
    }
    this.disconnect({ status: 0, message: 'The agent stops.' });
    if (this.#socket.closed) return;
    await new Promise((resolve) => this.#socket.once('close', resolve));
  }

  #received(chunk: Buffer): void {
    if (this.#state === 'closing') return;
    this.#heard = this.#settings.clock.now();
    this.#splitter.push(chunk);
    this.#work();
  }

  /** Takes frames as far as HAProxy reads and handlers answer; then nothing more is read until they do. */
  #work(): void {
    try {
      while (this.#state !== 'closing' && !this.#mustWait) {
        const frame = this.#splitter.next();
        if (frame === undefined) break;
        this.#take(frame);
        this.#writer.flushIfMuch();
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#writer.flush();
    if (this.#state !== 'closing' && this.#mustWait) this.#socket.pause();
    else this.#socket.resume();
  }

  get #mustWait(): boolean {
    return this.#writer.isFull || this.#inFlight >= this.#settings.limits.framesInFlight;
  }

  #take(frame: Frame): void {
    const { type } = frame;
    if (type === frameTypes.unset || (frame.flags & frameFlags.fin) === 0) {
      throw new SpopError('fragmentation-unsupported', 'A fragment of a payload was sent; the agent takes none.');
    }
    if (this.#state === 'hello') {
      if (type === frameTypes.haproxyHello) this.#greet(frame);
      else if (type === frameTypes.haproxyDisconnect) this.#dismissed(frame);
      else throw new SpopError('frame-invalid', `A frame of type ${type} was sent before HELLO.`);
      return;
    }
    if (type === frameTypes.notify) this.#notified(frame);
    else if (type === frameTypes.haproxyDisconnect) this.#dismissed(frame);
    else if (knownTypes.has(type)) throw new SpopError('frame-invalid', `A frame of type ${type} has no place here.`);
    // SPOE.txt section 3.2.2: unknown frames may be skipped.
  }

  #greet(frame: Frame): void {
    if (frame.streamId !== 0 || frame.frameId !== 0) {
      throw new SpopError('frame-invalid', 'A HELLO frame has ids that are not 0.');
    }
    const hello = decodeHaproxyHello(frame.payload);
    const agreed = negotiate(hello, this.#settings.limits.maxFrameSize);
    this.#splitter.maxFrameSize = agreed.maxFrameSize;
    this.#state = 'open';
    this.#send(frameTypes.agentHello, noIds, encodeAgentHello(agreed));
    this.#settings.tell({ kind: 'connected', hello, agreed });
    // SPOE.txt section 3.2.5: a health check is over now, without DISCONNECT.
    if (hello.healthcheck) this.#finish();
  }

  #notified({ streamId, frameId, payload }: Frame): void {
    const { handlers, tell } = this.#settings;
    const answer = dispatch(decodeMessages(payload), handlers, tell);
    if (!('then' in answer)) {
      this.#acknowledge({ streamId, frameId }, answer);
      return;
    }
    this.#inFlight += 1;
    void answer.then((actions) => {
      this.#inFlight -= 1;
      this.#acknowledge({ streamId, frameId }, actions);
      if (this.#inFlight === 0) this.#idle?.();
      this.#workSoon();
    });
  }

  /** After all answers that are ready now, so that they go in one write. */
  #workSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.#work();
    });
  }

  #acknowledge(ids: FrameIds, actions: readonly Action[]): void {
    if (this.#state !== 'open') return;
    try {
      this.#send(frameTypes.ack, ids, encodeActions(actions));
    } catch (error) {
      this.#settings.tell({ kind: 'answer-failed', error });
      this.#send(frameTypes.ack, ids, noFrame);
    }
  }

  /** HAProxy's DISCONNECT is answered by one (SPOE.txt section 3.2.8). */
  #dismissed(frame: Frame): void {
    this.#end('haproxy', decodeDisconnect(frame.payload));
  }

  #fail(error: unknown): void {
    if (error instanceof SpopError) this.#end('agent', error);
    // A fault of ours: what it was is nothing that HAProxy could use, and no other connection feels it.
    else this.#end('agent', { status: 99, message: 'The agent has a fault.' }, { error });
  }

  #end(by: 'haproxy' | 'agent', { status, message }: Disconnect, fault: { readonly error?: unknown } = {}): void {
    if (this.#state === 'closing') return;
    const said = by === 'agent' ? { status, message: short(message) } : { status: 0, message: 'bye' };
    this.#send(frameTypes.agentDisconnect, noIds, encodeDisconnect(said));
    this.#finish();
    this.#settings.tell({ kind: 'disconnected', by, reason: { status, message }, ...fault });
  }

  #finish(): void {
    this.#writer.flush();
    this.#state = 'closing';
    this.#socket.end();
    this.#socket.resume();
    this.#after(this.#settings.limits.closeTimeout, () => this.#socket.destroy());
  }

  #lost(message: string): void {
    if (this.#state === 'closing') return;
    this.#state = 'closing';
    this.#settings.tell({ kind: 'disconnected', by: 'network', reason: { status: 1, message } });
  }

  #send(type: number, ids: FrameIds, payload: Buffer): void {
    this.#writer.send(type, ids, payload, this.#splitter.maxFrameSize);
  }

  #after(milliseconds: number, act: () => void): void {
    // Rejected when the connection has ended, by which nothing is left to do.
    this.#settings.clock.sleep(milliseconds, this.#timers.signal).then(act, () => undefined);
  }
}

const knownTypes: ReadonlySet<number> = new Set(Object.values(frameTypes));

/** A message may quote what HAProxy sent, and the smallest frame has to hold it. */
function short(message: string): string {
  return Buffer.from(message).subarray(0, 200).toString();
}
