import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keptOptions } from '../../../.ci/reference/kept-options.js';
import { flagNamed, flagsStartingWith } from '../../../src-node/cli/options/flag-index.js';
import { optionEntries } from '../../../src-node/cli/options/option-table.js';
import { parseCommand } from '../../../src-node/cli/parse-command.js';
import type { RawOptions } from '../../../src-node/config/raw-options.js';
import { resolveConfig } from '../../../src-node/config/resolve-config.js';
import {
  confSection,
  parseRenewalConf,
  serializeRenewalConf,
  webrootMapSection,
} from '../../../src-node/lineage/renewal-conf.js';
import { writeSettings } from '../../../src-node/lineage/renewal-settings.js';
import { mergeSettings, settingsForNames } from '../../../src-node/renewal/merge-settings.js';
import { certbotPythonJson } from '../../support/configobj.js';

const root = join(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/certbot.md'), 'utf8');

interface CertbotFlag {
  readonly flags: readonly string[];
  readonly value: boolean;
}
const certbotFlags = JSON.parse(
  readFileSync(join(root, 'test/fixtures/certbot-flags.json'), 'utf8'),
) as readonly CertbotFlag[];

const program = `
import argparse, json, sys
import configargparse
from certbot._internal import cli
from certbot._internal.cli import helpful
from certbot._internal.plugins import disco
class Told(Exception): pass
def tell(self, *args, **kwargs):
    raise Told([[list(action.option_strings), action.nargs is None] for action in self._actions])
configargparse.ArgParser.parse_args = tell
try:
    cli.prepare_and_parse_args(disco.PluginsRegistry.find_all(), ['plugins'])
except Told as told:
    verbs = list(helpful.HelpfulArgumentParser(['plugins'], {}).VERBS)
    print(json.dumps({'flags': told.args[0], 'verbs': verbs}))
`;
const asked = certbotPythonJson(program, {}) as Promise<{
  readonly flags: readonly (readonly [names: readonly string[], value: boolean])[];
  readonly verbs: readonly string[];
}>;

/** What certbot has dropped since the version that is here. */
const dropped = ['--manual-public-ip-logging-ok', '--dns-route53-propagation-seconds'];

describe("the list of certbot's flags", () => {
  it('has each that the certbot of this machine has, with or without a value', async () => {
    const { flags } = await asked;
    expect(flags.length).toBeGreaterThan(80);
    for (const [names, value] of flags) {
      for (const name of names.filter((each) => !dropped.includes(each))) {
        expect(certbotFlags.find((known) => known.flags.includes(name))?.value, name).toBe(value);
      }
    }
  });

  it.each(certbotFlags.flatMap(({ flags, value }) => flags.map((flag) => [flag, value] as const)))(
    'has %s, which is ours or has a fate, takes what it takes with certbot, and has a row in docs/certbot.md',
    (flag, value) => {
      const target = flag.startsWith('--') ? (flagNamed(flag) ?? flagsStartingWith(flag)[0]) : flagNamed(flag);
      expect(target, flag).toBeDefined();
      const refused = target?.kind === 'foreign' && target.option.fate === 'refused';
      if (!refused) expect(target?.value !== undefined).toBe(value);
      const rows = page.split('\n').filter((line) => line.startsWith('| '));
      const shown = refused ? (target.names.find((name) => name.endsWith('*')) ?? flag) : flag;
      expect(rows.filter((row) => (row.split(' | ')[0] ?? '').includes(`\`${shown}\``))).toHaveLength(1);
    },
  );
});

describe('docs/certbot.md', () => {
  it('has every command that certbot has', async () => {
    const { verbs } = await asked;
    expect(verbs.length).toBeGreaterThan(12);
    for (const verb of verbs) expect(page).toContain(`\`${verb}\``);
  });
});

describe('what the pages say that a lineage keeps', () => {
  const base = ['certonly', '-d', 'a.example', '-w', '/w', '--haproxy-cert-dir', '/c'];

  function written(args: readonly string[]): string {
    const config = resolveConfig(parseCommand([...base, ...args]), { env: {}, cwd: '/' });
    return serializeRenewalConf(
      writeSettings(parseRenewalConf(''), settingsForNames(mergeSettings(undefined, config), config.names)),
    );
  }

  /** Values that are not the defaults; others are told by the flag alone, or are as good as any. */
  const values: Readonly<Partial<Record<keyof RawOptions, readonly string[]>>> = {
    domains: ['-d', 'a.example'],
    ipAddresses: [],
    email: ['-m', 'a@a.example'],
    account: ['--account', '0f'],
    server: ['--server', 'https://ca.example/'],
    authenticator: ['-a', 'manual'],
    webroot: ['--standalone', '--webroot', '-w', '/other', '-d', 'a.example'],
    webrootPath: ['-w', '/other', '-d', 'b.example'],
    webrootMap: ['--webroot-map', '{"b.example": "/other"}'],
    http01Port: ['--standalone', '--http-01-port', '8090'],
    http01Address: ['--standalone', '--http-01-address', '::1'],
    manualAuthHook: ['--manual', '--manual-auth-hook', 'x'],
    manualCleanupHook: ['--manual', '--manual-cleanup-hook', 'x'],
    thumbprint: ['--thumbprint', 'a'.repeat(43)],
    spoeControl: ['--spoe', '--spoe-control', '/x'],
    tlsAlpn01Port: ['--tls-alpn-01', '--tls-alpn-01-port', '444'],
    tlsAlpn01Address: ['--tls-alpn-01', '--tls-alpn-01-address', '::1'],
    selfCheck: ['--self-check', 'warn'],
    selfCheckAddress: ['--self-check-address', '192.0.2.1'],
    selfCheckResolver: ['--self-check-resolver', '[2001:db8::53]:5353'],
    preferredChallenges: ['--preferred-challenges', 'http'],
    keyType: ['--key-type', 'rsa'],
    ellipticCurve: ['--elliptic-curve', 'secp384r1'],
    rsaKeySize: ['--key-type', 'rsa', '--rsa-key-size', '4096'],
    autorenew: ['--no-autorenew'],
    eabKid: [],
    eabHmacKey: ['--eab-kid', 'k', '--eab-hmac-key', 'aGk'],
    eabHmacAlg: ['--eab-hmac-alg', 'HS256'],
    csr: [],
    certName: ['--cert-name', 'n'],
    // Stores nothing at all.
    dryRun: [],
    reason: ['--reason', 'superseded'],
    installer: ['-i', 'null'],
    haproxyBundle: ['--haproxy-bundle', 'a.pem.rsa'],
    haproxyDeploy: ['--haproxy-deploy', 'runtime'],
    haproxySystemdUnit: ['--haproxy-systemd-unit', 'haproxy'],
    haproxyVerify: ['--haproxy-verify', 'none'],
  };
  const argsOf = (key: keyof RawOptions, flag: string, kind: string): readonly string[] =>
    values[key] ?? (kind === 'switch' || kind === 'count' ? [flag] : [flag, kind === 'integer' ? '9' : '/x']);

  it.each(optionEntries.filter(([key]) => key !== 'help'))('is what is written: %s', (key, spec) => {
    const args = argsOf(key, spec.flags.at(-1) ?? '', spec.kind);
    const [before, after] = [written([]), written(args)];
    const place = keptOptions[key];
    if (place === undefined) {
      expect(after).toBe(before);
      return;
    }
    if (key !== 'haproxyCertDir' && key !== 'webroot') expect(after).not.toBe(before);
    const name = place.split(' ').at(-1) ?? '';
    if (name === 'webroot_map') expect(confSection(parseRenewalConf(after), webrootMapSection).size).toBe(2);
    else expect(after).toMatch(new RegExp(`^${name} = `, 'm'));
  });
});
