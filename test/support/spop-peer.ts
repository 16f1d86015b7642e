import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { AgentEndpoint } from '../../src-node/spoe/listener.js';
import { encodeFrame, FrameSplitter, frameTypes, type Frame } from '../../src-node/spoe/frame.js';
import { decodeDisconnect, encodeHaproxyHello, type HaproxyHello } from '../../src-node/spoe/handshake.js';
import { encodeMessages, type Message } from '../../src-node/spoe/payload.js';
import { until } from './child.js';

/** A hand on the wire in HAProxy's place, well-behaved or not. */
export interface SpopPeer {
  readonly socket: Socket;
  /** What the agent has sent so far. */
  readonly frames: readonly Frame[];
  /** Lengths of what was read at once, and how many frames were whole then. */
  readonly reads: readonly { readonly bytes: number; readonly frames: number }[];
  readonly ended: () => boolean;
  send(...frames: readonly Partial<Frame>[]): void;
  /** Waits until the agent has sent so many frames, and returns the last of them. */
  frame(count: number): Promise<Frame>;
  closed(): Promise<void>;
}

const nothing = Buffer.alloc(0);

export async function connectPeer(endpoint: AgentEndpoint | undefined): Promise<SpopPeer> {
  if (endpoint === undefined) throw new Error('there is no endpoint');
  const socket = connect('path' in endpoint ? { path: endpoint.path } : endpoint);
  await once(socket, 'connect');
  const splitter = new FrameSplitter(64 * 1024);
  const frames: Frame[] = [];
  const reads: { bytes: number; frames: number }[] = [];
  let ended = false;
  socket.on('error', () => undefined);
  socket.once('close', () => (ended = true));
  socket.on('data', (chunk: Buffer) => {
    splitter.push(chunk);
    for (let frame = splitter.next(); frame !== undefined; frame = splitter.next()) frames.push(frame);
    reads.push({ bytes: chunk.length, frames: frames.length });
  });
  return {
    socket,
    frames,
    reads,
    ended: () => ended,
    send: (...all) => {
      socket.write(Buffer.concat(all.map(wire)));
    },
    frame: async (count) => await until(`frame ${count} of the agent`, () => frames[count - 1]),
    closed: async () => {
      await until('the connection is closed', () => ended);
    },
  };
}

/** A frame as HAProxy writes it, but for what is given. */
export function wire(frame: Partial<Frame>): Buffer {
  return encodeFrame({ type: frameTypes.notify, flags: 1, streamId: 0, frameId: 0, payload: nothing, ...frame });
}

export function hello(differences: Partial<HaproxyHello> = {}): Partial<Frame> {
  const usual = {
    versions: ['2.0'],
    maxFrameSize: 16_380,
    capabilities: ['pipelining', 'async'],
    healthcheck: false,
    engineId: 'engine',
  };
  return { type: frameTypes.haproxyHello, payload: encodeHaproxyHello({ ...usual, ...differences }) };
}

export function notify(streamId: number, frameId: number, ...messages: readonly Message[]): Partial<Frame> {
  return { type: frameTypes.notify, streamId, frameId, payload: encodeMessages(messages) };
}

/** Of the agent's DISCONNECT; another frame is none. */
export function statusOf({ type, flags, streamId, frameId, payload }: Frame): number | undefined {
  const isDisconnect = type === frameTypes.agentDisconnect && flags === 1 && streamId === 0 && frameId === 0;
  return isDisconnect ? decodeDisconnect(payload).status : undefined;
}
