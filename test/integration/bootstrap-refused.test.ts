import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareMachine, type Machine } from '../support/bare-machine.js';
import { runOrThrow } from '../support/child.js';
import { errorCodes } from '../support/report.js';
import { selfSigned, type SelfSigned } from '../support/self-signed.js';
import { snapshot } from '../support/snapshot.js';
import { withoutCapabilities } from '../support/stage.js';
import { temporaryDirectory } from '../support/temporary.js';

const directory = temporaryDirectory();
const root = directory.path;
const machine = (): Machine => bareMachine(root);
let own: SelfSigned;
let other: SelfSigned;

beforeAll(async () => {
  own = await selfSigned(root, 'own', ['DNS:own.example.com']);
  other = await selfSigned(root, 'other', ['DNS:other.example.com']);
});
afterAll(directory.remove);

describe('what cannot be used', () => {
  interface Unusable {
    readonly what: string;
    readonly prepare: (at: Machine['at']) => unknown;
    readonly code: string;
  }
  const haproxy = 'etc/haproxy';
  const defaultPem = `${haproxy}/default.pem`;
  const write = (path: string, ...files: readonly string[]): Unusable['prepare'] => {
    return (at) => {
      writeFileSync(at(path), files.map((file) => readFileSync(file, 'utf8')).join(''));
    };
  };
  const cases: readonly Unusable[] = [
    { what: 'an empty default', prepare: write(defaultPem), code: 'default-cert-invalid' },
    {
      what: 'a default without a key',
      prepare: (at) => write(defaultPem, own.certFile)(at),
      code: 'default-cert-invalid',
    },
    {
      what: 'a default without a certificate',
      prepare: (at) => write(defaultPem, own.keyFile)(at),
      code: 'default-cert-invalid',
    },
    {
      what: "a default with another's key",
      prepare: (at) => write(defaultPem, own.certFile, other.keyFile)(at),
      code: 'default-cert-invalid',
    },
    {
      what: 'a default with a key that a passphrase protects',
      prepare: async (at) => {
        const locked = await runOrThrow('openssl', ['pkcs8', '-topk8', '-in', own.keyFile, '-passout', 'pass:secret']);
        writeFileSync(at(defaultPem), readFileSync(own.certFile, 'utf8') + locked);
      },
      code: 'default-cert-invalid',
    },
    {
      what: 'a default with such a key of the old form',
      prepare: async (at) => {
        const locked = await runOrThrow('openssl', ['ec', '-in', own.keyFile, '-aes128', '-passout', 'pass:secret']);
        expect(locked).toContain('Proc-Type');
        writeFileSync(at(defaultPem), readFileSync(own.certFile, 'utf8') + locked);
      },
      code: 'default-cert-invalid',
    },
    {
      what: 'a default that is a directory',
      prepare: (at) => mkdirSync(at(defaultPem)),
      code: 'default-cert-invalid',
    },
    {
      what: 'a default that is a pipe',
      prepare: async (at) => await runOrThrow('mkfifo', [at(defaultPem)]),
      code: 'default-cert-invalid',
    },
    {
      what: 'a default that is a link to nothing',
      prepare: (at) => symlinkSync('nothing', at(defaultPem)),
      code: 'default-cert-invalid',
    },
    {
      what: 'a directory that is a file',
      prepare: (at) => writeFileSync(at(`${haproxy}/certs`), ''),
      code: 'cert-dir-missing',
    },
    {
      what: 'a directory that is a link to nothing',
      prepare: (at) => symlinkSync('nothing', at(`${haproxy}/certs`)),
      code: 'cert-dir-missing',
    },
    { what: 'a crt-list that is a directory', prepare: (at) => mkdirSync(at('list')), code: 'crt-list-missing' },
    {
      what: 'a crt-list that is a link to nothing',
      prepare: (at) => symlinkSync('nothing', at('list')),
      code: 'crt-list-missing',
    },
  ];

  it.each(cases)('is told before anything is made: $what', async ({ prepare, code }) => {
    const { path, at, bootstrap } = machine();
    mkdirSync(at(haproxy), { recursive: true });
    await prepare(at);
    const before = snapshot(path);
    const result = await bootstrap(['--haproxy-crt-list', at('list')]);
    expect([result.code, result.stdout, errorCodes(result)]).toEqual([1, '', [code]]);
    expect(result.stderr).not.toMatch(/PRIVATE|secret/);
    expect(snapshot(path)).toEqual(before);
    const json = await bootstrap(['--haproxy-crt-list', at('list'), '--json', '-q']);
    expect(json).toMatchObject({ code: 1, stderr: '' });
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code } });
  });

  it('is told where a part of a path is a file, or a link to nothing', async () => {
    const { at, bootstrap } = machine();
    writeFileSync(at('file'), '');
    symlinkSync('nothing', at('link'));
    for (const part of ['file', 'link']) {
      const dir = await bootstrap(['--haproxy-cert-dir', at(`${part}/haproxy/certs`)]);
      expect([dir.code, errorCodes(dir)]).toEqual([1, ['cert-dir-missing']]);
      const cert = await bootstrap(['--haproxy-default-cert', at(`${part}/default.pem`)]);
      expect([cert.code, errorCodes(cert)]).toEqual([1, ['default-cert-invalid']]);
      const list = await bootstrap(['--haproxy-crt-list', at(`${part}/list`)]);
      expect([list.code, errorCodes(list)]).toEqual([1, ['crt-list-missing']]);
    }
  });

  it('is a wrong command line where the three are not apart', async () => {
    const { path, at, bootstrap } = machine();
    const certs = at('certs');
    for (const args of [
      ['--haproxy-cert-dir', certs, '--haproxy-default-cert', join(certs, 'default.pem')],
      ['--haproxy-cert-dir', certs, '--haproxy-default-cert', certs],
      ['--haproxy-cert-dir', certs, '--haproxy-crt-list', certs],
      ['--haproxy-cert-dir', certs, '--haproxy-crt-list', at('default.pem')],
      ['--haproxy-cert-dir', ''],
      ['--haproxy-cert-dir', 'a\nb'],
      ['--dry-run'],
    ]) {
      expect((await bootstrap(args)).code).toBe(2);
    }
    expect(readdirSync(path)).toEqual([]);
  });

  it('is told where permission is lacking', async () => {
    const { path, at, bootstrap } = machine();
    const without = async (...args: string[]): Promise<readonly [number | null, readonly string[]]> => {
      const result = await bootstrap(args, { by: withoutCapabilities });
      return [result.code, errorCodes(result)];
    };
    mkdirSync(at('closed'));
    chmodSync(at('closed'), 0o500);
    expect(await without('--haproxy-cert-dir', at('closed/haproxy/certs'))).toEqual([1, ['cert-dir-not-writable']]);
    expect(await without('--haproxy-default-cert', at('closed/d.pem'))).toEqual([1, ['default-cert-not-writable']]);
    expect(await without('--haproxy-crt-list', at('closed/list'))).toEqual([1, ['crt-list-not-writable']]);
    expect(readdirSync(at('closed'))).toEqual([]);
    for (const file of ['etc/haproxy/default.pem', 'list']) {
      copyFileSync(own.bundleFile, at(file));
      chmodSync(at(file), 0o000);
    }
    expect(await without('--haproxy-crt-list', at('list'))).toEqual([1, ['default-cert-not-writable']]);
    chmodSync(at('etc/haproxy/default.pem'), 0o400);
    expect(await without('--haproxy-crt-list', at('list'))).toEqual([1, ['crt-list-not-writable']]);
    chmodSync(at('list'), 0o400);
    expect(await without('--haproxy-crt-list', at('list'))).toEqual([0, []]);
    expect(readdirSync(join(path, 'etc/haproxy')).sort()).toEqual(['certs', 'default.pem']);
  });
});
