import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCommand } from '../../../src-node/cli/cli-ini.js';
import { letsEncrypt } from '../../../src-node/config/config.js';
import { ConfigError } from '../../../src-node/config/config-error.js';
import { resolveConfig } from '../../../src-node/config/resolve-config.js';
import { certbotPythonJson } from '../../support/configobj.js';
import { temporaryDirectory } from '../../support/temporary.js';

/** Two files of settings and a command line, for certbot and for us. */
interface Case {
  readonly args: string;
  /** By -c, where it is given. */
  readonly file?: string;
  /** In the user's place. */
  readonly user?: string;
}

const cases: readonly Case[] = [
  { args: 'certonly', file: 'email = a@a.test\nagree-tos = true\ndomains = b.test, a.test\nwebroot-path = /var' },
  { args: 'certonly -d c.test', file: 'domains = a.test\n--email b@a.test\nagree-tos' },
  { args: 'certonly --domain c.test', file: 'domain = a.test' },
  { args: 'certonly', file: 'domains = a.test\ndomain = b.test\ndomains = c.test' },
  { args: 'renew', file: 'domains = a.test\nforce-renewal = yes\nquiet = 1' },
  { args: 'certonly -d a.test', file: 'email = a@a.test\nquiet = no', user: 'email = b@b.test\nquiet = yes' },
  { args: 'certonly -d a.test -m c@c.test', file: 'email = a@a.test', user: 'email = b@b.test' },
  { args: 'certonly -d a.test', user: 'key-type = rsa\nrsa-key-size = 4096 # big\nverbose = 2' },
  { args: 'certonly -d a.test -v', user: 'verbose' },
  { args: 'certonly -d a.test --no-reuse-key', user: 'reuse-key = true' },
  { args: 'certonly -d a.test', user: 'reuse-key = false\nno-reuse-key = false' },
  { args: 'certonly -d a.test', file: 'staging = true' },
  { args: 'certonly -d a.test --staging', file: 'server = https://ca.test/dir' },
  { args: 'certonly -d a.test --server https://b.test/', file: 'server = https://ca.test/dir' },
  {
    args: 'certonly -d a.test',
    file: "pre-hook = 'true x; true'\npost-hook = true ; comment\ndeploy-hook = \"true 'a'\"",
  },
  { args: 'certonly -d a.test --deploy-hook true', file: 'renew-hook = false' },
  { args: 'certonly -d a.test', file: 'authenticator = standalone\nhttp-01-port = 8090\nhttp-01-address ::1' },
  { args: 'certonly -w /usr -d a.test', file: 'webroot-path = /var\nwebroot = true' },
  { args: 'certonly -d a.test', file: 'emai = a@a.test' },
  { args: 'certonly -d a.test', file: 'max-log-backups = 7\nno-verify-ssl\nnon-interactive' },
  { args: 'certonly -d a.test', file: 'preferred-challenges = http' },
  ...[
    'nonsense = 1',
    'agree_tos = true',
    'agree-tos = maybe',
    'agree-tos =',
    'agree-to = true',
    'email = [a, b]',
    'rsa-key-size = big',
    'key-type = foo',
    '-d a.test',
    'help = true',
    'version',
    'renew',
    'register',
    'dns-no-such = 1',
    '= x',
    'a;b',
    'preferred-challenges = tls-sni',
    'max-log-backups = -1',
  ].map((file): Case => ({ args: 'certonly -d b.test', file })),
];

const program = `
import contextlib, io, json, os, sys
given = json.load(sys.stdin)
os.environ['XDG_CONFIG_HOME'] = given['xdg']
from certbot import errors
from certbot._internal import cli
from certbot._internal.plugins import disco
plugins = disco.PluginsRegistry.find_all()
dests = ['email', 'tos', 'domains', 'webroot_path', 'server', 'key_type', 'rsa_key_size', 'reuse_key', 'quiet',
  'verbose_count', 'authenticator', 'http01_port', 'http01_address', 'pre_hook', 'post_hook', 'deploy_hook', 'renew_hook',
  'renew_by_default', 'max_log_backups', 'no_verify_ssl', 'noninteractive_mode', 'pref_challs']
def put(path, text):
    if text is None:
        if os.path.exists(path): os.remove(path)
    else:
        with open(path, 'w') as stream: stream.write(text)
def answer(case):
    put(given['user'], case.get('user'))
    put(given['file'], case.get('file'))
    args = case['args'].split() + (['-c', given['file']] if 'file' in case else [])
    with contextlib.redirect_stderr(io.StringIO()):
        try:
            parsed = vars(cli.prepare_and_parse_args(plugins, args))
        except (SystemExit, errors.Error):
            return None
    return {dest: parsed[dest] for dest in dests}
print(json.dumps([answer(case) for case in given['cases']]))
`;

const home = temporaryDirectory();
const file = join(home.path, 'c.ini');
const user = join(home.path, 'xdg/letsencrypt/cli.ini');
const xdg = join(home.path, 'xdg');
let answers: readonly unknown[];
beforeAll(async () => {
  mkdirSync(dirname(user), { recursive: true });
  answers = (await certbotPythonJson(program, { cases, file, user, xdg })) as readonly unknown[];
});
afterAll(() => home.remove());

function put(path: string, text: string | undefined): void {
  if (text === undefined) rmSync(path, { force: true });
  else writeFileSync(path, text);
}

/** What we make of it, in certbot's names and with its defaults. */
function ours({ args, file: given, user: own }: Case): object | null {
  put(user, own);
  put(file, given);
  const words = [...args.split(' '), ...(given === undefined ? [] : ['-c', file])];
  const surroundings = { env: { HOME: home.path, XDG_CONFIG_HOME: xdg }, cwd: home.path };
  try {
    const command = readCommand(words, surroundings);
    const { options } = command;
    const config = resolveConfig(command, surroundings);
    return {
      email: options.email ?? null,
      tos: config.account.agreeTos,
      domains: config.names,
      webroot_path: options.webrootPath ?? [],
      server: config.server ?? letsEncrypt,
      key_type: config.key.type ?? 'ecdsa',
      rsa_key_size: config.key.rsaKeySize ?? 2048,
      reuse_key: config.key.reuse ?? false,
      quiet: config.output.quiet,
      verbose_count: config.output.verbosity,
      authenticator: options.authenticator ?? null,
      http01_port: config.challenge.http01Port ?? 80,
      http01_address: config.challenge.http01Address ?? '',
      pre_hook: config.hooks.pre ?? null,
      post_hook: config.hooks.post ?? null,
      deploy_hook: config.hooks.deploy ?? null,
      renew_hook: config.hooks.renew ?? null,
      renew_by_default: config.renewal.force,
      max_log_backups: config.logBackups,
      no_verify_ssl: !config.network.verify,
      noninteractive_mode: options.nonInteractive === true || config.verb === 'renew',
      pref_challs: config.challenge.types ?? [],
    };
  } catch (error) {
    if (error instanceof ConfigError) return null;
    throw error;
  }
}

describe('a cli.ini means the same to certbot and to us', () => {
  it.each(cases.map((each, index) => [each, index] as const))('%j', (each, index) => {
    expect(ours(each)).toEqual(answers[index]);
  });

  it('which refuses some, and takes others', () => {
    const refused = answers.filter((answer) => answer === null);
    expect(refused.length).toBeGreaterThan(15);
    expect(answers.length - refused.length).toBeGreaterThan(15);
  });
});
