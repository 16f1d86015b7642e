import type { Socket } from 'node:net';
import { encodeFrame, frameFlags } from './frame.js';
import { SpopError } from './spop-error.js';

export interface FrameIds {
  readonly streamId: number;
  readonly frameId: number;
}

/** Of the frames that belong to no stream. */
export const noIds: FrameIds = { streamId: 0, frameId: 0 };

/** Bytes that are joined for one write. Below what a socket of Node takes before it asks to wait. */
const joined = 8 * 1024;

/** Frames on their way to HAProxy. They are joined, never split: HAProxy 3.2 resets a connection whose AGENT-HELLO comes in two. */
export class FrameWriter {
  readonly #socket: Socket;
  /** Whole frames for the next write. */
  #unsent: Buffer[] = [];
  #unsentLength = 0;
  #isFull = false;

  /** @param onDrain HAProxy has read what was written. */
  public constructor(socket: Socket, onDrain: () => void) {
    this.#socket = socket;
    socket.on('drain', () => {
      this.#isFull = false;
      onDrain();
    });
  }

  /** HAProxy does not read as fast as the agent writes. */
  public get isFull(): boolean {
    return this.#isFull;
  }

  /**
   * For the next `flush`.
   * @param most bytes of a frame, as agreed.
   * @throws SpopError `frame-too-big`.
   */
  public send(type: number, { streamId, frameId }: FrameIds, payload: Buffer, most: number): void {
    const frame = encodeFrame({ type, flags: frameFlags.fin, streamId, frameId, payload });
    const size = frame.length - 4;
    if (size > most) {
      throw new SpopError('frame-too-big', `An answer of ${size} bytes is more than a frame of ${most} holds.`);
    }
    this.#unsent.push(frame);
    this.#unsentLength += frame.length;
  }

  /** Writes if enough has come together for one write. */
  public flushIfMuch(): void {
    if (this.#unsentLength >= joined) this.flush();
  }

  public flush(): void {
    const [first] = this.#unsent;
    if (first === undefined) return;
    const bytes = this.#unsent.length === 1 ? first : Buffer.concat(this.#unsent, this.#unsentLength);
    this.#unsent = [];
    this.#unsentLength = 0;
    if (!this.#socket.writable) return;
    this.#isFull = !this.#socket.write(bytes);
  }
}
