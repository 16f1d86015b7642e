import fc from 'fast-check';
import type { Frame } from '../../src-node/spoe/frame.js';
import type { Action, KvList, Message } from '../../src-node/spoe/payload.js';
import type { TypedValue } from '../../src-node/spoe/typed-data.js';

/** Any text but lone surrogates, which UTF-8 does not have. */
export const text: fc.Arbitrary<string> = fc.string({ unit: 'binary' });

export const bytes: fc.Arbitrary<Buffer> = fc.uint8Array().map((array) => Buffer.from(array));

const groups = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 });
/** As the URL parser writes it, which is not our code. */
const ipv6 = groups.map((each) => {
  const full = each.map((group) => group.toString(16)).join(':');
  return new URL(`http://[${full}]/`).hostname.slice(1, -1);
});

export const typedValue: fc.Arbitrary<TypedValue> = fc.oneof(
  fc.constant<TypedValue>({ type: 'null', value: null }),
  fc.boolean().map((value): TypedValue => ({ type: 'bool', value })),
  fc.integer().map((value): TypedValue => ({ type: 'int32', value })),
  fc.nat(0xffff_ffff).map((value): TypedValue => ({ type: 'uint32', value })),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map((value): TypedValue => ({ type: 'int64', value })),
  fc.bigInt(0n, 2n ** 64n - 1n).map((value): TypedValue => ({ type: 'uint64', value })),
  fc.ipV4().map((value): TypedValue => ({ type: 'ipv4', value })),
  ipv6.map((value): TypedValue => ({ type: 'ipv6', value })),
  text.map((value): TypedValue => ({ type: 'string', value })),
  bytes.map((value): TypedValue => ({ type: 'binary', value })),
);

export const kvList: fc.Arbitrary<KvList> = fc.array(fc.tuple(text, typedValue));

export const message: fc.Arbitrary<Message> = fc.record({ name: text, args: kvList });

const scope = fc.constantFrom('proc', 'sess', 'txn', 'req', 'res');

export const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ type: fc.constant('set-var'), scope, name: text, value: typedValue }),
  fc.record({ type: fc.constant('unset-var'), scope, name: text }),
);

const id = fc.oneof(fc.nat(300), fc.nat(0xffff_ffff), fc.maxSafeNat());

export const frame: fc.Arbitrary<Frame> = fc.record({
  type: fc.nat(255),
  flags: fc.nat(0xffff_ffff),
  streamId: id,
  frameId: id,
  payload: bytes,
});
