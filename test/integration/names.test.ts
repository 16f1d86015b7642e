import { X509Certificate } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loopback } from '../support/loopback.js';
import { errorCodes, jsonReport } from '../support/report.js';
import { startStage, type Stage } from '../support/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
  mkdirSync(stage.at('unserved'));
});
afterAll(async () => await stage.stop());

const conf = (certName: string): string => readFileSync(stage.renewalConf(certName), 'utf8');
const names = (certName: string): string | undefined =>
  new X509Certificate(readFileSync(join(stage.configDir, 'live', certName, 'cert.pem'))).subjectAltName;

async function renewByForce(certName: string): Promise<void> {
  const version = stage.version(certName);
  const result = await stage.command(['renew', '--force-renewal', '--cert-name', certName]);
  expect(result, result.stderr).toMatchObject({ code: 0 });
  expect(stage.version(certName)).toBe(version + 1);
}

it('--allow-subset-of-names goes on without the names that fail, and a renewal asks for the others only', async () => {
  const lost = ['-w', stage.at('unserved'), '-d', 'lost.test', '--self-check', 'off'];
  const failed = await stage.order(['kept.test', 'also.test'], lost);
  expect([failed.code, errorCodes(failed)], failed.stderr).toEqual([1, ['acme-authorization-failed']]);
  const result = await stage.order(['kept.test', 'also.test'], [...lost, '--allow-subset-of-names', '--json']);
  expect(result, result.stdout).toMatchObject({ code: 0 });
  expect(jsonReport(result).outcomes).toMatchObject([{ kind: 'issued', names: ['kept.test', 'also.test'] }]);
  expect(names('kept.test')).toBe('DNS:kept.test, DNS:also.test');
  expect(conf('kept.test')).toContain('allow_subset_of_names = True\n');
  expect(conf('kept.test')).not.toContain('lost.test');
  const orders = stage.orders();
  await renewByForce('kept.test');
  expect(stage.orders()).toBe(orders + 1);
  expect(await stage.served('also.test')).toBe(stage.stored('kept.test'));
  const none = await stage.order([], [...lost, '--allow-subset-of-names']);
  expect([none.code, errorCodes(none)], none.stderr).toEqual([1, ['acme-authorization-failed']]);
});

it('--force-renewal gives a lineage the names that it lacks, as --expand does', async () => {
  await stage.ordered(['kept.test', 'also.test', 'new.test'], ['--force-renewal']);
  expect(names('kept.test')).toBe('DNS:kept.test, DNS:also.test, DNS:new.test');
});

it('--duplicate orders a second certificate for the same names, beside the first', async () => {
  await stage.ordered(['twice.test']);
  await stage.ordered(['twice.test'], ['--duplicate']);
  expect([stage.version('twice.test'), stage.version('twice.test-0001')]).toEqual([1, 1]);
  expect(stage.stored('twice.test')).not.toBe(stage.stored('twice.test-0001'));
  expect(readdirSync(stage.certDir)).toEqual(expect.arrayContaining(['twice.test.pem', 'twice.test-0001.pem']));
  await renewByForce('twice.test-0001');
  expect(stage.version('twice.test')).toBe(1);
});

it('--ip-address is validated by webroot, beside a DNS name, and renewed', async () => {
  await stage.ordered(['beside.test'], ['--ip-address', loopback]);
  expect(names('beside.test')).toBe(`DNS:beside.test, IP Address:${loopback}`);
  expect(conf('beside.test')).toContain(`${loopback} = ${stage.webroot}\n`);
  await renewByForce('beside.test');
  await stage.ordered([], ['--ip-address', loopback, '--cert-name', loopback]);
  expect(names(loopback)).toBe(`IP Address:${loopback}`);
});

it('--ip-address of IPv6 is validated by standalone, names the lineage, and is renewed', async () => {
  const port = String(stage.httpPort);
  const result = await stage.command([
    ...['certonly', '-n', '--server', stage.pebble.directoryUrl, '--standalone', '--ip-address', '0:0::1'],
    ...['--http-01-address', '::1', '--http-01-port', port, ...stage.haproxyFlags],
  ]);
  expect(result, result.stderr).toMatchObject({ code: 0 });
  expect(names('::1')).toBe('IP Address:0:0:0:0:0:0:0:1');
  await renewByForce('::1');
  expect(conf('::1')).toContain('authenticator = standalone\n');
  expect(conf('::1')).toContain(`http01_port = ${port}\n`);
});
