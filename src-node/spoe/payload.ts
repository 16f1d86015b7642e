import { ByteReader, ByteWriter } from './bytes.js';
import { SpopError } from './spop-error.js';
import { readString, readTyped, writeString, writeTyped, type TypedValue } from './typed-data.js';

/** Names and values in the order of the wire. A name may come twice, and HAProxy gives an argument without name an empty one. */
export type KvList = readonly (readonly [name: string, value: TypedValue])[];

/** A spoe-message of HAProxy's configuration, with its arguments. */
export interface Message {
  readonly name: string;
  readonly args: KvList;
}

/** SPOE.txt section 3.4, in the order of their ids: where HAProxy keeps a variable. */
const scopes = ['proc', 'sess', 'txn', 'req', 'res'] as const;
export type Scope = (typeof scopes)[number];

/** HAProxy puts the agent's var-prefix before the name: `txn` and `x` become `txn.PREFIX.x`. */
export type Action =
  | { readonly type: 'set-var'; readonly scope: Scope; readonly name: string; readonly value: TypedValue }
  | { readonly type: 'unset-var'; readonly scope: Scope; readonly name: string };

const actionIds = { 'set-var': 1, 'unset-var': 2 } as const;

export function encodeKvList(list: KvList): Buffer {
  const writer = new ByteWriter();
  for (const entry of list) writeEntry(writer, entry);
  return writer.finish();
}

export function decodeKvList(payload: Buffer): KvList {
  const reader = new ByteReader(payload);
  const list: [string, TypedValue][] = [];
  while (!reader.done) list.push(readEntry(reader));
  return list;
}

export function encodeMessages(messages: readonly Message[]): Buffer {
  const writer = new ByteWriter();
  for (const { name, args } of messages) {
    if (args.length > 255) throw new SpopError('frame-invalid', `Message '${name}' has more than 255 arguments.`);
    writeString(writer, name);
    writer.byte(args.length);
    for (const entry of args) writeEntry(writer, entry);
  }
  return writer.finish();
}

export function decodeMessages(payload: Buffer): readonly Message[] {
  const reader = new ByteReader(payload);
  const messages: Message[] = [];
  while (!reader.done) {
    const name = readString(reader);
    const args: [string, TypedValue][] = [];
    for (let left = reader.byte(); left > 0; left -= 1) args.push(readEntry(reader));
    messages.push({ name, args });
  }
  return messages;
}

export function encodeActions(actions: readonly Action[]): Buffer {
  const writer = new ByteWriter();
  for (const action of actions) {
    writer.byte(actionIds[action.type]);
    writer.byte(action.type === 'set-var' ? 3 : 2);
    writer.byte(scopes.indexOf(action.scope));
    writeString(writer, action.name);
    if (action.type === 'set-var') writeTyped(writer, action.value);
  }
  return writer.finish();
}

export function decodeActions(payload: Buffer): readonly Action[] {
  const reader = new ByteReader(payload);
  const actions: Action[] = [];
  while (!reader.done) actions.push(readAction(reader));
  return actions;
}

function readAction(reader: ByteReader): Action {
  const id = reader.byte();
  const count = reader.byte();
  const scope = scopes[reader.byte()];
  if (scope === undefined) throw new SpopError('frame-invalid', 'An action has a scope that there is not.');
  const name = readString(reader);
  if (id === actionIds['set-var'] && count === 3) return { type: 'set-var', scope, name, value: readTyped(reader) };
  if (id === actionIds['unset-var'] && count === 2) return { type: 'unset-var', scope, name };
  throw new SpopError('frame-invalid', `There is no action ${id} with ${count} arguments.`);
}

function readEntry(reader: ByteReader): [string, TypedValue] {
  return [readString(reader), readTyped(reader)];
}

function writeEntry(writer: ByteWriter, [name, value]: readonly [string, TypedValue]): void {
  writeString(writer, name);
  writeTyped(writer, value);
}
