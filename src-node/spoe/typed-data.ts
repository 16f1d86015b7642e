import { isIPv4, isIPv6 } from 'node:net';
import type { ByteReader, ByteWriter } from './bytes.js';
import { SpopError } from './spop-error.js';
import { readVarint, readVarint64, writeVarint } from './varint.js';

/** A value as SPOP carries it. HAProxy sends every integer as int64. */
export type TypedValue =
  | { readonly type: 'null'; readonly value: null }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'int32'; readonly value: number }
  | { readonly type: 'uint32'; readonly value: number }
  | { readonly type: 'int64'; readonly value: bigint }
  | { readonly type: 'uint64'; readonly value: bigint }
  /** Dotted decimals. */
  | { readonly type: 'ipv4'; readonly value: string }
  /** RFC 5952 where it was decoded; any text of an IPv6 address, without a zone, is encoded. */
  | { readonly type: 'ipv6'; readonly value: string }
  /** UTF-8. Bytes that are not become U+FFFD: who wants them sends `binary`, by HAProxy's `bin` functions. */
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'binary'; readonly value: Uint8Array };

export type TypeName = TypedValue['type'];

/** SPOE.txt section 3.1, in the order of their ids. */
const typeNames: readonly TypeName[] = [
  'null',
  'bool',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'ipv4',
  'ipv6',
  'string',
  'binary',
];
const typeIds = Object.fromEntries(typeNames.map((name, id) => [name, id])) as Readonly<Record<TypeName, number>>;

/** The type is in the lower four bits of the first byte, flags are in the upper ones; a bool is the first of them. */
const typeMask = 0x0f;
const trueFlag = 0x10;

export function readTyped(reader: ByteReader): TypedValue {
  const first = reader.byte();
  const type = typeNames[first & typeMask];
  if (type === undefined) throw new SpopError('frame-invalid', `There is no type ${first & typeMask} of data.`);
  switch (type) {
    case 'null':
      return { type, value: null };
    case 'bool':
      return { type, value: (first & trueFlag) !== 0 };
    case 'int32':
      return { type, value: Number(inRange(BigInt.asIntN(64, readVarint64(reader)), ranges.int32)) };
    case 'uint32':
      return { type, value: Number(inRange(readVarint64(reader), ranges.uint32)) };
    case 'int64':
      return { type, value: BigInt.asIntN(64, readVarint64(reader)) };
    case 'uint64':
      return { type, value: readVarint64(reader) };
    case 'ipv4':
      return { type, value: reader.take(4).join('.') };
    case 'ipv6':
      return { type, value: ipv6Text(reader.take(16)) };
    case 'string':
      return { type, value: readString(reader) };
    case 'binary':
      // A copy: a view would keep all that came with it in memory, for as long as a handler keeps the value.
      return { type, value: Buffer.from(reader.take(readVarint(reader))) };
  }
}

export function writeTyped(writer: ByteWriter, typed: TypedValue): void {
  const { type } = typed;
  writer.byte(typeIds[type] | (type === 'bool' && typed.value ? trueFlag : 0));
  switch (type) {
    case 'null':
    case 'bool':
      break;
    case 'int32':
    case 'uint32':
      writeInteger(writer, integer(typed.value), ranges[type]);
      break;
    case 'int64':
    case 'uint64':
      writeInteger(writer, typed.value, ranges[type]);
      break;
    case 'ipv4':
      writer.append(ipv4Bytes(typed.value));
      break;
    case 'ipv6':
      writer.append(ipv6Bytes(typed.value));
      break;
    case 'string':
      writeString(writer, typed.value);
      break;
    case 'binary':
      writeVarint(writer, typed.value.length);
      writer.append(typed.value);
  }
}

export function readString(reader: ByteReader): string {
  return reader.text(readVarint(reader));
}

export function writeString(writer: ByteWriter, text: string): void {
  const length = Buffer.byteLength(text);
  writeVarint(writer, length);
  writer.text(text, length);
}

const ranges = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
} as const satisfies Record<string, readonly [bigint, bigint]>;

function inRange(value: bigint, [least, most]: readonly [bigint, bigint]): bigint {
  if (value >= least && value <= most) return value;
  throw new SpopError('frame-invalid', `${value} is not from ${least} to ${most}.`);
}

function integer(value: number): bigint {
  if (Number.isSafeInteger(value)) return BigInt(value);
  throw new SpopError('frame-invalid', `${value} is not an integer.`);
}

/** A negative one goes as the 64 bits of its two's complement, also where the type has 32. */
function writeInteger(writer: ByteWriter, value: bigint, range: readonly [bigint, bigint]): void {
  writeVarint(writer, BigInt.asUintN(64, inRange(value, range)));
}

function ipv4Bytes(text: string): Buffer {
  if (!isIPv4(text)) throw new SpopError('frame-invalid', `'${text}' is not an IPv4 address.`);
  return Buffer.from(text.split('.').map(Number));
}

function ipv6Bytes(text: string): Buffer {
  if (!isIPv6(text) || text.includes('%')) throw new SpopError('frame-invalid', `'${text}' is not an IPv6 address.`);
  // The URL parser writes the last four bytes as hexadecimals too, and nothing else that is not RFC 5952.
  const canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  const [before = '', after] = canonical.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const head = groups(before);
  const tail = groups(after ?? '');
  const zeros = Array<string>(8 - head.length - tail.length).fill('0');
  const bytes = Buffer.alloc(16);
  for (const [index, group] of [...head, ...zeros, ...tail].entries()) {
    bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2);
  }
  return bytes;
}

/** RFC 5952: no leading zeros, the first of the longest runs of two zero groups or more is `::`. */
function ipv6Text(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2));
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  let start = 0;
  let length = 0;
  for (let index = 0; index < 8; index += 1) {
    let end = index;
    while (groups[end] === 0) end += 1;
    if (end - index > length) [start, length] = [index, end - index];
  }
  if (length < 2) return hex(groups);
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}
