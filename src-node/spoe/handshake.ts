import { frameSizes } from './frame.js';
import { decodeKvList, encodeKvList, type KvList } from './payload.js';
import { SpopError, type SpopErrorCode } from './spop-error.js';
import type { TypedValue } from './typed-data.js';

/** SPOE.txt section 3.2.4. */
export interface HaproxyHello {
  /** `Major.Minor` each. */
  readonly versions: readonly string[];
  readonly maxFrameSize: number;
  readonly capabilities: readonly string[];
  /** Sent by `option spop-check`, which closes after the answer. */
  readonly healthcheck: boolean;
  /** One SPOE engine of one HAProxy; up to 3.0 each thread has its own. */
  readonly engineId: string | undefined;
}

/** SPOE.txt section 3.2.5. */
export interface AgentHello {
  readonly version: string;
  readonly maxFrameSize: number;
  readonly capabilities: readonly string[];
}

/** SPOE.txt section 3.2.8: the last words of either side. Status 0 is no error. */
export interface Disconnect {
  readonly status: number;
  readonly message: string;
}

/**
 * What the agent answers. Of the capabilities pipelining alone is ours: fragmentation is announced by nobody who does not
 * put fragments together, and async went with HAProxy 3.1.
 * @throws SpopError `version-unsupported` or `max-frame-size-bad`.
 */
export function negotiate(hello: HaproxyHello, maxFrameSize: number): AgentHello {
  // A major version that HAProxy announces includes its earlier minor ones.
  if (!hello.versions.some((version) => /^2\.\d+$/.test(version))) {
    const announced = hello.versions.join(', ');
    throw new SpopError('version-unsupported', `HAProxy speaks SPOP ${announced}; this is an agent of 2.0.`);
  }
  if (hello.maxFrameSize < frameSizes.smallestLimit) {
    const least = frameSizes.smallestLimit;
    throw new SpopError(
      'max-frame-size-bad',
      `HAProxy takes frames of ${hello.maxFrameSize} bytes at most; ${least} are the least.`,
    );
  }
  return {
    version: '2.0',
    maxFrameSize: Math.min(hello.maxFrameSize, maxFrameSize),
    capabilities: hello.capabilities.filter((capability) => capability === 'pipelining').slice(0, 1),
  };
}

export function encodeHaproxyHello(hello: HaproxyHello): Buffer {
  const list: (readonly [string, TypedValue])[] = [
    ['supported-versions', { type: 'string', value: hello.versions.join(',') }],
    ['max-frame-size', { type: 'uint32', value: hello.maxFrameSize }],
    ['capabilities', { type: 'string', value: hello.capabilities.join(',') }],
  ];
  if (hello.healthcheck) list.push(['healthcheck', { type: 'bool', value: true }]);
  if (hello.engineId !== undefined) list.push(['engine-id', { type: 'string', value: hello.engineId }]);
  return encodeKvList(list);
}

/** @throws SpopError with the status that SPOP has for what is missing. */
export function decodeHaproxyHello(payload: Buffer): HaproxyHello {
  const items = itemsOf(decodeKvList(payload));
  return {
    versions: words(mandatory(textItem(items, 'supported-versions'), 'supported-versions', 'version-missing')),
    maxFrameSize: mandatory(integerItem(items, 'max-frame-size'), 'max-frame-size', 'max-frame-size-missing'),
    capabilities: words(mandatory(textItem(items, 'capabilities'), 'capabilities', 'capabilities-missing')),
    healthcheck: boolItem(items, 'healthcheck') ?? false,
    engineId: textItem(items, 'engine-id'),
  };
}

export function encodeAgentHello(hello: AgentHello): Buffer {
  return encodeKvList([
    ['version', { type: 'string', value: hello.version }],
    ['max-frame-size', { type: 'uint32', value: hello.maxFrameSize }],
    ['capabilities', { type: 'string', value: hello.capabilities.join(',') }],
  ]);
}

export function decodeAgentHello(payload: Buffer): AgentHello {
  const items = itemsOf(decodeKvList(payload));
  return {
    version: mandatory(textItem(items, 'version'), 'version', 'version-missing'),
    maxFrameSize: mandatory(integerItem(items, 'max-frame-size'), 'max-frame-size', 'max-frame-size-missing'),
    capabilities: words(mandatory(textItem(items, 'capabilities'), 'capabilities', 'capabilities-missing')),
  };
}

export function encodeDisconnect({ status, message }: Disconnect): Buffer {
  return encodeKvList([
    ['status-code', { type: 'uint32', value: status }],
    ['message', { type: 'string', value: message }],
  ]);
}

export function decodeDisconnect(payload: Buffer): Disconnect {
  const items = itemsOf(decodeKvList(payload));
  return {
    status: mandatory(integerItem(items, 'status-code'), 'status-code', 'frame-invalid'),
    message: textItem(items, 'message') ?? '',
  };
}

/** Of an item that comes twice HAProxy takes the last one. */
function itemsOf(list: KvList): ReadonlyMap<string, TypedValue> {
  return new Map(list);
}

function textItem(items: ReadonlyMap<string, TypedValue>, name: string): string | undefined {
  const item = items.get(name);
  if (item === undefined || item.type === 'string') return item?.value;
  throw wrongType(name, item);
}

function boolItem(items: ReadonlyMap<string, TypedValue>, name: string): boolean | undefined {
  const item = items.get(name);
  if (item === undefined || item.type === 'bool') return item?.value;
  throw wrongType(name, item);
}

/** HAProxy takes any type of integer, and so does the agent. */
function integerItem(items: ReadonlyMap<string, TypedValue>, name: string): number | undefined {
  const item = items.get(name);
  if (item === undefined) return undefined;
  if (typeof item.value !== 'number' && typeof item.value !== 'bigint') throw wrongType(name, item);
  const value = Number(item.value);
  if (value >= 0 && value <= 0xffff_ffff) return value;
  throw new SpopError('frame-invalid', `${name} is ${item.value}, not an integer of 32 bits.`);
}

function wrongType(name: string, item: TypedValue): SpopError {
  return new SpopError('frame-invalid', `${name} is of type ${item.type}.`);
}

function mandatory<T>(value: T | undefined, name: string, code: SpopErrorCode): T {
  if (value !== undefined) return value;
  throw new SpopError(code, `${name} is missing.`);
}

/** A comma-separated list, in which spaces are ignored. */
function words(text: string): readonly string[] {
  return text.split(',').flatMap((word) => (word.trim() === '' ? [] : [word.trim()]));
}
