import { ByteReader, ByteWriter } from './bytes.js';
import { SpopError } from './spop-error.js';
import { readVarint, writeVarint } from './varint.js';

/** SPOE.txt section 3.2.2. */
export const frameTypes = {
  unset: 0,
  haproxyHello: 1,
  haproxyDisconnect: 2,
  notify: 3,
  agentHello: 101,
  agentDisconnect: 102,
  ack: 103,
} as const;

export const frameFlags = {
  /** The payload ends with this frame: one without it is a fragment. */
  fin: 1,
  abort: 2,
} as const;

/** Sizes are without the four bytes of the length before each frame. */
export const frameSizes = {
  /** SPOE.txt section 3.2: what every peer must take. */
  smallestLimit: 256,
  /** What HAProxy announces with its usual tune.bufsize. */
  usualLimit: 16_380,
  /** Type, flags and two ids of one byte. */
  smallest: 7,
} as const;

export interface Frame {
  /** One of `frameTypes`, or a type that is not known. */
  readonly type: number;
  readonly flags: number;
  /** HAProxy's ids have 32 bits; more than 2^53 - 1 is refused. */
  readonly streamId: number;
  readonly frameId: number;
  readonly payload: Buffer;
}

/** The frame with its length before it, as it goes over the wire. */
export function encodeFrame(frame: Frame): Buffer {
  const writer = new ByteWriter();
  writer.uint32(0);
  writer.byte(frame.type);
  writer.uint32(frame.flags);
  writeVarint(writer, frame.streamId);
  writeVarint(writer, frame.frameId);
  writer.append(frame.payload);
  const bytes = writer.finish();
  bytes.writeUInt32BE(bytes.length - 4, 0);
  return bytes;
}

/** Decodes what follows the length. The payload is a view of `bytes`. */
export function decodeFrame(bytes: Buffer): Frame {
  const reader = new ByteReader(bytes);
  const type = reader.byte();
  const flags = reader.uint32();
  const streamId = readVarint(reader);
  const frameId = readVarint(reader);
  return { type, flags, streamId, frameId, payload: reader.rest() };
}

/**
 * Cuts a stream of bytes, however it is chunked, into frames. It keeps the chunk given last and the beginning of one
 * frame: never more than the largest frame and its length.
 */
export class FrameSplitter {
  /** May be lowered by the handshake. */
  public maxFrameSize: number;
  #chunk: Buffer = Buffer.alloc(0);
  #offset = 0;
  /** The beginning of a frame that goes on in the next chunk: room for its length, or for all of it. */
  #held: Buffer | undefined;
  #filled = 0;

  public constructor(maxFrameSize: number) {
    this.maxFrameSize = maxFrameSize;
  }

  /** To be called after `next` found nothing more. */
  public push(chunk: Buffer): void {
    const left = this.#chunk.subarray(this.#offset);
    this.#chunk = left.length === 0 ? chunk : Buffer.concat([left, chunk]);
    this.#offset = 0;
  }

  /**
   * The next whole frame, or undefined until there is more. Its payload is a view.
   * @throws SpopError `frame-too-big` or `frame-invalid`; nothing can be told of what follows.
   */
  public next(): Frame | undefined {
    const bytes = this.#held === undefined ? this.#whole() : this.#continued(this.#held);
    return bytes === undefined ? undefined : decodeFrame(bytes);
  }

  #whole(): Buffer | undefined {
    const available = this.#chunk.length - this.#offset;
    if (available === 0) return undefined;
    const size = available < 4 ? 0 : this.#checked(this.#chunk.readUInt32BE(this.#offset));
    if (available < 4 + size || size === 0) {
      this.#filled = 0;
      this.#held = Buffer.allocUnsafe(4 + size);
      return this.#continued(this.#held);
    }
    const bytes = this.#chunk.subarray(this.#offset + 4, this.#offset + 4 + size);
    this.#offset += 4 + size;
    return bytes;
  }

  #continued(held: Buffer): Buffer | undefined {
    const copied = this.#chunk.copy(held, this.#filled, this.#offset);
    this.#offset += copied;
    this.#filled += copied;
    if (this.#filled < held.length) return undefined;
    if (held.length === 4) {
      this.#held = Buffer.allocUnsafe(4 + this.#checked(held.readUInt32BE(0)));
      held.copy(this.#held);
      return this.#continued(this.#held);
    }
    this.#held = undefined;
    return held.subarray(4);
  }

  #checked(size: number): number {
    if (size > this.maxFrameSize) {
      throw new SpopError('frame-too-big', `A frame of ${size} bytes was sent, ${this.maxFrameSize} are allowed.`);
    }
    if (size < frameSizes.smallest) throw new SpopError('frame-invalid', `There is no frame of ${size} bytes.`);
    return size;
  }
}
