import { SpopError } from './spop-error.js';

/** Takes a frame apart from its first byte to its last. What is taken beyond the end is a SpopError. */
export class ByteReader {
  readonly #bytes: Buffer;
  public position = 0;

  public constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  public get done(): boolean {
    return this.position >= this.#bytes.length;
  }

  public byte(): number {
    const value = this.#bytes[this.position];
    if (value === undefined) throw endsEarly();
    this.position += 1;
    return value;
  }

  public uint32(): number {
    if (this.position + 4 > this.#bytes.length) throw endsEarly();
    const value = this.#bytes.readUInt32BE(this.position);
    this.position += 4;
    return value;
  }

  /** A view, not a copy. */
  public take(length: number): Buffer {
    const end = this.position + length;
    if (end > this.#bytes.length) throw endsEarly();
    const view = this.#bytes.subarray(this.position, end);
    this.position = end;
    return view;
  }

  public text(length: number): string {
    const end = this.position + length;
    if (end > this.#bytes.length) throw endsEarly();
    const text = this.#bytes.toString('utf8', this.position, end);
    this.position = end;
    return text;
  }

  public rest(): Buffer {
    return this.take(this.#bytes.length - this.position);
  }
}

function endsEarly(): SpopError {
  return new SpopError('frame-invalid', 'The frame ends in the middle of a value.');
}

/** Puts bytes together; it grows by what is written. */
export class ByteWriter {
  #bytes: Buffer = Buffer.allocUnsafe(128);
  #length = 0;

  public byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  public uint32(value: number): void {
    this.#room(4);
    this.#bytes.writeUInt32BE(value, this.#length);
    this.#length += 4;
  }

  public append(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** `length` is that of the text in UTF-8. */
  public text(text: string, length: number): void {
    this.#room(length);
    this.#bytes.write(text, this.#length, 'utf8');
    this.#length += length;
  }

  public finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #room(more: number): void {
    const wanted = this.#length + more;
    if (wanted <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(wanted, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
