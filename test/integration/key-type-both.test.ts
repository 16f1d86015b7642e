import { createPrivateKey } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handshake } from '../../src-node/haproxy/tls-handshake.js';
import { accountsAt, certbotOn, confLine, must } from '../support/certbot.js';
import type { RunResult } from '../support/child.js';
import { freePort, loopback } from '../support/loopback.js';
import { errorCodes, jsonReport, type JsonReport } from '../support/report.js';
import { snapshot } from '../support/snapshot.js';
import { stageConfig, startStage, type Stage } from '../support/stage.js';

const [name, www] = ['shop.test', 'www.shop.test'];
const both = ['--key-type', 'both'];
let stage: Stage;
let pairPort: number;

/** The stage's bind of a directory, and another one whose `crt` names the file that a pair is to stand for. */
beforeAll(async () => {
  pairPort = await freePort();
  stage = await startStage({
    pebble: { authzReuse: 100 },
    config: (paths) => {
      mkdirSync(paths.at('pair'));
      copyFileSync(paths.at('default.pem'), paths.at('pair/site.pem'));
      const bind = `bind ${loopback}:${pairPort} ssl crt ${paths.at('pair/site.pem')}`;
      return stageConfig(paths, { sections: `frontend pair\n  ${bind}\n  http-request return status 200\n` });
    },
  });
});
afterAll(async () => await stage.stop());

/** The leaves for a name that a client gets who takes ECDSA only, and one who takes RSA only. */
async function served(sni: string = name, port = stage.httpsPort): Promise<readonly string[]> {
  const target = { host: loopback, port, acceptProxy: false };
  const answers = (['ecdsa', 'rsa'] as const).map(async (keyType) => {
    const answer = await handshake(target, { servername: sni, keyType, timeout: 5_000 });
    return answer.kind === 'served' ? answer.leaf.fingerprint : answer.reason;
  });
  return await Promise.all(answers);
}

const stored = (certName: string = name): readonly string[] => [certName, `${certName}-rsa`].map(stage.stored);
const versions = (certName: string = name): readonly number[] => [certName, `${certName}-rsa`].map(stage.version);
const keys = (certName: string = name): readonly unknown[] =>
  [certName, `${certName}-rsa`].map((each) => {
    const key = createPrivateKey(readFileSync(join(stage.configDir, 'live', each, 'privkey.pem')));
    return key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyDetails?.modulusLength;
  });

function reportOf(result: RunResult): JsonReport {
  expect(result, `${result.stderr}${result.stdout}`).toMatchObject({ code: 0 });
  return jsonReport(result);
}

async function order(names: readonly string[], ...flags: readonly string[]): Promise<JsonReport> {
  return reportOf(await stage.order(names, ['--haproxy-deploy', 'reload', '--json', ...flags]));
}

const outcomes = (report: JsonReport): readonly string[] =>
  report.outcomes.map(({ certName, kind }) => `${certName} ${kind}`).toSorted();

describe('--key-type both', () => {
  it('tries both in a dry run and keeps nothing', async () => {
    const before = snapshot(stage.at(''), /^(?:logs|pebble|config\/accounts)\//);
    const report = await order(['dry.test'], ...both, '--dry-run');
    expect(outcomes(report)).toEqual(['dry.test tested', 'dry.test-rsa tested']);
    const added = Object.keys(snapshot(stage.at(''), /^(?:logs|pebble|config\/accounts)\//)).filter(
      (path) => !(path in before) && /dry\.test/.test(path),
    );
    expect(added).toEqual([]);
  });

  it('orders two certificates of one account and gives them to HAProxy by one reload', async () => {
    const [orders, file] = [stage.orders(), stage.at('hooks')];
    const hooks = ['--pre-hook', `echo pre >> ${file}`, '--deploy-hook', `echo $RENEWED_LINEAGE >> ${file}`];
    const report = await order([name], ...both, ...hooks, '--rsa-key-size', '3072', '--elliptic-curve', 'secp384r1');
    expect(outcomes(report)).toEqual([`${name} issued`, `${name}-rsa issued`]);
    expect(report.reloads).toHaveLength(1);
    expect(stage.orders()).toBe(orders + 2);
    expect(accountsAt(stage)).toBe(1);
    expect(keys()).toEqual(['secp384r1', 3072]);
    expect(await served()).toEqual(stored());
    const live = [name, `${name}-rsa`].map((each) => join(stage.configDir, 'live', each));
    expect(readFileSync(file, 'utf8').trim().split('\n')).toEqual(['pre', ...live]);
    for (const key of ['account', 'server', 'pre_hook', 'renew_hook', 'cert_dir', 'cfg', 'pidfile']) {
      expect(confLine(stage, `${name}-rsa`, key), key).toBe(confLine(stage, name, key));
    }
  });

  it('keeps both when it is said again, and one of them when the other is due', async () => {
    const orders = stage.orders();
    expect(outcomes(await order([name], ...both))).toEqual([`${name} not-due`, `${name}-rsa not-due`]);
    expect(stage.orders()).toBe(orders);
    const before = stored();
    const conf = stage.renewalConf(`${name}-rsa`);
    writeFileSync(conf, `renew_before_expiry = 9999 days\n${readFileSync(conf, 'utf8')}`);
    const report = await order([name], ...both, '--rsa-key-size', '2048');
    writeFileSync(conf, readFileSync(conf, 'utf8').replace(/^renew_before_expiry.*\n/m, ''));
    expect(outcomes(report)).toEqual([`${name} not-due`, `${name}-rsa issued`]);
    expect(versions()).toEqual([1, 2]);
    expect(stored()[0]).toBe(before[0]);
    expect(await served()).toEqual(stored());
  });

  it('is followed by `certonly` for the names alone, which is about the first', async () => {
    expect(outcomes(await order([name]))).toEqual([`${name} not-due`]);
  });

  it('is followed by `renew`, which renews each as it is, by one reload', async () => {
    writeFileSync(stage.at('both.ini'), 'key-type = both\n');
    for (const flags of [[], ['-c', stage.at('both.ini')]]) {
      const result = await stage.command(['renew', '--force-renewal', '--json', ...flags]);
      const report = reportOf(result);
      expect(outcomes(report)).toEqual([`${name} issued`, `${name}-rsa issued`]);
      expect(report.reloads).toHaveLength(1);
      expect(keys()).toEqual(['secp384r1', 2048]);
      expect(await served()).toEqual(stored());
    }
    expect(versions()).toEqual([3, 4]);
  });

  it('gives both more names where that is told to, and neither otherwise', async () => {
    const [orders, before] = [stage.orders(), stored()];
    const refused = await stage.order([name, www], both);
    expect([refused.code, errorCodes(refused)]).toEqual([1, ['names-differ']]);
    expect([stage.orders(), stored()]).toEqual([orders, before]);
    const report = await order([name, www], ...both, '--expand');
    expect(outcomes(report)).toEqual([`${name} issued`, `${name}-rsa issued`]);
    expect(await served(www)).toEqual(stored());
    expect(await served()).toEqual(stored());
  });

  it('makes what certbot lists and renews', async () => {
    const certbot = must(certbotOn(stage));
    const { stdout } = await certbot(['certificates']);
    const listed = [...stdout.matchAll(/Certificate Name: (\S+)[^]*?Key Type: (\S+)[^]*?\(VALID/g)];
    expect(listed.map(([, certName, type]) => `${String(certName)} ${String(type)}`).toSorted()).toEqual([
      ...[`${name} ECDSA`, `${name}-rsa RSA`],
    ]);
    const [before, bundles] = [versions(), await served()];
    await certbot(['renew', '--force-renewal', '--no-directory-hooks']);
    expect(versions()).toEqual(before.map((version) => version + 1));
    expect(keys().map((key) => typeof key)).toEqual(['string', 'number']);
    expect(await served()).toEqual(bundles);
    expect(outcomes(reportOf(await stage.command(['renew', '--json'])))).toEqual([
      ...[`${name} deployed`, `${name}-rsa deployed`],
    ]);
    expect(await served()).toEqual(stored());
  });
});

describe('--key-type both on an RSA lineage', () => {
  const old = 'old.test';

  it('needs --cert-name to make it an ECDSA one, and makes the RSA one beside it', async () => {
    await order([old], '--key-type', 'rsa');
    const orders = stage.orders();
    const refused = await stage.order([old], both);
    expect([refused.code, errorCodes(refused), stage.orders()]).toEqual([1, ['key-type-differs'], orders]);
    const report = await order([], '--cert-name', old, ...both);
    expect(outcomes(report)).toEqual([`${old} issued`, `${old}-rsa issued`]);
    expect(report.reloads).toHaveLength(1);
    expect([versions(old), keys(old)]).toEqual([
      [2, 1],
      ['prime256v1', 2048],
    ]);
    expect(await served(old)).toEqual(stored(old));
  });

  it('makes the ECDSA one anew where it was deleted', async () => {
    const [, rsa] = stored(old);
    expect((await stage.command(['delete', '--cert-name', old])).code).toBe(0);
    expect(outcomes(await order([old], ...both))).toEqual([`${old} issued`, `${old}-rsa not-due`]);
    expect(stored(old)[1]).toBe(rsa);
    expect(await served(old)).toEqual(stored(old));
  });
});

describe('--key-type both with --haproxy-bundle', () => {
  const site = 'site.test';
  const files = (): readonly string[] => readdirSync(stage.at('pair')).filter((file) => !file.startsWith('.'));
  const into = (file?: string): readonly string[] => [
    ...['--haproxy-cert-dir', stage.at('pair')],
    ...(file === undefined ? [] : ['--haproxy-bundle', file]),
  ];
  const servedOfPair = async (): Promise<readonly string[]> => await served(site, pairPort);

  it('makes the pair that a bind loads by the name of the file, which gives way to it', async () => {
    await order([site], ...into('site.pem'));
    expect((await servedOfPair())[0]).toBe(stage.stored(site));
    const report = await order([site], ...both, ...into());
    expect(outcomes(report)).toEqual([`${site} deployed`, `${site}-rsa issued`]);
    expect(report.reloads).toHaveLength(1);
    expect(files().toSorted()).toEqual(['site.pem.ecdsa', 'site.pem.rsa']);
    expect(await servedOfPair()).toEqual(stored(site));
    expect([site, `${site}-rsa`].map((each) => confLine(stage, each, 'bundle'))).toEqual(files().toSorted());
  });

  it('is the same by whichever name of the pair, and without one', async () => {
    const orders = stage.orders();
    for (const file of [undefined, 'site.pem', 'site.pem.ecdsa', 'site.pem.rsa']) {
      expect(outcomes(await order([site], ...both, ...into(file)))).toEqual([`${site} not-due`, `${site}-rsa not-due`]);
    }
    expect(stage.orders()).toBe(orders);
  });

  it('is renewed by one reload', async () => {
    const before = versions(site);
    for (const only of [['--cert-name', site], []]) {
      const report = reportOf(await stage.command(['renew', '--force-renewal', '--json', ...only]));
      expect(report.reloads).toHaveLength(1);
      expect(await servedOfPair()).toEqual(stored(site));
    }
    expect(versions(site)).toEqual([(before[0] ?? 0) + 2, (before[1] ?? 0) + 1]);
    expect(existsSync(stage.at('pair/site.pem'))).toBe(false);
  });
});

describe('--key-type both at runtime', () => {
  const auto = async (names: readonly string[], ...flags: readonly string[]): Promise<JsonReport> =>
    reportOf(await stage.order(names, ['--json', ...flags]));

  it('is given to HAProxy without a reload', async () => {
    const [hot, pid] = ['hot.test', stage.pid()];
    const report = await auto([hot], ...both);
    expect(outcomes(report)).toEqual([`${hot} issued`, `${hot}-rsa issued`]);
    expect([report.reloads, stage.pid()]).toEqual([[], pid]);
    expect(await served(hot)).toEqual(stored(hot));
  });

  it('is given so where the lineage has had an RSA key', async () => {
    const [turned, pid] = ['turned.test', stage.pid()];
    await auto([turned], '--key-type', 'rsa');
    const report = await auto([turned], ...both, '--cert-name', turned);
    expect(outcomes(report)).toEqual([`${turned} issued`, `${turned}-rsa issued`]);
    expect([report.reloads, stage.pid()]).toEqual([[], pid]);
    expect(await served(turned)).toEqual(stored(turned));
  });

  it.each([
    ['ECDSA', []],
    ['RSA', ['--key-type', 'rsa']],
  ])(
    'is served where the one bundle of an %s key, loaded from the directory, makes way for the pair',
    async (...given) => {
      const [type, flags] = given;
      const single = `single-${type.toLowerCase()}.test`;
      await auto([single], '--haproxy-bundle', `${type}.pem`, ...flags);
      expect(await served(single)).toContain(stage.stored(single));
      const report = await auto([single], ...both, '--cert-name', single);
      expect(outcomes(report)[1]).toBe(`${single}-rsa issued`);
      expect(report.reloads).toHaveLength(1);
      expect(await served(single)).toEqual(stored(single));
      const pid = stage.pid();
      await auto([single], ...both, '--force-renewal');
      expect(await served(single)).toEqual(stored(single));
      expect(stage.pid()).toBe(pid);
    },
  );
});
