import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { run, type RunResult } from '../support/child.js';
import { loopback } from '../support/loopback.js';
import { errorCodes, jsonReport } from '../support/report.js';
import { startStage, type Stage } from '../support/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
  const dns = stage.pebble.dnsManagementUrl;
  const record = `{\\"host\\": \\"_acme-challenge.$CERTBOT_DOMAIN.\\"`;
  const directory = `${stage.webroot}/.well-known/acme-challenge`;
  script(
    'http-auth',
    `mkdir -p ${directory}; printf %s "$CERTBOT_VALIDATION" >${directory}/$CERTBOT_TOKEN; echo "in place"`,
  );
  script('http-cleanup', `rm ${directory}/$CERTBOT_TOKEN`);
  script(
    'dns-auth',
    `[ "$CERTBOT_DOMAIN" = refused.test ] && { echo "no such zone" >&2; exit 3; }
     curl -fsS -d "${record}, \\"value\\": \\"$CERTBOT_VALIDATION\\"}" ${dns}/set-txt; echo "added"`,
  );
  script('dns-cleanup', `curl -fsS -d "${record}}" ${dns}/clear-txt`);
  script('note', '');
});
afterAll(async () => await stage.stop());
beforeEach(() => rmSync(stage.at('ran'), { force: true }));

/** A hook that first notes, in a line, what it is by its argument and what it is told. */
function script(name: string, text: string): void {
  const told = "env | grep -E '^(CERTBOT_|RENEWED_|FAILED_)' | sort | tr '\\n' '|'";
  writeFileSync(stage.at(name), `#!/bin/sh\n{ printf '%s|' "$1"; ${told}; echo; } >>${stage.at('ran')}\n${text}\n`, {
    mode: 0o755,
  });
}

interface Told {
  readonly hook: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What the hooks were told, in the order in which they ran. */
const ran = (): readonly Told[] =>
  readFileSync(stage.at('ran'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [hook = '', ...pairs] = line.split('|').filter((part) => part !== '');
      const entries = pairs.map((pair) => [pair.replace(/=.*/s, ''), pair.replace(/^[^=]*=/, '')] as const);
      return { hook, env: Object.fromEntries(entries) };
    });

const hooksOf = (kind: 'http' | 'dns'): readonly string[] => [
  ...['--manual', '--manual-auth-hook', `${stage.at(`${kind}-auth`)} auth`],
  ...['--manual-cleanup-hook', `${stage.at(`${kind}-cleanup`)} cleanup`],
  ...(kind === 'dns' ? ['--preferred-challenges', 'dns'] : []),
];
const around = (): readonly string[] =>
  ['pre', 'deploy', 'post'].flatMap((kind) => [`--${kind}-hook`, `${stage.at('note')} ${kind}`]);
const order = async (names: readonly string[], flags: readonly string[]): Promise<RunResult> =>
  await stage.command([
    ...['certonly', '-n', '--agree-tos', '--server', stage.pebble.directoryUrl, ...flags],
    ...[...names.flatMap((name) => ['-d', name]), ...stage.haproxyFlags],
  ]);
const certbotRenews = async (name: string): Promise<RunResult> =>
  await run(
    'certbot',
    [
      ...['renew', '--force-renewal', '--no-random-sleep-on-renew', '--cert-name', name, '-n'],
      ...['config', 'work', 'logs'].flatMap((kind) => [`--${kind}-dir`, stage.at(kind)]),
    ],
    { env: { REQUESTS_CA_BUNDLE: stage.pebble.caFile } },
  );
const namesServed = async (name: string): Promise<boolean> => (await stage.served(name)) === stage.stored(name);
const published = (): readonly string[] => {
  const directory = join(stage.webroot, '.well-known/acme-challenge');
  return existsSync(directory) ? readdirSync(directory) : [];
};

describe('hooks that answer over HTTP', () => {
  it('run between the others, told what certbot tells them', async () => {
    const names = ['web.test', 'www.web.test'];
    const result = await order(names, [...hooksOf('http'), ...around()]);
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(await namesServed('web.test')).toBe(true);
    expect(published()).toEqual([]);

    const told = ran();
    expect(told.map(({ hook }) => hook)).toEqual(['pre', 'auth', 'auth', 'cleanup', 'cleanup', 'deploy', 'post']);
    const auth = told.slice(1, 3).map(({ env }) => env);
    // In the order in which the CA has the names.
    const domains = auth.map((env) => env['CERTBOT_DOMAIN'] ?? '');
    expect(domains.toSorted()).toEqual(names);
    for (const [index, env] of auth.entries()) {
      expect(env).toEqual({
        CERTBOT_ALL_DOMAINS: domains.join(),
        CERTBOT_ALL_IDENTIFIERS: domains.join(),
        CERTBOT_DOMAIN: domains[index],
        CERTBOT_IDENTIFIER: domains[index],
        CERTBOT_REMAINING_CHALLENGES: String(1 - index),
        CERTBOT_TOKEN: expect.stringMatching(/^[\w-]{20,}$/) as string,
        CERTBOT_VALIDATION: `${env['CERTBOT_TOKEN'] ?? ''}.${(env['CERTBOT_VALIDATION'] ?? '').slice(-43)}`,
      });
    }
    expect(told.slice(3, 5).map(({ env }) => env)).toEqual(
      auth.map((env) => ({ ...env, CERTBOT_AUTH_OUTPUT: 'in place' })),
    );
    const live = join(stage.configDir, 'live/web.test');
    expect(told.slice(5).map(({ env }) => env)).toEqual([
      { RENEWED_DOMAINS: 'web.test www.web.test', RENEWED_LINEAGE: live },
      { RENEWED_DOMAINS: 'web.test www.web.test', FAILED_DOMAINS: '' },
    ]);
  });

  it('say what they say to the user and the log, without the key authorization', async () => {
    const auth = `${stage.at('http-auth')} auth; echo "put $CERTBOT_VALIDATION there"`;
    const result = await order(['said.test'], [...hooksOf('http'), '--manual-auth-hook', auth]);
    expect(result, result.stderr).toMatchObject({ code: 0 });
    const log = readFileSync(stage.at('logs/letsencrypt.log'), 'utf8');
    const secret = ran()[0]?.env['CERTBOT_VALIDATION'] ?? '';
    expect(secret).toHaveLength(secret.indexOf('.') + 44);
    for (const text of [result.stdout, log]) {
      expect(text).toMatch(/put [^$\s]+ there/);
      expect(text).not.toContain(secret);
    }
  });
});

describe('hooks that answer in the DNS', () => {
  const names = ['zone.test', '*.zone.test'];
  let ours: readonly Told[];

  it('validate a name with its wildcard, and are kept for renewals', async () => {
    const result = await order(names, [...hooksOf('dns'), ...around()]);
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(await stage.served('any.zone.test')).toBe(stage.stored('zone.test'));
    rmSync(stage.at('ran'));
    const renewed = await stage.command(['renew', '--force-renewal', '--cert-name', 'zone.test']);
    expect(renewed, renewed.stderr).toMatchObject({ code: 0 });
    expect(stage.version('zone.test')).toBe(2);
    ours = ran();
    expect(await stage.served('any.zone.test')).toBe(stage.stored('zone.test'));
    expect(ours.map(({ hook }) => hook)).toEqual(['pre', 'auth', 'auth', 'cleanup', 'cleanup', 'deploy', 'post']);
  });

  it('are run by certbot in the same way from a configuration of ours', async () => {
    const result = await certbotRenews('zone.test');
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(stage.version('zone.test')).toBe(3);
    const theirs = ran();
    // certbot before 5 knows domains only, and its hooks after a cleanup still see what that was told.
    const known = ({ hook, env }: Told): unknown => {
      if (hook !== 'auth' && hook !== 'cleanup') return hook;
      const others = ['CERTBOT_IDENTIFIER', 'CERTBOT_ALL_IDENTIFIERS', 'CERTBOT_VALIDATION'];
      const common = Object.entries(env).filter(([key]) => !others.includes(key));
      return { hook, ...Object.fromEntries(common), length: env['CERTBOT_VALIDATION']?.length };
    };
    expect(ours.map(known)).toEqual(theirs.map(known));
  });

  it('leave out with --allow-subset-of-names what cannot be validated, and say why', async () => {
    const result = await order(['good.test', 'refused.test'], [...hooksOf('dns'), '--allow-subset-of-names', '--json']);
    expect(result, result.stderr).toMatchObject({ code: 0 });
    const report = jsonReport(result);
    expect(report.outcomes).toMatchObject([{ kind: 'issued', certName: 'good.test', names: ['good.test'] }]);
    expect(report.warnings).toMatchObject([expect.stringContaining('no such zone')]);
    expect(readFileSync(stage.renewalConf('good.test'), 'utf8')).toContain('allow_subset_of_names = True\n');
  });

  it('that fail are told, with what they said, and end in an order that fails and is cleaned up', async () => {
    const result = await order(['refused.test'], [...hooksOf('dns'), ...around()]);
    expect(result).toMatchObject({ code: 1 });
    expect(errorCodes(result), result.stderr).toEqual(['acme-authorization-failed']);
    expect(result.stderr).toContain('no such zone');
    expect(ran().map(({ hook }) => hook)).toEqual(['pre', 'auth', 'cleanup', 'post']);
    expect(ran().at(-1)?.env).toEqual({ RENEWED_DOMAINS: '', FAILED_DOMAINS: 'refused.test' });
    expect(existsSync(stage.renewalConf('refused.test'))).toBe(false);
  });
});

it('--preferred-challenges takes the first kind that a name is offered', async () => {
  const both = (hook: string): string =>
    `if [ -n "\${CERTBOT_TOKEN-}" ]; then ${stage.at(`http-${hook}`)} http; else ${stage.at(`dns-${hook}`)} dns; fi`;
  const flags = ['--manual', '--manual-auth-hook', both('auth'), '--manual-cleanup-hook', both('cleanup')];
  const preferred = ['--preferred-challenges', 'dns,http', '--ip-address', loopback];
  const result = await order(['mixed.test'], [...flags, ...preferred]);
  expect(result, result.stderr).toMatchObject({ code: 0 });
  const kinds = new Map(ran().map(({ hook, env }) => [env['CERTBOT_DOMAIN'], hook]));
  expect(kinds).toEqual(
    new Map([
      ['mixed.test', 'dns'],
      [loopback, 'http'],
    ]),
  );
  expect(published()).toEqual([]);
});

describe('nothing is begun', () => {
  it('where nobody can be asked', async () => {
    const root = stage.at('nobody');
    for (const flags of [['-n'], []]) {
      const result = await order(['nobody.test'], ['--manual', '--config-dir', root, ...flags]);
      expect(result).toMatchObject({ code: 1 });
      expect(errorCodes(result), result.stderr).toEqual(['manual-not-interactive']);
      const directories = ['accounts', 'archive', 'live', 'renewal'].map((path) => join(root, path)).filter(existsSync);
      expect(directories.flatMap((path) => readdirSync(path)).filter((entry) => entry !== 'README')).toEqual([]);
    }
  });

  it('where the command of a hook is not there', async () => {
    const root = stage.at('missing');
    const flags = ['--config-dir', root, '--manual-auth-hook', `${stage.at('nowhere')} auth`];
    const result = await order(['missing.test'], [...hooksOf('dns'), ...flags]);
    expect(result).toMatchObject({ code: 1 });
    expect(errorCodes(result), result.stderr).toEqual(['hook-not-found']);
    expect(existsSync(root)).toBe(false);
  });
});
