import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { errorCodes, jsonReport } from '../support/report.js';
import { selfSigned } from '../support/self-signed.js';
import { snapshot } from '../support/snapshot.js';
import { startStage, type Stage } from '../support/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(async () => await stage.stop());

const kinds = async (...args: readonly string[]): Promise<readonly string[]> => {
  const result = await stage.command([...args, '--json']);
  expect(result, result.stdout).toMatchObject({ code: 0 });
  return jsonReport(result).outcomes.map(({ kind }) => kind);
};

it('-i null orders and leaves HAProxy alone, and the next `renew` gives it the certificate', async () => {
  const pid = stage.pid();
  const order = ['-n', '--agree-tos', '--server', stage.pebble.directoryUrl, '-w', stage.webroot, '-d', 'later.test'];
  expect(await kinds('run', ...order, ...stage.haproxyFlags, '-i', 'null')).toEqual(['issued']);
  // Neither does one more look, nor a renewal without installer.
  expect(await kinds('run', ...order, ...stage.haproxyFlags, '-i', 'null')).toEqual(['not-due']);
  expect(await kinds('renew', '-i', 'null', '--force-renewal')).toEqual(['issued']);
  expect([stage.pid(), readdirSync(stage.certDir)]).toEqual([pid, []]);
  const orders = stage.orders();
  expect(await kinds('renew')).toEqual(['deployed']);
  expect(await stage.served('later.test')).toBe(stage.stored('later.test'));
  expect([stage.orders(), stage.version('later.test')]).toEqual([orders, 2]);
});

it('--cert-name gives HAProxy a lineage that it did not have, and keeps how', async () => {
  const name = 'plain.test';
  const order = ['-n', '--server', stage.pebble.directoryUrl, '-w', stage.webroot, '-d', name];
  expect(await kinds('certonly', ...order)).toEqual(['issued']);
  const conf = readFileSync(stage.renewalConf(name), 'utf8');
  const without = await stage.command(['install', '--cert-name', name]);
  expect([without.code, errorCodes(without)], without.stderr).toEqual([2, ['usage']]);
  const missing = await stage.command(['install', '--cert-name', name, '--haproxy-cert-dir', stage.at('nowhere')]);
  expect([missing.code, errorCodes(missing)], missing.stderr).toEqual([1, ['cert-dir-missing']]);
  expect(readFileSync(stage.renewalConf(name), 'utf8')).toBe(conf);
  const orders = stage.orders();
  expect(await kinds('install', '--cert-name', name, ...stage.haproxyFlags)).toEqual(['deployed']);
  expect(await stage.served(name)).toBe(stage.stored(name));
  expect(stage.orders()).toBe(orders);
  expect(await kinds('renew', '--cert-name', name)).toEqual(['not-due']);
  expect(await kinds('renew', '--cert-name', name, '--force-renewal')).toEqual(['issued']);
  expect(await stage.served(name)).toBe(stage.stored(name));
  const absent = await stage.command(['install', '--cert-name', 'absent.test', ...stage.haproxyFlags]);
  expect([absent.code, errorCodes(absent)], absent.stderr).toEqual([1, ['no-such-lineage']]);
});

it('--cert-path and --key-path give HAProxy files, and nothing where they do not fit', async () => {
  mkdirSync(stage.at('own'));
  const { certFile, keyFile } = await selfSigned(stage.at('own'), 'bought', ['DNS:bought.test']);
  const other = await selfSigned(stage.at('own'), 'other', ['DNS:other.test']);
  const config = snapshot(stage.configDir);
  const install = ['install', '--cert-path', certFile, '--key-path', keyFile];
  expect(await kinds(...install, ...stage.haproxyFlags)).toEqual(['installed']);
  expect(await stage.served('bought.test')).toBe(new X509Certificate(readFileSync(certFile)).fingerprint256);

  const [bundles, pid] = [snapshot(stage.certDir), stage.pid()];
  const refused: readonly (readonly [number, string, readonly string[]])[] = [
    [1, 'bundle-invalid', [...install, '--key-path', other.keyFile, ...stage.haproxyFlags]],
    [1, 'bundle-invalid', [...install, '--cert-path', keyFile, ...stage.haproxyFlags]],
    [1, 'file-unreadable', [...install, '--cert-path', stage.at('own/absent.crt'), ...stage.haproxyFlags]],
    [2, 'usage', install],
  ];
  for (const [code, error, args] of refused) {
    const result = await stage.command(args);
    expect([result.code, errorCodes(result)], result.stderr).toEqual([code, [error]]);
  }
  // The bundle of a lineage would be put back by its next renewal.
  writeFileSync(stage.at('own/plain.test.crt'), readFileSync(certFile));
  const taken = await stage.command([...install, '--cert-path', stage.at('own/plain.test.crt'), ...stage.haproxyFlags]);
  expect([taken.code, errorCodes(taken)], taken.stderr).toEqual([2, ['usage']]);
  expect([snapshot(stage.certDir), stage.pid(), snapshot(stage.configDir)]).toEqual([bundles, pid, config]);
  expect(existsSync(stage.at('config/live/bought'))).toBe(false);
});
