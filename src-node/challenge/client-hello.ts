/** What a TLS client says first, as far as it decides by whom it is answered. */
export interface ClientHello {
  /** SNI (RFC 6066 section 3), in lower case and without a dot at its end. */
  readonly serverName: string | undefined;
  /** ALPN (RFC 7301 section 3.1), the preferred one first. */
  readonly protocols: readonly string[];
}

/** Bytes that a ClientHello may have; those with post-quantum keys have about 2,000. */
export const helloLimit: number = 16 * 1024;

/** RFC 8446 section 5.1: a record has five bytes before its content, and no more than 2^14 of that. */
const recordHeader = 5;
const recordLimit = 2 ** 14;
const handshakeRecord = 22;
/** RFC 8446 section 4. */
const clientHello = 1;
const extensionTypes = { serverName: 0, alpn: 16 } as const;

/**
 * Reads what a connection begins with (RFC 8446 sections 4.1.2 and 5.1); a ClientHello may be spread over several records.
 * @returns `more` while it is not all there, `other` where it is not a ClientHello.
 */
export function readClientHello(bytes: Buffer): ClientHello | 'more' | 'other' {
  const { message, isOpen } = handshakeBytes(bytes);
  const [type, length] = [message[0], message.length < 4 ? undefined : message.readUIntBE(1, 3)];
  if (type !== undefined && type !== clientHello) return 'other';
  if (length !== undefined && length > helloLimit) return 'other';
  if (length === undefined || message.length < 4 + length) return isOpen ? 'more' : 'other';
  try {
    return readBody(message.subarray(4, 4 + length));
  } catch {
    return 'other';
  }
}

/** The content of the records at the beginning, as far as it is there; open where more of it may follow. */
function handshakeBytes(bytes: Buffer): { readonly message: Buffer; readonly isOpen: boolean } {
  const contents: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.length < at + recordHeader ? undefined : bytes.readUInt16BE(at + 3);
    // RFC 8446 section 5.1: no handshake record is empty.
    const isRecord = bytes[at] === handshakeRecord && (bytes[at + 1] ?? 3) === 3 && length !== 0;
    if (!isRecord || (length ?? 0) > recordLimit) return { message: Buffer.concat(contents), isOpen: false };
    if (length === undefined) break;
    contents.push(bytes.subarray(at + recordHeader, at + recordHeader + length));
    at += recordHeader + length;
  }
  return { message: Buffer.concat(contents), isOpen: true };
}

/** @throws RangeError where a length leads beyond the end. */
function readBody(body: Buffer): ClientHello {
  const reader = readVectors(body);
  reader.skip(2 + 32);
  reader.vector(1);
  reader.vector(2);
  reader.vector(1);
  let hello: ClientHello = { serverName: undefined, protocols: [] };
  if (reader.left() === 0) return hello;
  const extensions = readVectors(reader.vector(2));
  while (extensions.left() > 0) {
    const type = extensions.integer(2);
    const content = extensions.vector(2);
    if (type === extensionTypes.serverName) hello = { ...hello, serverName: readServerName(content) };
    if (type === extensionTypes.alpn) hello = { ...hello, protocols: readProtocols(content) };
  }
  return hello;
}

function readServerName(content: Buffer): string | undefined {
  const names = readVectors(readVectors(content).vector(2));
  while (names.left() > 0) {
    const type = names.integer(1);
    const name = names.vector(2).toString('latin1');
    if (type === 0) return name.toLowerCase().replace(/\.$/, '');
  }
  return undefined;
}

function readProtocols(content: Buffer): readonly string[] {
  const names = readVectors(readVectors(content).vector(2));
  const protocols: string[] = [];
  while (names.left() > 0) protocols.push(names.vector(1).toString('latin1'));
  return protocols;
}

interface VectorReader {
  readonly left: () => number;
  readonly skip: (length: number) => void;
  readonly integer: (size: number) => number;
  /** Bytes whose length stands before them (RFC 8446 section 3.4), in `size` bytes. */
  readonly vector: (size: number) => Buffer;
}

function readVectors(bytes: Buffer): VectorReader {
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new RangeError('the bytes end too early');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const integer = (size: number): number => take(size).readUIntBE(0, size);
  return {
    left: () => bytes.length - at,
    skip: (length) => void take(length),
    integer,
    vector: (size) => take(integer(size)),
  };
}
