import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, until } from '../support/child.js';
import { errorCodes, jsonReport } from '../support/report.js';
import { startStage, type Stage } from '../support/stage.js';

const names = ['one.test', 'two.test', 'three.test'];
let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
  for (const name of names) await stage.ordered([name]);
});
afterAll(async () => await stage.stop());

const versions = (): readonly number[] => names.map(stage.version);

async function expectAllServed(): Promise<void> {
  for (const name of names) expect(await stage.served(name)).toBe(stage.stored(name));
}

describe('renew', () => {
  it('does nothing and exits 0 when nothing is due', async () => {
    const before = [stage.orders(), stage.pid(), ...versions()];
    const result = await stage.command(['renew', '--json']);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(jsonReport(result).outcomes.map(({ kind }) => kind)).toEqual(['not-due', 'not-due', 'not-due']);
    expect([stage.orders(), stage.pid(), ...versions()]).toEqual(before);
  });

  it('renews by force, by the settings that each lineage keeps, and HAProxy takes them all while it runs', async () => {
    const old = stage.pid();
    const result = await stage.command(['renew', '--force-renewal', '--json']);
    expect(result, result.stdout).toMatchObject({ code: 0 });
    const { outcomes, reloads, sockets } = jsonReport(result);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['issued', 'issued', 'issued']);
    expect([reloads, sockets]).toEqual([[], [stage.socket]]);
    expect(stage.pid()).toBe(old);
    expect(versions()).toEqual([2, 2, 2]);
    await expectAllServed();
  });

  it('takes one lineage alone by --cert-name', async () => {
    const result = await stage.command(['renew', '--force-renewal', '--cert-name', 'two.test']);
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(versions()).toEqual([2, 3, 2]);
    await expectAllServed();
  });
});

describe('the failure of one lineage', () => {
  // Once in a hundred orders Pebble uses a valid authorization again, though told never to.
  it(
    'whose name answers no more leaves the others to be renewed, and makes the exit code 1',
    { retry: 1 },
    async () => {
      const [before, fingerprint] = [versions(), stage.stored('two.test')];
      await address('two.test', '127.0.0.1');
      const result = await stage.command(['renew', '--force-renewal', '--self-check', 'off']);
      expect(result.code).toBe(1);
      expect(errorCodes(result), result.stderr).toEqual(['acme-authorization-failed']);
      expect(result.stderr).toMatch(/two\.test.*connection:/);
      expect(versions()).toEqual(before.map((version, index) => (index === 1 ? version : version + 1)));
      expect(stage.stored('two.test')).toBe(fingerprint);
      await expectAllServed();
      await address('two.test', undefined);
    },
  );

  it('whose webroot is gone does so too, and is made good by the next run', async () => {
    const before = versions();
    const conf = stage.renewalConf('three.test');
    const text = readFileSync(conf, 'utf8');
    writeFileSync(conf, text.replaceAll(stage.webroot, stage.at('gone')));
    const result = await stage.command(['renew', '--force-renewal']);
    expect(result.code).toBe(1);
    expect(errorCodes(result), result.stderr).toEqual(['webroot-missing']);
    expect(versions()).toEqual([(before[0] ?? 0) + 1, (before[1] ?? 0) + 1, before[2]]);
    writeFileSync(conf, text);
    const again = await stage.command(['renew', '--force-renewal', '--cert-name', 'three.test']);
    expect(again, again.stderr).toMatchObject({ code: 0 });
    await expectAllServed();
  });

  it('whose files are broken is reported by name, and by `certificates` too', async () => {
    const conf = stage.renewalConf('two.test');
    renameSync(conf, stage.at('kept.conf'));
    writeFileSync(conf, 'no = configuration\n');
    const result = await stage.command(['renew']);
    expect(result.code).toBe(1);
    expect(errorCodes(result), result.stderr).toEqual(['lineage-broken']);
    expect(result.stderr).toContain(conf);
    const listed = await stage.command(['certificates']);
    expect(listed.code).toBe(0);
    expect(listed.stdout).toContain('Certificate Name: one.test');
    renameSync(stage.at('kept.conf'), conf);
  });

  /** What challtestsrv answers for a name: this address, or its own default again. */
  async function address(host: string, to: string | undefined): Promise<void> {
    const [path, body] = to === undefined ? ['clear-a', { host }] : ['add-a', { host, addresses: [to] }];
    const answer = await fetch(`${stage.pebble.dnsManagementUrl}/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(200);
  }
});

describe('a version that HAProxy has not got', () => {
  it('is deployed by the next run without an order, when its bundle has been lost', async () => {
    const bundle = readFileSync(stage.bundle('one.test'), 'utf8');
    renameSync(stage.bundle('one.test'), stage.at('lost.pem'));
    const orders = stage.orders();
    const result = await stage.command(['renew', '--json']);
    expect(result, result.stdout).toMatchObject({ code: 0 });
    expect(jsonReport(result).outcomes.map(({ certName, kind }) => [certName, kind])).toContainEqual([
      'one.test',
      'deployed',
    ]);
    expect(readFileSync(stage.bundle('one.test'), 'utf8')).toBe(bundle);
    expect(stage.orders()).toBe(orders);
    await expectAllServed();
  });

  it("is deployed when certbot made it, on certbot's own reading of our files", async () => {
    const version = stage.version('one.test');
    const paths = ['config', 'work', 'logs'].flatMap((kind) => [`--${kind}-dir`, stage.at(kind)]);
    const flags = ['--force-renewal', '--cert-name', 'one.test', '-n', '--no-random-sleep-on-renew'];
    const certbot = await run('certbot', ['renew', ...flags, ...paths], {
      env: { REQUESTS_CA_BUNDLE: stage.pebble.caFile },
    });
    expect(certbot, certbot.stderr + certbot.stdout).toMatchObject({ code: 0 });
    expect(stage.version('one.test')).toBe(version + 1);
    expect(await stage.served('one.test')).not.toBe(stage.stored('one.test'));
    const orders = stage.orders();
    const result = await stage.command(['renew']);
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(stage.orders()).toBe(orders);
    expect(stage.version('one.test')).toBe(version + 1);
    await expectAllServed();
  });
});

describe('without the CA', () => {
  it('renew with nothing due does not miss it', async () => {
    await stage.pebble.stop();
    const result = await stage.command(['renew']);
    expect(result, result.stderr).toMatchObject({ code: 0 });
  });

  it('a renewal that is due fails for itself and keeps what is served', async () => {
    const before = versions();
    const result = await stage.command(['renew', '--force-renewal', '--cert-name', 'one.test']);
    expect(result.code).toBe(1);
    expect(errorCodes(result)).toEqual(['acme-unreachable']);
    expect(result.stderr).toContain(stage.pebble.directoryUrl);
    expect(versions()).toEqual(before);
    await expectAllServed();
  });
});

describe('a certificate that lives for seconds', () => {
  it('is renewed once half of its life is over, and not before', async () => {
    const short = await startStage({ pebble: { validity: 8 } });
    try {
      await short.ordered(['brief.test']);
      const early = await short.command(['renew']);
      expect(early, early.stderr).toMatchObject({ code: 0 });
      expect(short.version('brief.test')).toBe(1);
      await until('it is due', async () => {
        const result = await short.command(['renew']);
        expect(result, result.stderr).toMatchObject({ code: 0 });
        return short.version('brief.test') > 1;
      });
      expect(await short.served('brief.test')).toBe(short.stored('brief.test'));
    } finally {
      await short.stop();
    }
  });
});
