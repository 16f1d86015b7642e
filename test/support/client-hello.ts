import { randomBytes } from 'node:crypto';

export interface HelloContent {
  readonly serverName?: string;
  readonly protocols?: readonly string[];
  /** Bytes of an extension that is there for its length alone (RFC 7685), as post-quantum keys make it. */
  readonly padding?: number;
}

/** One record with a ClientHello of TLS 1.2 (RFC 5246 section 7.4.1.2) that a server may answer. */
export function clientHello({ serverName, protocols, padding = 0 }: HelloContent): Buffer {
  const extensions = [
    extension(10, vector(2, Buffer.from([0, 23]))),
    extension(11, vector(1, Buffer.from([0]))),
    extension(13, vector(2, Buffer.from([4, 3, 8, 4]))),
    ...(serverName === undefined
      ? []
      : [extension(0, vector(2, Buffer.concat([Buffer.from([0]), vector(2, Buffer.from(serverName))])))]),
    ...(protocols === undefined
      ? []
      : [extension(16, vector(2, Buffer.concat(protocols.map((name) => vector(1, Buffer.from(name))))))]),
    ...(padding === 0 ? [] : [extension(21, Buffer.alloc(padding))]),
  ];
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    randomBytes(32),
    vector(1, Buffer.alloc(0)),
    // ECDHE with ECDSA or RSA, AES-128-GCM.
    vector(2, Buffer.from([0xc0, 0x2b, 0xc0, 0x2f])),
    vector(1, Buffer.from([0])),
    vector(2, Buffer.concat(extensions)),
  ]);
  return Buffer.concat([Buffer.from([22, 3, 1]), vector(2, Buffer.concat([Buffer.from([1]), vector(3, body)]))]);
}

function extension(type: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0, type]), vector(2, content)]);
}

/** RFC 5246 section 4.3: bytes behind their length. */
function vector(size: number, content: Buffer): Buffer {
  const length = Buffer.alloc(size);
  length.writeUIntBE(content.length, 0, size);
  return Buffer.concat([length, content]);
}
