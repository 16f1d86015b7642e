import { mkdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunResult } from '../support/child.js';
import { errorCodes, jsonReport } from '../support/report.js';
import { snapshot } from '../support/snapshot.js';
import { startStage, type Stage } from '../support/stage.js';

const name = 'shop.test';
let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
  await stage.ordered([name]);
  mkdirSync(stage.at('unserved'));
});
afterAll(async () => await stage.stop());

const conf = (): string => readFileSync(stage.renewalConf(name), 'utf8');
const value = (key: string): string | undefined => new RegExp(`^${key} = (.*)$`, 'm').exec(conf())?.[1];

async function reconfigure(...flags: readonly string[]): Promise<RunResult> {
  return await stage.command(['reconfigure', '--cert-name', name, ...flags]);
}

async function expectReconfigured(...flags: readonly string[]): Promise<void> {
  const result = await reconfigure('--json', ...flags);
  expect(result, result.stdout).toMatchObject({ code: 0 });
  expect(jsonReport(result).outcomes).toEqual([{ kind: 'reconfigured', certName: name }]);
}

async function expectRenewed(): Promise<void> {
  const result = await stage.command(['renew', '--force-renewal']);
  expect(result, result.stderr).toMatchObject({ code: 0 });
  expect(await stage.served(name)).toBe(stage.stored(name));
}

/** The address that the CA finds for the name; HAProxy's where none is given. */
async function address(to: string | undefined): Promise<void> {
  const url = `${stage.pebble.dnsManagementUrl}/${to === undefined ? 'clear-a' : 'add-a'}`;
  const body = JSON.stringify({ host: name, ...(to === undefined ? {} : { addresses: [to] }) });
  expect((await fetch(url, { method: 'POST', body })).status).toBe(200);
}

it('keeps another authenticator once a dry run has gone well, and the next renewal goes that way', async () => {
  const live = snapshot(stage.at('config/live'));
  const own = '127.0.0.1';
  await address(own);
  await expectReconfigured('--standalone', '--http-01-port', String(stage.httpPort), '--http-01-address', own);
  expect(snapshot(stage.at('config/live'))).toEqual(live);
  expect([value('authenticator'), value('http01_port'), value('http01_address')]).toEqual([
    ...['standalone', String(stage.httpPort), own],
  ]);
  expect(conf()).not.toContain('webroot');
  await expectRenewed();

  await address(undefined);
  await expectReconfigured('--webroot', '-w', stage.webroot);
  expect([value('authenticator'), value('webroot_path'), value(name)]).toEqual([
    ...['webroot', `${stage.webroot},`, stage.webroot],
  ]);
  expect(conf()).not.toContain('http01');
  await expectRenewed();
});

it('keeps hooks, which it does not run unless told to, and takes away those that are empty', async () => {
  const said = stage.at('said');
  const hook = (word: string): string => `echo ${word} >> ${said}`;
  await expectReconfigured('--post-hook', hook('post'), '--deploy-hook', hook('deploy'));
  expect(readFileSync(said, 'utf8')).toBe('post\n');
  expect([value('post_hook'), value('renew_hook')]).toEqual([hook('post'), hook('deploy')]);
  await expectReconfigured('--run-deploy-hooks', '--post-hook', '');
  expect(readFileSync(said, 'utf8')).toBe('post\ndeploy\n');
  expect([value('post_hook'), value('renew_hook')]).toEqual([undefined, hook('deploy')]);
});

it('keeps how HAProxy is given the certificate, and the next `renew` does so', async () => {
  mkdirSync(stage.at('other'));
  await expectReconfigured('--haproxy-cert-dir', stage.at('other'));
  expect(value('cert_dir')).toBe(stage.at('other'));
  expect(value('cfg')).toContain(stage.cfg);
  const orders = stage.orders();
  const result = await stage.command(['renew', '--json']);
  expect(jsonReport(result).outcomes.map(({ kind }) => kind)).toEqual(['deployed']);
  expect(snapshot(stage.at('other'))).toHaveProperty([`${name}.pem`]);
  expect(stage.orders()).toBe(orders);
  await expectReconfigured('--haproxy-cert-dir', stage.certDir);
});

it('changes nothing where the dry run fails, or is all that is asked for', async () => {
  const before = [snapshot(stage.configDir), snapshot(stage.certDir)];
  const refused: readonly (readonly [number, string, readonly string[]])[] = [
    [1, 'acme-authorization-failed', ['-w', stage.at('unserved'), '--pre-hook', 'true', '--self-check', 'off']],
    [1, 'self-check-failed', ['-w', stage.at('unserved'), '--pre-hook', 'true']],
    [1, 'webroot-missing', ['-w', stage.at('gone')]],
    [1, 'cert-dir-missing', ['--haproxy-cert-dir', stage.at('gone')]],
    [2, 'usage', ['-d', 'more.test']],
  ];
  for (const [code, error, flags] of refused) {
    const result = await reconfigure(...flags);
    expect([result.code, errorCodes(result)], result.stderr).toEqual([code, [error]]);
  }
  const trial = await reconfigure('--dry-run', '--json', '--pre-hook', 'true', '--no-autorenew');
  expect(jsonReport(trial).outcomes.map(({ kind }) => kind)).toEqual(['tested']);
  const absent = await stage.command(['reconfigure', '--cert-name', 'absent.test', '--pre-hook', 'true']);
  expect([absent.code, errorCodes(absent)], absent.stderr).toEqual([1, ['no-such-lineage']]);
  expect([snapshot(stage.configDir), snapshot(stage.certDir)]).toEqual(before);
});

it('does not take another kind of key for one that is used again', async () => {
  await expectReconfigured('--reuse-key');
  const before = conf();
  expect(value('reuse_key')).toBe('True');
  const result = await reconfigure('--key-type', 'rsa');
  expect([result.code, errorCodes(result)], result.stderr).toEqual([1, ['key-reused']]);
  expect(conf()).toBe(before);
});
