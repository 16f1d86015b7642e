import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Daemon } from '../support/child.js';
import { freePort, loopback } from '../support/loopback.js';
import { indexLine, startOcspResponder } from '../support/ocsp-authority.js';
import { jsonReport } from '../support/report.js';
import { startStage, type Stage } from '../support/stage.js';

const [good, revoked] = ['good.test', 'revoked.test'];
let stage: Stage;
let responder: Daemon | undefined;
let port = 0;
beforeAll(async () => {
  port = await freePort('0.0.0.0');
  stage = await startStage({ pebble: { ocspResponderUrl: `http://${loopback}:${port}/` } });
  for (const name of [good, revoked]) await stage.ordered([name]);
});
afterAll(async () => {
  await responder?.stop();
  await stage.stop();
});

const serial = (certName: string): string =>
  new X509Certificate(readFileSync(join(stage.configDir, 'live', certName, 'cert.pem'))).serialNumber;

/** The CA's responder, to which the present certificate of one lineage is revoked. */
async function respond(): Promise<void> {
  await responder?.stop();
  const ca = { certFile: stage.at('ca.crt'), keyFile: stage.at('ca.key') };
  writeFileSync(ca.certFile, await stage.pebble.management('/intermediates/0'));
  writeFileSync(ca.keyFile, await stage.pebble.management('/intermediate-keys/0'));
  writeFileSync(stage.at('index'), indexLine('good', serial(good)) + indexLine('revoked,superseded', serial(revoked)));
  responder = await startOcspResponder(ca, stage.at('index'), port);
}

async function renew(): Promise<readonly unknown[]> {
  const result = await stage.command(['renew', '--json']);
  expect(result, result.stdout).toMatchObject({ code: 0, stderr: '' });
  return jsonReport(result).outcomes;
}

const idle = [
  { kind: 'not-due', certName: good },
  { kind: 'not-due', certName: revoked },
];

it('without a responder nothing is due, and the log says who did not answer', async () => {
  expect(await renew()).toMatchObject(idle);
  expect(readFileSync(stage.at('logs/letsencrypt.log'), 'utf8')).toContain(`Cannot reach http://${loopback}:${port}/`);
});

it('a revoked certificate is shown so, and renewed by `renew`, which leaves the others', async () => {
  await respond();
  const listed = await stage.command(['certificates']);
  expect(listed.stdout.match(/\((?:IN)?VALID[^)]*\)/g)).toEqual([
    expect.stringMatching(/^\(VALID: \d+ days\)$/),
    '(INVALID: REVOKED)',
  ]);
  expect(JSON.parse((await stage.command(['certificates', '--json'])).stdout)).toMatchObject({
    certificates: [{ revoked: false }, { revoked: true }],
  });
  expect(await renew()).toMatchObject([
    { kind: 'issued', certName: revoked, reason: 'revoked' },
    { kind: 'not-due', certName: good },
  ]);
  expect(await stage.served(revoked)).toBe(stage.stored(revoked));
  // The responder does not know the new one, which is no reason to renew it.
  expect(await renew()).toMatchObject(idle);
  expect([stage.version(good), stage.version(revoked)]).toEqual([1, 2]);
});

it('a revoked certificate is renewed by `certonly` too, and a dry run asks nobody', async () => {
  await respond();
  const trial = await stage.order([good], ['--dry-run', '--json']);
  expect(jsonReport(trial).outcomes).toMatchObject([{ kind: 'tested' }]);
  for (const [name, kind] of [
    [good, 'not-due'],
    [revoked, 'issued'],
  ] as const) {
    const result = await stage.order([name], ['--json']);
    expect(jsonReport(result).outcomes, result.stdout).toMatchObject([{ kind }]);
  }
  expect([stage.version(good), stage.version(revoked)]).toEqual([1, 3]);
});
