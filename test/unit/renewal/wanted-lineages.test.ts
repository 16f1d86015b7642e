import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../../src-node/cli/parse-command.js';
import { resolveConfig } from '../../../src-node/config/resolve-config.js';
import { noHaproxy } from '../../../src-node/lineage/haproxy-settings.js';
import type { RenewalSettings } from '../../../src-node/lineage/lineage.js';
import type { Candidate } from '../../../src-node/renewal/plan-renewals.js';
import { wantedLineages, type Wanted } from '../../../src-node/renewal/wanted-lineages.js';
import { testCandidate, testInfo, testLineage, testSettings } from '../../support/test-lineage.js';

const [a, b] = ['a.example', 'b.example'];

function present(certName: string, keyType: 'ecdsa' | 'rsa', settings: Partial<RenewalSettings> = {}): Candidate {
  return {
    ...testCandidate(certName),
    lineage: testLineage(certName, { settings: testSettings({ keyType, ...settings }) }),
    certificate: testInfo({ names: [a], keyType }),
  };
}

function wanted(flags: string, candidates: readonly Candidate[]): readonly Wanted[] {
  const command = parseCommand(['certonly', '--key-type', 'both', ...flags.split(' ')]);
  const config = resolveConfig(command, { env: {}, cwd: '/' });
  return wantedLineages(config, { candidates, broken: [] });
}

function told(flags: string, candidates: readonly Candidate[] = []): readonly string[] {
  return wanted(flags, candidates).map(({ choice, config }) => {
    const name = choice.kind === 'new' ? choice.certName : choice.candidate.lineage.certName;
    return `${choice.kind} ${name} ${String(config.key.type)} ${choice.names.join()}`;
  });
}

const code = (wished: string): unknown => expect.objectContaining({ name: 'RenewalError', code: wished });

describe('the lineages of --key-type both', () => {
  it('are a new one and another named after it', () => {
    expect(told(`-d ${a}`)).toEqual([`new ${a} ecdsa ${a}`, `new ${a}-rsa rsa ${a}`]);
    expect(told(`-d ${a} --cert-name shop`)).toEqual([`new shop ecdsa ${a}`, `new shop-rsa rsa ${a}`]);
    const other = present(a, 'ecdsa');
    expect(told(`-d ${a} --duplicate`, [other])).toEqual([
      ...[`new ${a}-0001 ecdsa ${a}`, `new ${a}-0001-rsa rsa ${a}`],
    ]);
  });

  it('are those that there are, in whatever order, and whichever of them is named', () => {
    const pair = [present('shop-rsa', 'rsa'), present('shop', 'ecdsa')];
    const same = [`same shop ecdsa ${a}`, `same shop-rsa rsa ${a}`];
    for (const flags of [`-d ${a}`, '--cert-name shop', '--cert-name shop-rsa', `--cert-name shop-rsa -d ${a}`]) {
      expect(told(flags, pair)).toEqual(same);
      expect(told(flags, [...pair].reverse())).toEqual(same);
    }
  });

  it('are the one that there is and a new one beside it', () => {
    expect(told(`-d ${a}`, [present('shop', 'ecdsa')])).toEqual([`same shop ecdsa ${a}`, `new shop-rsa rsa ${a}`]);
    for (const flags of [`-d ${a}`, '--cert-name shop-rsa']) {
      expect(told(flags, [present('shop-rsa', 'rsa')])).toEqual([`new shop ecdsa ${a}`, `same shop-rsa rsa ${a}`]);
    }
    expect(told(`-d ${a}`, [present('shop', 'rsa')])).toEqual([`same shop ecdsa ${a}`, `new shop-rsa rsa ${a}`]);
    expect(told(`-d ${a}`, [present('-rsa', 'rsa')])).toEqual([`same -rsa ecdsa ${a}`, `new -rsa-rsa rsa ${a}`]);
    expect(told(`-d ${a}`, [present('shop-rsa', 'ecdsa')])).toEqual([
      ...[`same shop-rsa ecdsa ${a}`, `new shop-rsa-rsa rsa ${a}`],
    ]);
  });

  it('both get other names, and neither does unless told to', () => {
    const pair = [present('shop-rsa', 'rsa'), present('shop', 'ecdsa')];
    const grown = pair.map((one) => ({ ...one, certificate: testInfo({ ...one.certificate, names: [a, b] }) }));
    const changed = [`changed shop ecdsa ${a},${b}`, `changed shop-rsa rsa ${a},${b}`];
    expect(told(`-d ${a},${b} --expand`, pair)).toEqual(changed);
    expect(() => told(`-d ${a},${b}`, pair)).toThrow(code('names-differ'));
    expect(told(`--cert-name shop -d ${b} --renew-with-new-domains`, pair)).toEqual([
      ...[`changed shop ecdsa ${b}`, `changed shop-rsa rsa ${b}`],
    ]);
    for (const [rsa, ecdsa] of [
      [grown[0], pair[1]],
      [pair[0], grown[1]],
    ] as [Candidate, Candidate][]) {
      expect(() => told(`-d ${a},${b}`, [rsa, ecdsa])).toThrow(code('names-differ'));
      expect(told(`-d ${a},${b} --expand`, [rsa, ecdsa]).map((line) => line.split(' ').slice(1).join(' '))).toEqual([
        ...[`shop ecdsa ${a},${b}`, `shop-rsa rsa ${a},${b}`],
      ]);
    }
    expect(() => told(`-d ${b}`, [present(`${b}-rsa`, 'rsa')])).toThrow(code('names-differ'));
  });
});

describe('what flags are merged with', () => {
  it('is what each has, and for a new one what the other has', () => {
    const [one, other] = [present('shop', 'ecdsa', { http01Port: 1 }), present('shop-rsa', 'rsa', { http01Port: 2 })];
    const ports = (candidates: readonly Candidate[]): readonly unknown[] =>
      wanted(`-d ${a}`, candidates).map(({ settings }) => settings?.http01Port);
    expect(ports([one, other])).toEqual([1, 2]);
    expect(ports([one])).toEqual([1, 1]);
    expect(ports([other])).toEqual([2, 2]);
    expect(ports([])).toEqual([undefined, undefined]);
  });

  it('is for each the flag of its own type of key', () => {
    const keys = wanted(`-d ${a} --rsa-key-size 4096 --elliptic-curve secp384r1`, []).map(({ config }) => config.key);
    expect(keys).toMatchObject([
      { rsaKeySize: undefined, ellipticCurve: 'secp384r1' },
      { rsaKeySize: 4096, ellipticCurve: undefined },
    ]);
  });
});

describe('the bundles', () => {
  const bundles = (flags: string, candidates: readonly Candidate[] = []): readonly unknown[] =>
    wanted(`-d ${a} ${flags}`.trim(), candidates).map(({ config }) => config.haproxy.bundle);
  const pair = ['shop.pem.ecdsa', 'shop.pem.rsa'];
  const having = (certName: string, keyType: 'ecdsa' | 'rsa', bundle?: string): Candidate =>
    present(certName, keyType, { haproxy: { ...noHaproxy, certDir: '/c', bundle } });

  it('are named after the lineages where nothing is said', () => {
    expect(bundles('--haproxy-cert-dir /c')).toEqual([undefined, undefined]);
    expect(bundles('', [having('shop', 'ecdsa')])).toEqual([undefined, undefined]);
  });

  it.each(['shop.pem', 'shop.pem.ecdsa', 'shop.pem.rsa'])('are the pair of --haproxy-bundle %s', (given) => {
    expect(bundles(`--haproxy-cert-dir /c --haproxy-bundle ${given}`)).toEqual(pair);
  });

  it.each(['shop.pem', 'shop.pem.ecdsa', 'shop.pem.rsa'])('are the pair of %s, which a lineage has', (had) => {
    expect(bundles('', [having('shop', 'ecdsa', had)])).toEqual(pair);
    expect(bundles('', [having('shop-rsa', 'rsa', had)])).toEqual(pair);
  });
});
