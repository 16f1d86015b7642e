import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { helloLimit, readClientHello } from '../../../src-node/challenge/client-hello.js';
import { clientHello } from '../../support/client-hello.js';

const host = fc.domain();
const protocols = fc.array(fc.stringMatching(/^[a-z0-9/.-]{1,20}$/), { minLength: 1, maxLength: 5 });

describe('readClientHello', () => {
  it('reads SNI and ALPN of whatever is written', () => {
    fc.assert(
      fc.property(host, protocols, fc.nat(2_000), (serverName, wanted, padding) => {
        const hello = clientHello({ serverName, protocols: wanted, padding });
        expect(readClientHello(hello)).toEqual({ serverName: serverName.toLowerCase(), protocols: wanted });
        // Such as early data, of a record type of its own.
        expect(readClientHello(Buffer.concat([hello, Buffer.from([23, 3, 3])]))).toEqual(readClientHello(hello));
      }),
    );
  });

  it('knows that there is neither, and a dot at the end of a name', () => {
    expect(readClientHello(clientHello({}))).toEqual({ serverName: undefined, protocols: [] });
    expect(readClientHello(clientHello({ serverName: 'A.example.' }))).toMatchObject({ serverName: 'a.example' });
  });

  it('wants more of each beginning', () => {
    const hello = clientHello({ serverName: 'a.example', protocols: ['acme-tls/1'] });
    for (let length = 0; length < hello.length; length += 1) {
      expect(readClientHello(hello.subarray(0, length))).toBe('more');
    }
  });

  it('throws for no bytes, and takes none for more that are no beginning', () => {
    const hello = clientHello({ serverName: 'a.example', protocols: ['acme-tls/1'], padding: 50 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const read = readClientHello(Buffer.from(bytes));
        if (bytes.length > 0 && bytes[0] !== 22) expect(read).toBe('other');
      }),
    );
    fc.assert(
      fc.property(fc.nat(hello.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(hello);
        changed[at] = byte;
        const read = readClientHello(changed);
        expect(['string', 'object']).toContain(typeof read);
      }),
    );
  });

  it('refuses one whose last extension is longer than what is there', () => {
    const hello = clientHello({ serverName: 'a.example', protocols: ['acme-tls/1'], padding: 50 });
    expect(readClientHello(hello)).toBeTypeOf('object');
    hello[hello.length - 51] = 51;
    expect(readClientHello(hello)).toBe('other');
  });

  it('refuses one that is longer than any is', () => {
    const length = helloLimit + 1;
    const start = Buffer.from([22, 3, 1, 64, 0, 1, length >> 16, (length >> 8) & 255, length & 255]);
    expect(readClientHello(start)).toBe('other');
  });
});
