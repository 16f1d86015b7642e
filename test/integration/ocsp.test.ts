import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { checkRevocation } from '../../src-node/ocsp/ocsp-checker.js';
import { systemClock } from '../../src-node/platform/clock.js';
import { freePort, loopback } from '../support/loopback.js';
import { indexLine, revokedAt, startOcspResponder } from '../support/ocsp-authority.js';
import { startStage, type Stage } from '../support/stage.js';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function ask(stage: Stage, certName: string): Promise<unknown> {
  const live = (kind: string): string => readFileSync(join(stage.configDir, 'live', certName, `${kind}.pem`), 'utf8');
  const options = { clock: systemClock, signal: new AbortController().signal };
  return await checkRevocation({ certificate: live('cert'), issuer: live('chain') }, options);
}

it("tells the state of an issued certificate by the CA's responder", async () => {
  const port = await freePort('0.0.0.0');
  const stage = await startStage({ pebble: { ocspResponderUrl: `http://${loopback}:${port}/` } });
  stops.push(stage.stop);
  await stage.ordered(['good.test']);
  await stage.ordered(['revoked.test']);
  expect(await ask(stage, 'good.test')).toMatchObject({ kind: 'not-checked', reason: 'unreachable' });

  const ca = { certFile: stage.at('ca.crt'), keyFile: stage.at('ca.key') };
  writeFileSync(ca.certFile, await stage.pebble.management('/intermediates/0'));
  writeFileSync(ca.keyFile, await stage.pebble.management('/intermediate-keys/0'));
  const serial = (certName: string): string =>
    new X509Certificate(readFileSync(join(stage.configDir, 'live', certName, 'cert.pem'))).serialNumber;
  const lines = indexLine('good', serial('good.test')) + indexLine('revoked,superseded', serial('revoked.test'));
  writeFileSync(stage.at('index'), lines);
  const responder = await startOcspResponder(ca, stage.at('index'), port);
  stops.push(async () => await responder.stop());
  expect(await ask(stage, 'good.test')).toEqual({ kind: 'good' });
  expect(await ask(stage, 'revoked.test')).toEqual({ kind: 'revoked', revokedAt, reason: 'superseded' });
});
