import { ByteReader, ByteWriter } from './bytes.js';
import { SpopError } from './spop-error.js';

const largest = 0xffff_ffff_ffff_ffffn;

/**
 * SPOE.txt section 3.1, HAProxy's Peers encoding. A value below 240 is its own byte. Above, the first byte has its lowest
 * four bits below 1111, each further one seven bits more and a highest bit that says whether another follows. What a byte's
 * marks add is taken off the rest first, so that a value has one form only. Ten bytes hold 64 bits.
 */
export function writeVarint(writer: ByteWriter, value: number | bigint): void {
  if (typeof value === 'bigint') {
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) writeLarge(writer, value);
    else writeVarint(writer, Number(value));
    return;
  }
  if (!Number.isSafeInteger(value) || value < 0) throw notAVarint(value);
  if (value < 240) {
    writer.byte(value);
    return;
  }
  writer.byte((value % 16) | 240);
  // Divided, not shifted: a shift keeps 32 bits.
  let rest = Math.floor((value - 240) / 16);
  while (rest >= 128) {
    writer.byte((rest % 128) | 128);
    rest = Math.floor((rest - 128) / 128);
  }
  writer.byte(rest);
}

function writeLarge(writer: ByteWriter, value: bigint): void {
  if (value > largest) throw notAVarint(value);
  writer.byte(Number(value & 15n) | 240);
  let rest = (value - 240n) >> 4n;
  while (rest >= 128n) {
    writer.byte(Number(rest & 127n) | 128);
    rest = (rest - 128n) >> 7n;
  }
  writer.byte(Number(rest));
}

function notAVarint(value: number | bigint): SpopError {
  return new SpopError('frame-invalid', `${value} is not an integer from 0 to 2^64 - 1.`);
}

/** A length, an id or a size: what is beyond 2^53 - 1 is none, and no frame has room for it. */
export function readVarint(reader: ByteReader): number {
  const value = readAny(reader);
  if (typeof value === 'number') return value;
  throw new SpopError('frame-invalid', `A length or an id of ${value} is too large.`);
}

/** A value of up to 64 bits. */
export function readVarint64(reader: ByteReader): bigint {
  return BigInt(readAny(reader));
}

/** A number where it is exact, else a bigint. */
function readAny(reader: ByteReader): number | bigint {
  const start = reader.position;
  let value = reader.byte();
  if (value < 240) return value;
  for (let scale = 16; value <= Number.MAX_SAFE_INTEGER; scale *= 128) {
    const byte = reader.byte();
    value += byte * scale;
    if (byte < 128 && value <= Number.MAX_SAFE_INTEGER) return value;
    if (byte < 128) break;
  }
  reader.position = start;
  return readLarge(reader);
}

function readLarge(reader: ByteReader): bigint {
  let value = BigInt(reader.byte());
  for (let shift = 4n; shift < 64n; shift += 7n) {
    const byte = reader.byte();
    value += BigInt(byte) << shift;
    if (byte < 128 && value <= largest) return value;
    if (value > largest) break;
  }
  throw new SpopError('frame-invalid', 'A variable-length integer has more than 64 bits.');
}

export function encodeVarint(value: number | bigint): Buffer {
  const writer = new ByteWriter();
  writeVarint(writer, value);
  return writer.finish();
}

/** The value at the beginning of `bytes`, and how many of them it takes. */
export function decodeVarint(bytes: Buffer): { readonly value: bigint; readonly length: number } {
  const reader = new ByteReader(bytes);
  const value = readVarint64(reader);
  return { value, length: reader.position };
}
