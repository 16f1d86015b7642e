import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock, type Clock } from '../../src-node/platform/clock.js';
import { openRuntime, type Runtime } from '../../src-node/haproxy/runtime-api.js';
import {
  crtListEntries,
  listCertificates,
  listCrtLists,
  removeCertificate,
  showCertificate,
  updateCertificate,
  type TransactionContext,
} from '../../src-node/haproxy/ssl-cert.js';
import { until } from '../support/child.js';
import { failure, issue } from '../support/issued.js';
import { startRuntimeStage, type RuntimeStage } from '../support/runtime-stage.js';

const context: TransactionContext = { clock: systemClock, bufsize: 16_384, patience: 0, ours: new Set() };

/** As another tool would begin it. */
const setCommand = (name: string, pem: string): string => `set ssl cert ${name} <<\n${pem}`;

let stage: RuntimeStage;
let runtime: Runtime;
const certificates = ['a.test', 'b.test', 'with space', '*.star.test', 'c.test'];
const at = (path: string): string => stage.at(path);
const bundle = (name: string): string => stage.at(`certs/${name}.pem`);
const sha1 = async (name: string): Promise<string | undefined> => (await showCertificate(runtime, name))?.sha1;
const noTransaction = async (): Promise<void> => expect(await listing()).not.toContain('# transaction');
const listing = async (): Promise<string> => await stage.say('show ssl cert');

beforeAll(async () => {
  stage = await startRuntimeStage({
    bind: (path) =>
      `crt ${path('default.pem')} crt ${path('certs')} crt ${path('pair.pem')} crt-list ${path('list.txt')} crt ${path('other')}`,
    prepare: async (path) => {
      mkdirSync(path('other'));
      for (const name of certificates) writeFileSync(path(`certs/${name}.pem`), (await issue(name)).pem);
      for (const type of ['rsa', 'ecdsa'] as const)
        writeFileSync(path(`pair.pem.${type}`), (await issue('pair.test', { type })).pem);
      writeFileSync(path('listed.pem'), (await issue('listed.test')).pem);
      writeFileSync(
        path('list.txt'),
        `${path('listed.pem')} [alpn h2,http/1.1 ssl-min-ver TLSv1.2] listed.test !not.listed.test\n`,
      );
    },
  });
  runtime = await stage.open();
});
afterAll(async () => await stage.stop());
afterEach(async () => await noTransaction());

describe('what is loaded', () => {
  it('is listed by the names that HAProxy has, without an open transaction', async () => {
    await runtime.command(['new', 'ssl', 'cert', '*.relative.pem']);
    await stage.say(setCommand(bundle('a.test'), (await issue('a.test')).pem));
    const pairs = ['rsa', 'ecdsa'].map((type) => at(`pair.pem.${type}`));
    const names = [...certificates.map(bundle), ...pairs, at('listed.pem'), at('default.pem'), '*.relative.pem'];
    expect([...(await listCertificates(runtime))].sort()).toEqual(names.sort());
    await stage.say(`abort ssl cert ${bundle('a.test')}`);
    await removeCertificate(runtime, '*.relative.pem', []);
  });

  it('is shown', async () => {
    for (const name of certificates) {
      const x509 = new X509Certificate(readFileSync(bundle(name)));
      expect(await showCertificate(runtime, bundle(name))).toEqual({
        name: bundle(name),
        status: 'Used',
        serial: x509.serialNumber,
        sha1: x509.fingerprint.replaceAll(':', ''),
        names: [name],
      });
    }
    const empty = { status: undefined, serial: undefined, sha1: undefined, names: [] };
    await runtime.command(['new', 'ssl', 'cert', '*.relative.pem']);
    expect({ ...(await showCertificate(runtime, '*.relative.pem')), status: undefined }).toEqual({
      name: '*.relative.pem',
      ...empty,
    });
    await removeCertificate(runtime, '*.relative.pem', []);
    expect(await showCertificate(runtime, '*.relative.pem')).toBeUndefined();
    expect(await showCertificate(runtime, at('pair.pem'))).toBeUndefined();
    expect(await showCertificate(runtime, 'none.pem')).toBeUndefined();
  });

  it('is listed by crt-list and directory', async () => {
    expect([...(await listCrtLists(runtime))].sort()).toEqual([at('certs'), at('list.txt'), at('other')].sort());
    expect([...(await crtListEntries(runtime, `${at('certs')}/`))].sort()).toEqual(certificates.map(bundle).sort());
    expect(await crtListEntries(runtime, at('list.txt'))).toEqual([at('listed.pem')]);
    expect(await crtListEntries(runtime, at('other'))).toEqual([]);
    expect((await failure(crtListEntries(runtime, at('none.txt')))).code).toBe('runtime-not-loaded');
  });
});

describe('updateCertificate', () => {
  it.each(['a.test', 'with space', '*.star.test'])(
    'changes what is served of %s, by a stats socket and by a master',
    async (name) => {
      for (const address of [stage.socket, stage.masterSocket, stage.severitySocket]) {
        const next = await issue(name);
        await updateCertificate(await stage.open(address), { name: bundle(name), pem: next.pem }, context);
        expect(await sha1(bundle(name))).toBe(next.sha1);
        if (name === 'a.test') expect(await stage.served(name)).toBe(next.sha256);
      }
    },
  );

  it('changes one of an RSA and ECDSA pair', async () => {
    const [rsa, ecdsa] = [await issue('pair.test', { type: 'rsa' }), await issue('pair.test')];
    await updateCertificate(runtime, { name: at('pair.pem.rsa'), pem: rsa.pem }, context);
    expect(await sha1(at('pair.pem.rsa'))).toBe(rsa.sha1);
    expect(await sha1(at('pair.pem.ecdsa'))).not.toBe(ecdsa.sha1);
    await updateCertificate(runtime, { name: at('pair.pem.ecdsa'), pem: ecdsa.pem }, context);
    expect(await stage.served('pair.test')).toBe(ecdsa.sha256);
    expect(await sha1(at('pair.pem.rsa'))).toBe(rsa.sha1);
  });

  it('takes a name that begins with an asterisk', async () => {
    await runtime.command(['new', 'ssl', 'cert', '*.relative.pem']);
    await updateCertificate(runtime, { name: '*.relative.pem', pem: (await issue('x.test')).pem }, context);
    await removeCertificate(runtime, '*.relative.pem', []);
  });

  it('fills the buffer to its last byte but a few, and sends the key apart where it does not fit', async () => {
    const sizes: number[] = [];
    for (const address of [stage.socket, stage.masterSocket]) {
      const opened = await stage.open(address);
      for (let padding = 1; padding <= 180; padding += 9) {
        const next = await issue('a.test', { links: 32, padding });
        sizes.push(Buffer.byteLength(`set ssl cert ${bundle('a.test')} <<\n${next.pem}\n`));
        await updateCertificate(opened, { name: bundle('a.test'), pem: next.pem }, context);
        expect(await stage.served('a.test')).toBe(next.sha256);
      }
    }
    expect(Math.min(...sizes)).toBeLessThan(16_300);
    expect(Math.max(...sizes)).toBeGreaterThan(16_400);
  });

  it('tells that a chain is too large, unless HAProxy takes more', async () => {
    const next = await issue('a.test', { links: 40 });
    expect(next.chain.length).toBeGreaterThan(16_384);
    const before = await sha1(bundle('a.test'));
    for (const address of [stage.socket, stage.masterSocket]) {
      const update = updateCertificate(await stage.open(address), { name: bundle('a.test'), pem: next.pem }, context);
      if (stage.version >= 304) await update;
      else expect((await failure(update, next)).code).toBe('runtime-too-large');
    }
    expect(await sha1(bundle('a.test'))).toBe(stage.version >= 304 ? next.sha1 : before);
  });

  it('aborts what HAProxy rejects and tells why', async () => {
    const [one, two] = [await issue('a.test'), await issue('a.test', { type: 'rsa' })];
    const before = await stage.served('a.test');
    for (const pem of [one.chain + two.key, one.pem.replace(/^M.{20}/m, 'MIIBojCCAUigAwIBAgIIQ')]) {
      const { code, details } = await failure(
        updateCertificate(runtime, { name: bundle('a.test'), pem }, context),
        one,
        two,
      );
      expect(code).toBe('runtime-rejected');
      expect(details.join('\n')).toMatch(/private key|unable to load/);
      await noTransaction();
    }
    expect((await failure(updateCertificate(runtime, { name: bundle('a.test'), pem: one.chain }, context))).code).toBe(
      'bundle-invalid',
    );
    expect(await stage.served('a.test')).toBe(before);
  });

  it('tells that HAProxy does not know the name, or that the level is too low', async () => {
    const next = await issue('a.test');
    const unknown = updateCertificate(runtime, { name: bundle('none'), pem: next.pem }, context);
    expect((await failure(unknown, next)).code).toBe('runtime-not-loaded');
    for (const socket of [stage.operatorSocket, stage.userSocket]) {
      const denied = updateCertificate(await stage.open(socket), { name: bundle('a.test'), pem: next.pem }, context);
      expect((await failure(denied, next)).code).toBe('runtime-denied');
    }
  });

  it('tells of a .crt that an old version cannot replace', async () => {
    const next = await issue('a.test');
    await runtime.command(['new', 'ssl', 'cert', 'a.crt']);
    const update = updateCertificate(runtime, { name: 'a.crt', pem: next.pem }, context);
    if (stage.version >= 300) await update;
    else expect((await failure(update, next)).code).toBe('runtime-rejected');
    await removeCertificate(runtime, 'a.crt', []);
  });
});

describe('removeCertificate', () => {
  it('does not remove what the configuration names', async () => {
    expect((await failure(removeCertificate(runtime, at('default.pem'), []))).code).toBe('runtime-rejected');
    expect(await listCertificates(runtime)).toContain(at('default.pem'));
  });
});

describe('another tool', () => {
  /** The runtime, with something that another tool does before a command of ours; each once. */
  const interrupted = (before: Readonly<Record<string, () => Promise<void>>>): Runtime => {
    const done = new Set<string>();
    return {
      ...runtime,
      command: async (words, payload) => {
        const key = Object.keys(before).find((start) => words.join(' ').startsWith(start) && !done.has(start));
        if (key !== undefined) {
          done.add(key);
          await before[key]?.();
        }
        return await runtime.command(words, payload);
      },
    };
  };

  it.each(['b.test', 'a.test'])('is waited for, and its transaction on %s left alone', async (other) => {
    const [theirs, ours] = [await issue(other), await issue('a.test')];
    const update = { name: bundle('a.test'), pem: ours.pem };
    await stage.say(setCommand(bundle(other), theirs.pem));
    const busy = updateCertificate(runtime, update, { ...context, patience: 200 });
    expect((await failure(busy, ours)).code).toBe('runtime-busy');
    expect(await stage.say(`show ssl cert *${bundle(other)}`)).toContain(theirs.sha1);
    let pauses = 0;
    const clock = {
      ...systemClock,
      now: () => systemClock.now(),
      sleep: async (time: number) => {
        pauses += 1;
        expect(await stage.say(`commit ssl cert ${bundle(other)}`)).toContain('Success!');
        expect(await stage.served(other)).toBe(theirs.sha256);
        await systemClock.sleep(time);
      },
    };
    await updateCertificate(runtime, update, { ...context, clock, patience: 10_000 });
    expect(pauses).toBe(1);
    expect(await stage.served('a.test')).toBe(ours.sha256);
  });

  it('loses a transaction that a killed run of ours has left', async () => {
    const next = await issue('a.test');
    for (const left of ['a.test', 'b.test']) {
      await stage.say(setCommand(bundle(left), (await issue(left)).pem));
      const ours = new Set([bundle('a.test'), bundle('b.test')]);
      await updateCertificate(runtime, { name: bundle('a.test'), pem: next.pem }, { ...context, ours });
      expect(await stage.served('a.test')).toBe(next.sha256);
    }
  });

  // Up to 2.6 HAProxy answers that another's transaction was updated, with our certificate.
  it('that begins just before our first word never commits our certificate for its own', async () => {
    const [before, theirs, ours] = [await sha1(bundle('b.test')), await issue('b.test'), await issue('a.test')];
    const between = interrupted({
      'set ssl cert': async () => {
        await stage.say(setCommand(bundle('b.test'), theirs.pem));
      },
    });
    let answer = '';
    const clock = {
      ...systemClock,
      now: () => systemClock.now(),
      sleep: async (time: number) => {
        answer = await stage.say(`commit ssl cert ${bundle('b.test')}`);
        await systemClock.sleep(time);
      },
    };
    await updateCertificate(
      between,
      { name: bundle('a.test'), pem: ours.pem },
      { ...context, clock, patience: 10_000 },
    );
    expect(answer).not.toBe('');
    expect(await stage.served('a.test')).toBe(ours.sha256);
    expect([before, theirs.sha1]).toContain(await sha1(bundle('b.test')));
  });

  it('that aborts our transaction, or overwrites it, only delays us', async () => {
    const [theirs, ours] = [await issue('b.test'), await issue('a.test', { type: 'rsa', links: 30 })];
    const update = { name: bundle('a.test'), pem: ours.pem };
    const before = await sha1(bundle('b.test'));
    const abort = async (): Promise<void> => {
      await stage.say(`abort ssl cert ${bundle('a.test')}`);
    };
    const overwrite = async (): Promise<void> => {
      await stage.say(setCommand(bundle('b.test'), theirs.pem));
    };
    for (const deed of [abort, overwrite]) {
      for (const moment of ['commit ssl cert', `set ssl cert ${bundle('a.test')}.key`]) {
        await updateCertificate(interrupted({ [moment]: deed }), update, { ...context, patience: 10_000 });
        expect(await stage.served('a.test')).toBe(ours.sha256);
        await noTransaction();
      }
    }
    expect(ours.pem.length).toBeGreaterThan(16_384);
    expect(await sha1(bundle('b.test'))).toBe(before);
  });

  it('that keeps certificates locked is waited for as long as for an answer', async () => {
    const names = Array.from({ length: 600 }, (_, index) => `${index}-${'x'.repeat(1_000)}`);
    for (const name of names) await runtime.command(['new', 'ssl', 'cert', name]);
    // A listing that nobody reads stands still, and certificates are locked as long.
    const reader = connect(stage.socket).pause();
    try {
      reader.write('show ssl cert\n');
      await until('the lock', async () => (await stage.say('abort ssl cert x')).includes('currently locked'));
      const next = await issue('a.test');
      const update = { name: bundle('a.test'), pem: next.pem };
      const impatient = await openRuntime(stage.socket, { timeout: 200, clock: systemClock });
      expect((await failure(updateCertificate(impatient, update, context), next)).code).toBe('runtime-busy');
      const clock: Clock = {
        now: () => systemClock.now(),
        sleep: async (time, signal) => {
          // A pause, for want of the lock.
          if (signal === undefined) reader.destroy();
          await systemClock.sleep(time, signal);
        },
      };
      await updateCertificate(await openRuntime(stage.socket, { timeout: 5_000, clock }), update, context);
      expect(reader.destroyed).toBe(true);
      expect(await stage.served('a.test')).toBe(next.sha256);
    } finally {
      reader.destroy();
      for (const name of names) await runtime.command(['del', 'ssl', 'cert', name]);
    }
  });
});
