import { createPrivateKey, type JsonWebKey } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certbotOn } from '../support/certbot.js';
import type { RunResult } from '../support/child.js';
import { challengeDirectory } from '../support/lua-service.js';
import { atEveryPoint, scenesOf } from '../support/scene.js';
import { startStage, type Stage } from '../support/stage.js';
import { typed } from '../support/typed.js';

const eab = { kid: 'kid-1', hmacKey: Buffer.from('an HMAC key of 32 bytes or more!').toString('base64url') };
let stage: Stage;
const certbot = async (args: readonly string[]): Promise<RunResult> => await certbotOn(stage)(args);
let server: readonly string[];

beforeAll(async () => {
  stage = await startStage({ pebble: { authzReuse: 100 } });
  // Runs at the same time would take it from each other.
  mkdirSync(challengeDirectory(stage.webroot), { recursive: true });
  server = ['--server', stage.pebble.directoryUrl];
});
afterAll(async () => await stage.stop());

const ours = async (args: readonly string[]): Promise<RunResult> => await stage.command([...args, ...server]);
const register = ['register', '--agree-tos', '-n'];

interface Told {
  readonly done: string;
  readonly account: {
    readonly id: string;
    readonly url: string;
    readonly thumbprint: string | null;
    readonly emails: readonly string[];
    readonly replaces?: string;
  };
}

async function told(args: readonly string[]): Promise<Told> {
  const { stdout, stderr } = await ours([...args, '--json']);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Told;
}

/** The directory of the CA's accounts below a configuration directory. */
function accountsIn(config: string): string {
  const { host } = new URL(stage.pebble.directoryUrl);
  return join(config, 'accounts', host, 'dir');
}
const ids = (): readonly string[] => {
  const directory = accountsIn(stage.configDir);
  return existsSync(directory) ? readdirSync(directory) : [];
};
/** Begins anew with no account here. */
const forget = (): void => rmSync(accountsIn(stage.configDir), { recursive: true, force: true });

/** What is secret of the accounts stored here: the private members of their keys. */
function secrets(): readonly string[] {
  return ids().flatMap((id) => {
    const file = join(accountsIn(stage.configDir), id, 'private_key.json');
    const { d = '', p = '', q = '' } = JSON.parse(readFileSync(file, 'utf8')) as JsonWebKey;
    return [d, p, q].filter((member) => member !== '');
  });
}

describe('register', () => {
  it('makes an account as certbot keeps it, once, with what certbot shows of it', async () => {
    const made = await ours([...register, '-m', 'a@example.com,b@example.com']);
    expect(made, made.stderr).toMatchObject({ code: 0 });
    const [id = ''] = ids();
    const directory = join(accountsIn(stage.configDir), id);
    expect(readdirSync(directory).sort()).toEqual(['meta.json', 'private_key.json', 'regr.json']);
    expect(statSync(accountsIn(stage.configDir)).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, 'private_key.json')).mode & 0o777).toBe(0o400);
    const shown = await ours(['show_account']);
    const byCertbot = await certbot(['show_account']);
    // Below it stands what HAProxy may answer by.
    const [details = ''] = shown.stdout.split('\n\n');
    const lines = details.split('\n').filter((line) => !line.includes('Thumbprint'));
    expect(byCertbot.stdout.trimEnd().split('\n')).toEqual(lines);
    expect(shown.stdout).toContain('  Email contacts: a@example.com, b@example.com\n');
    expect(shown.stdout).toMatch(/^ {2}Account Thumbprint: [\w-]{43}$/m);
    const again = await ours([...register, '--json']);
    expect(again.code).toBe(1);
    expect(JSON.parse(again.stdout)).toMatchObject({ error: { code: 'account-present' } });
    expect(ids()).toEqual([id]);
    expect(secrets().length).toBeGreaterThan(0);
    for (const secret of secrets())
      expect(made.stdout + made.stderr + shown.stdout + again.stdout).not.toContain(secret);
  });

  it('may be without addresses, says nothing with -q, and wants the terms agreed to', async () => {
    forget();
    const disagreed = await ours(['register', '--json']);
    expect(disagreed.code).toBe(1);
    expect(JSON.parse(disagreed.stdout)).toMatchObject({ error: { code: 'acme-terms' } });
    expect(ids()).toEqual([]);
    expect(await ours([...register, '-q'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect((await told(['show_account'])).account.emails).toEqual([]);
    expect((await ours(['show_account'])).stdout).toContain('  Email contact: none\n');
  });

  it('is bound to an account elsewhere where the CA wants it', async () => {
    const binding = await startStage({ pebble: { eab: { [eab.kid]: eab.hmacKey } } });
    try {
      const flags = [...register, '--server', binding.pebble.directoryUrl, '--json'];
      const without = await binding.command(flags);
      expect(JSON.parse(without.stdout)).toMatchObject({ error: { code: 'acme-eab-required' } });
      const bound = await binding.command([...flags, '--eab-kid', eab.kid, '--eab-hmac-key', eab.hmacKey]);
      expect(bound, bound.stdout).toMatchObject({ code: 0 });
      expect(bound.stdout).not.toContain(eab.hmacKey);
    } finally {
      await binding.stop();
    }
  });
});

describe('an account', () => {
  it('of certbot is shown, updated and ended', async () => {
    forget();
    const made = await certbot(['register', '--agree-tos', '-m', 'admin@example.com', '--no-eff-email']);
    expect(made, made.stderr).toMatchObject({ code: 0 });
    expect((await told(['show_account'])).account.emails).toEqual(['admin@example.com']);
    const updated = await told(['update_account', '-m', 'c@example.com,d@example.com']);
    expect(updated).toMatchObject({ done: 'updated', account: { emails: ['c@example.com', 'd@example.com'] } });
    expect((await certbot(['show_account'])).stdout).toContain('c@example.com, d@example.com');
    await ours(['update_account', '--register-unsafely-without-email']);
    expect((await certbot(['show_account'])).stdout).toContain('Email contact: none');
    expect(await told(['unregister'])).toMatchObject({ done: 'deactivated' });
    expect(ids()).toEqual([]);
    expect(await certbot(['show_account'])).toMatchObject({ code: 1 });
  });

  it('of ours is updated and ended by certbot', async () => {
    forget();
    await ours([...register, '-m', 'a@example.com']);
    const updated = await certbot(['update_account', '-m', 'e@example.com', '--no-eff-email']);
    expect(updated, updated.stderr).toMatchObject({ code: 0 });
    expect((await told(['show_account'])).account.emails).toEqual(['e@example.com']);
    expect(await certbot(['unregister'])).toMatchObject({ code: 0 });
    for (const verb of ['show_account', 'unregister']) {
      const missing = await ours([verb, '--json']);
      expect(missing.code).toBe(1);
      expect(JSON.parse(missing.stdout)).toMatchObject({ error: { code: 'no-account' } });
    }
  });

  it('that the CA has ended already is removed by unregister', async () => {
    forget();
    await ours(register);
    cpSync(accountsIn(stage.configDir), stage.at('kept-account'), { recursive: true });
    expect(await ours(['unregister'])).toMatchObject({ code: 0 });
    cpSync(stage.at('kept-account'), accountsIn(stage.configDir), { recursive: true });
    const shown = await ours(['show_account', '--json']);
    expect(JSON.parse(shown.stdout)).toMatchObject({ error: { code: 'acme-account-unknown' } });
    expect(await ours(['unregister'])).toMatchObject({ code: 0 });
    expect(ids()).toEqual([]);
  });

  it('is named where there are several', async () => {
    forget();
    await ours(register);
    const [first = ''] = ids();
    cpSync(accountsIn(stage.configDir), stage.at('first-account'), { recursive: true });
    forget();
    await ours(register);
    cpSync(stage.at('first-account'), accountsIn(stage.configDir), { recursive: true });
    const unclear = await ours(['unregister', '--json']);
    expect(unclear.code).toBe(1);
    expect(JSON.parse(unclear.stdout)).toMatchObject({ error: { code: 'account-ambiguous' } });
    for (const id of ids()) expect(unclear.stdout).toContain(id);
    expect((await told(['show_account', '--account', first])).account.id).toBe(first);
    expect(await ours(['unregister', '--account', first])).toMatchObject({ code: 0 });
    expect(ids()).toHaveLength(1);
    expect(ids()).not.toContain(first);
    const gone = await ours(['show_account', '--account', first, '--json']);
    expect(JSON.parse(gone.stdout)).toMatchObject({ error: { code: 'no-account' } });
  });

  it('is ended at a terminal only where the user agrees', async () => {
    forget();
    await ours(register);
    const declined = await stage.command(['unregister', ...server], typed('what\nn\n'));
    expect(declined, declined.stdout).toMatchObject({ code: 0 });
    expect(await told(['show_account'])).toMatchObject({ done: 'shown' });
    const agreed = await stage.command(['unregister', ...server], typed('\n'));
    expect(agreed, agreed.stdout).toMatchObject({ code: 0 });
    expect(ids()).toEqual([]);
  });
});

describe('a new key', () => {
  it('is used from then on, by certbot too', async () => {
    forget();
    const order = await stage.order(['key.test']);
    expect(order, order.stderr).toMatchObject({ code: 0 });
    const before = await told(['show_account']);
    const secretsBefore = secrets();
    const changed = await ours(['update_account', '--new-account-key', '--json']);
    const { done, account } = JSON.parse(changed.stdout) as Told;
    expect({ done, replaces: account.replaces }).toEqual({ done: 'updated', replaces: before.account.id });
    expect(account.url).toBe(before.account.url);
    expect(account.thumbprint).not.toBe(before.account.thumbprint);
    expect(ids()).toEqual([account.id]);
    for (const secret of [...secretsBefore, ...secrets()]) expect(changed.stdout).not.toContain(secret);
    expect(readFileSync(stage.renewalConf('key.test'), 'utf8')).toContain(`account = ${account.id}\n`);
    const key = JSON.parse(
      readFileSync(join(accountsIn(stage.configDir), account.id, 'private_key.json'), 'utf8'),
    ) as JsonWebKey;
    expect(createPrivateKey({ key, format: 'jwk' }).asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 });
    const version = stage.version('key.test');
    const renewed = await certbot(['renew', '--force-renewal', '--no-random-sleep-on-renew']);
    expect(renewed, renewed.stderr + renewed.stdout).toMatchObject({ code: 0 });
    expect(stage.version('key.test')).toBe(version + 1);
    expect(await stage.command(['renew', '--force-renewal'])).toMatchObject({ code: 0 });
  });

  it(
    'killed at any point leaves an account that the next run uses, and certbot after it',
    { timeout: 600_000 },
    async () => {
      const scenes = await scenesOf(stage);
      const { points, problems } = await atEveryPoint(async (point) => {
        const scene = scenes(`key-${point}`);
        const ordered = await scene.certonly();
        if (ordered.code !== 0) return { disturbed: true, problems: [ordered.stderr] };
        const change = ['update_account', '--new-account-key', ...server];
        const killed = await scene.command(change, { mode: 'kill', at: point });
        const operation = scene.operations().at(-1) ?? '';
        // Half the times the change is completed by a renewal, half the times by the same command.
        const next = await scene.command(point % 2 === 0 ? ['renew', '--force-renewal'] : change);
        // certbot is slow to start: now and then shows it.
        const byCertbot = ['renew', '--force-renewal', '--no-random-sleep-on-renew'];
        const renewed = point % 6 === 0 ? await scene.certbot(byCertbot) : next;
        const named = readFileSync(join(scene.path, 'config/renewal/scene.test.conf'), 'utf8');
        const stored = readdirSync(accountsIn(join(scene.path, 'config')));
        const problems = [next, renewed].filter(({ code }) => code !== 0).map(({ stderr }) => stderr);
        if (stored.length !== 1) problems.push(`accounts: ${stored.join()}`);
        if (!named.includes(`account = ${stored[0] ?? ''}\n`)) problems.push('the lineage names another account');
        const found = problems.map((problem) => `${operation}: ${problem}`);
        return { disturbed: killed.signal === 'SIGKILL', problems: found };
      });
      expect(problems).toEqual([]);
      expect(points).toBeGreaterThan(15);
    },
  );

  it('is waited with where an earlier one was prepared and the CA is out of reach', async () => {
    const scene = (await scenesOf(stage))('out-of-reach');
    await scene.certonly();
    const before = readdirSync(accountsIn(join(scene.path, 'config')));
    const change = ['update_account', '--new-account-key', ...server, '--json'];
    const unheard = await stage.command([...change, ...scene.flags], { env: { NODE_EXTRA_CA_CERTS: undefined } });
    expect(JSON.parse(unheard.stdout)).toMatchObject({ error: { code: 'acme-untrusted' } });
    expect(readdirSync(accountsIn(join(scene.path, 'config')))).toEqual(before);
    const changed = await scene.command(change);
    expect(JSON.parse(changed.stdout)).toMatchObject({ account: { replaces: before[0] } });
  });
});

it('unregister killed at any point is completed by the next', { timeout: 600_000 }, async () => {
  const scenes = await scenesOf(stage);
  const { points, problems } = await atEveryPoint(async (point) => {
    const scene = scenes(`unregister-${point}`);
    await scene.command([...register, ...server]);
    const killed = await scene.command(['unregister', ...server], { mode: 'kill', at: point });
    const next = await scene.command(['unregister', ...server, '--json']);
    const gone = await scene.command(['show_account', ...server, '--json']);
    const problems: string[] = [];
    if (next.code !== 0 && !next.stdout.includes('"no-account"')) problems.push(next.stdout);
    if (!gone.stdout.includes('"no-account"')) problems.push(gone.stdout);
    return { disturbed: killed.signal === 'SIGKILL', problems };
  });
  expect(problems).toEqual([]);
  expect(points).toBeGreaterThan(5);
});
