import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src-node/platform/clock.js';
import type { Runtime } from '../../src-node/haproxy/runtime-api.js';
import {
  addCertificate,
  crtListEntries,
  removeCertificate,
  showCertificate,
  type TransactionContext,
} from '../../src-node/haproxy/ssl-cert.js';
import { failure, issue } from '../support/issued.js';
import { startRuntimeStage, type RuntimeStage } from '../support/runtime-stage.js';

const context: TransactionContext = { clock: systemClock, bufsize: 16_384, patience: 0, ours: new Set() };

let stage: RuntimeStage;
let runtime: Runtime;
let atStart: string;
const at = (path: string): string => stage.at(path);
/** All that the certificates of a HAProxy are, to see that nothing has changed. */
const state = async (): Promise<string> => {
  const lists = ['certs', 'list.txt'].map(async (list) => await stage.say(`show ssl crt-list ${at(list)}`));
  return JSON.stringify([await stage.say('show ssl cert'), ...(await Promise.all(lists))]);
};
const entries = async (list: string, name: string): Promise<number> =>
  (await crtListEntries(runtime, at(list))).filter((entry) => entry === name).length;
const isServed = async (name: string, sha256: string): Promise<boolean> =>
  (await stage.served(name).catch(() => undefined)) === sha256;

describe.each<[string, (at: (path: string) => string) => string]>([
  ['beside others', (path) => `crt ${path('default.pem')} crt ${path('certs')} crt-list ${path('list.txt')}`],
  ['as the first', (path) => `strict-sni crt ${path('certs')} crt-list ${path('list.txt')}`],
])('a certificate %s', (kind, bind) => {
  beforeAll(async () => {
    stage = await startRuntimeStage({
      bind,
      prepare: async (path) => {
        writeFileSync(path('listed.pem'), (await issue('listed.test')).pem);
        if (kind === 'beside others') writeFileSync(path('list.txt'), `${path('listed.pem')} listed.test\n`);
        else writeFileSync(path('list.txt'), '');
        mkdirSync(path('not-loaded'));
      },
    });
    runtime = await stage.open();
    atStart = await state();
  });
  afterAll(async () => await stage.stop());
  afterEach(async () => expect(await state()).toBe(atStart));

  it('is added to a directory, where it is served, and removed again', async () => {
    for (const [address, file] of [
      [stage.socket, 'a.test.pem'],
      [stage.masterSocket, '*.a.test.pem'],
      [stage.severitySocket, 'a test.pem'],
    ] as const) {
      const [name, next] = [at(`certs/${file}`), await issue('a.test')];
      const opened = await stage.open(address);
      await addCertificate(opened, { name, pem: next.pem }, [{ list: `${at('certs')}/`, line: '' }], context);
      expect(await showCertificate(runtime, name)).toMatchObject({
        status: 'Used',
        sha1: next.sha1,
        names: ['a.test'],
      });
      expect(await stage.served('a.test')).toBe(next.sha256);
      await removeCertificate(opened, name, [`${at('certs')}/`]);
      expect(await isServed('a.test', next.sha256)).toBe(false);
    }
  });

  it('is added to a crt-list with options and filters', async () => {
    const [name, next] = [at('new.pem'), await issue('a.test')];
    const lists = [
      { list: at('list.txt'), line: ' [alpn h2 ssl-min-ver TLSv1.2] filtered.test *.wild.test' },
      { list: at('list.txt'), line: '' },
    ];
    await addCertificate(runtime, { name, pem: next.pem }, lists.slice(0, 1), context);
    expect(await stage.say(`show ssl crt-list ${at('list.txt')}`)).toMatch(
      /new\.pem \[alpn h2.*ssl-min-ver TLSv1\.2\] filtered\.test \*\.wild\.test/,
    );
    for (const sni of ['filtered.test', 'x.wild.test']) expect(await stage.served(sni)).toBe(next.sha256);
    expect(await isServed('a.test', next.sha256)).toBe(false);
    await removeCertificate(runtime, name, [at('list.txt')]);
    await addCertificate(runtime, { name, pem: next.pem }, lists.slice(1), context);
    expect(await stage.served('a.test')).toBe(next.sha256);
    await removeCertificate(runtime, name, [at('list.txt')]);
  });

  it('is not added a second time to a list that has it, and replaced there', async () => {
    const name = at('certs/a.test.pem');
    const lists = [at('certs'), at('list.txt')].map((list) => ({ list, line: '' }));
    for (let time = 0; time < 2; time += 1) {
      const next = await issue('a.test');
      await addCertificate(runtime, { name, pem: next.pem }, lists, context);
      expect(await stage.served('a.test')).toBe(next.sha256);
      expect([await entries('certs', name), await entries('list.txt', name)]).toEqual([1, 1]);
    }
    await removeCertificate(
      runtime,
      name,
      lists.map(({ list }) => list),
    );
  });

  it('is removed from a crt-list that has it more than once, and from none that has it not', async () => {
    const [name, next] = [at('certs/a.test.pem'), await issue('a.test')];
    await addCertificate(runtime, { name, pem: next.pem }, [{ list: at('certs'), line: '' }], context);
    for (let time = 0; time < 3; time += 1) await stage.say(`add ssl crt-list ${at('list.txt')} ${name}`);
    expect(await entries('list.txt', name)).toBe(3);
    await removeCertificate(runtime, name, [at('certs'), at('list.txt')]);
    await removeCertificate(runtime, name, [at('certs'), at('list.txt')]);
  });

  it('takes over what a killed run has left of it, after each of its steps', async () => {
    const [name, left, next] = [at('certs/a.test.pem'), await issue('a.test'), await issue('a.test')];
    const list = at('certs');
    const steps = [
      `new ssl cert ${name}`,
      `set ssl cert ${name} <<\n${left.pem}`,
      `commit ssl cert ${name}`,
      `add ssl crt-list ${list} ${name}`,
    ];
    for (let count = 1; count <= steps.length; count += 1) {
      for (const step of steps.slice(0, count)) await stage.say(step);
      await addCertificate(runtime, { name, pem: next.pem }, [{ list, line: '' }], {
        ...context,
        ours: new Set([name]),
      });
      expect(await stage.served('a.test')).toBe(next.sha256);
      await removeCertificate(runtime, name, [list]);
    }
  });

  it('is taken back whole where a step fails', async () => {
    const [name, next, other] = [at('certs/a.test.pem'), await issue('a.test'), await issue('a.test')];
    const [directory, list] = [
      { list: at('certs'), line: '' },
      { list: at('list.txt'), line: '' },
    ];
    const cases: readonly [string, string, readonly { list: string; line: string }[], string][] = [
      ['a key of another', name, [directory, list], 'runtime-rejected'],
      ['an option that there is not', name, [list, { ...list, line: ' [no-such-option] a.test' }], 'runtime-rejected'],
      ['options in a directory', name, [list, { ...directory, line: ' [alpn h2]' }], 'runtime-rejected'],
      [
        'options with a space in the name',
        at('certs/a test.pem'),
        [{ ...list, line: ' [alpn h2]' }],
        'runtime-rejected',
      ],
      // HAProxy would take it for listed.pem, with a filter.
      ['a space after another name', at('listed.pem 2.pem'), [{ ...list, line: ' [alpn h2]' }], 'runtime-rejected'],
      ['a directory that no bind has', name, [list, { list: at('not-loaded'), line: '' }], 'runtime-not-loaded'],
      ['a list that there is not', name, [directory, { list: at('none.txt'), line: '' }], 'runtime-not-loaded'],
    ];
    for (const [what, added, lists, code] of cases) {
      const pem = what === 'a key of another' ? next.chain + other.key : next.pem;
      const error = await failure(addCertificate(runtime, { name: added, pem }, lists, context), next, other);
      expect([what, error.code]).toEqual([what, code]);
      expect([what, await state()]).toEqual([what, atStart]);
    }
    const denied = await stage.open(stage.operatorSocket);
    expect((await failure(addCertificate(denied, { name, pem: next.pem }, [directory], context), next)).code).toBe(
      'runtime-denied',
    );
  });

  it('of another is neither replaced by a failure nor deleted', async () => {
    const [name, first, next, other] = [
      at('certs/a.test.pem'),
      await issue('a.test'),
      await issue('a.test'),
      await issue('a.test'),
    ];
    const lists = [at('certs'), at('list.txt')].map((list) => ({ list, line: '' }));
    await addCertificate(runtime, { name, pem: first.pem }, lists.slice(0, 1), context);
    const update = { name, pem: next.chain + other.key };
    const { code, details } = await failure(addCertificate(runtime, update, lists, context), next);
    expect([code, details.join('\n')]).toEqual(['runtime-rejected', expect.not.stringContaining('left')]);
    expect(await stage.served('a.test')).toBe(first.sha256);
    expect([await entries('certs', name), await entries('list.txt', name)]).toEqual([1, 0]);
    await removeCertificate(runtime, name, [at('certs')]);
  });
});
