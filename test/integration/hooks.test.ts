import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runOrThrow, until } from '../support/child.js';
import { haproxyBin } from '../support/haproxy.js';
import { loopback } from '../support/loopback.js';
import { challengeDirectory } from '../support/lua-service.js';
import { errorCodes, jsonReport } from '../support/report.js';
import { scriptedCa } from '../support/scripted-ca.js';
import { startStage, type Stage } from '../support/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(async () => await stage.stop());
beforeEach(() => {
  rmSync(stage.at('ran'), { force: true });
  rmSync(hookDirectory(), { recursive: true, force: true });
});

const hookDirectory = (): string => join(stage.configDir, 'renewal-hooks');

/** What the hooks have appended since the test began, a line for each. */
const ran = (): string[] =>
  existsSync(stage.at('ran')) ? readFileSync(stage.at('ran'), 'utf8').trimEnd().split('\n') : [];

/** A command that notes its name and what it is told; what is not set is `-`. */
function note(name: string): string {
  const told = '[${RENEWED_DOMAINS--}] [${FAILED_DOMAINS--}] ${RENEWED_LINEAGE--}';
  return `echo "${name} ${told}" >> ${stage.at('ran')}`;
}
const live = (certName: string): string => join(stage.configDir, 'live', certName);
const told = {
  before: (name: string) => `${name} [-] [-] -`,
  deploy: (name: string, certName: string, names = certName) => `${name} [${names}] [-] ${live(certName)}`,
  after: (name: string, renewed: string, failed = '') => `${name} [${renewed}] [${failed}] -`,
};

function directoryHook(kind: 'pre' | 'deploy' | 'post', name: string, mode = 0o755): void {
  mkdirSync(join(hookDirectory(), kind), { recursive: true });
  const path = join(hookDirectory(), kind, name);
  writeFileSync(path, `#!/bin/sh\n${note(`${kind}/${name}`)}\n`);
  chmodSync(path, mode);
}

const flags = (...kinds: readonly ('pre' | 'deploy' | 'post')[]): string[] =>
  kinds.flatMap((kind) => [`--${kind}-hook`, note(kind)]);
const renew = async (...args: readonly string[]): ReturnType<Stage['command']> =>
  await stage.command(['renew', ...args]);

describe('hooks of a lineage', () => {
  it('run around its order, by certonly too, and are kept', async () => {
    const result = await stage.ordered(['one.test', 'www.one.test'], flags('pre', 'deploy', 'post'));
    expect(ran()).toEqual([
      told.before('pre'),
      told.deploy('deploy', 'one.test', 'one.test www.one.test'),
      told.after('post', 'one.test www.one.test'),
    ]);
    expect(result.stderr).not.toMatch(/hook/);
    const conf = readFileSync(stage.renewalConf('one.test'), 'utf8');
    for (const key of ['pre_hook', 'post_hook', 'renew_hook']) expect(conf).toMatch(new RegExp(`^${key} = `, 'm'));
  });

  it('do not run where nothing is due', async () => {
    expect(await renew()).toMatchObject({ code: 0 });
    const again = await stage.order(['one.test', 'www.one.test'], flags('pre', 'deploy', 'post'));
    expect(again).toMatchObject({ code: 0 });
    expect(ran()).toEqual([]);
  });

  it('run for each of two lineages, and what they share once', async () => {
    await stage.ordered(['two.test'], flags('pre', 'deploy', 'post'));
    rmSync(stage.at('ran'));
    const result = await renew('--force-renewal');
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(ran()).toEqual([
      told.before('pre'),
      told.deploy('deploy', 'one.test', 'one.test www.one.test'),
      told.deploy('deploy', 'two.test'),
      told.after('post', 'one.test www.one.test two.test'),
    ]);
  });

  it('give way to flags of renew, which are kept', async () => {
    const conf = (): string => readFileSync(stage.renewalConf('two.test'), 'utf8');
    const result = await renew('--force-renewal', '--cert-name', 'two.test', '--deploy-hook', note('other'));
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(ran()).toEqual([told.before('pre'), told.deploy('other', 'two.test'), told.after('post', 'two.test')]);
    expect(conf()).toMatch(/^renew_hook = .*other/m);
    expect(conf()).toMatch(/^pre_hook = .*pre/m);
  });

  it('run in the same order, told the same, where certbot renews what haproxy-acme has ordered', async () => {
    const directories = ['config', 'work', 'logs'].flatMap((kind) => [`--${kind}-dir`, stage.at(kind)]);
    const args = ['renew', '--force-renewal', '--no-random-sleep-on-renew', '--cert-name', 'one.test', ...directories];
    await runOrThrow('certbot', args, { env: { REQUESTS_CA_BUNDLE: stage.pebble.caFile } });
    const byCertbot = ran();
    expect(byCertbot).toHaveLength(3);
    rmSync(stage.at('ran'));
    await renew('--force-renewal', '--cert-name', 'one.test');
    expect(ran().slice(0, 2)).toEqual(byCertbot.slice(0, 2));
    // certbot 2.1 tells post hooks nothing of its own.
    expect(byCertbot[2]).toMatch(/^post /);
  });

  it('--renew-hook runs at renewals and not for the first certificate', async () => {
    await stage.ordered(['renewed.test'], ['--renew-hook', note('renew')]);
    expect(ran()).toEqual([]);
    const result = await renew('--force-renewal', '--cert-name', 'renewed.test');
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(ran()).toEqual([told.deploy('renew', 'renewed.test')]);
  });

  it('see live/ as it is to be, and HAProxy as it was', async () => {
    const look = `cmp ${live('two.test')}/cert.pem ${stage.at('seen.pem')} || cp ${live('two.test')}/cert.pem ${stage.at('seen.pem')}`;
    const bundle = (): string => readFileSync(stage.bundle('two.test'), 'utf8');
    const before = bundle();
    const copy = `${look}; cp ${stage.bundle('two.test')} ${stage.at('bundle.pem')}`;
    const result = await renew('--force-renewal', '--cert-name', 'two.test', '--post-hook', copy);
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(readFileSync(stage.at('seen.pem'), 'utf8')).toBe(readFileSync(`${live('two.test')}/cert.pem`, 'utf8'));
    expect(readFileSync(stage.at('bundle.pem'), 'utf8')).toBe(before);
    expect(bundle()).not.toBe(before);
    expect(await stage.served('two.test')).toBe(stage.stored('two.test'));
  });
});

describe('a HAProxy that a pre hook stops', () => {
  /** Waits in the shell, for ten seconds at most. */
  const until = (condition: string): string =>
    `for i in $(seq 100); do if ${condition}; then break; fi; sleep 0.1; done`;

  it('is started again by a post hook in time to be given the certificate', async () => {
    await stage.ordered(['down.test']);
    const old = stage.pid();
    const server = `python3 -m http.server --bind ${loopback} --directory ${stage.webroot} ${stage.httpPort}`;
    const stop = `kill ${old}; ${until(`! kill -0 ${old} 2>/dev/null`)}; ${server} >/dev/null 2>&1 & echo $! > ${stage.at('web.pid')}`;
    const listening = `python3 -c "import socket; socket.create_connection(('${loopback}', ${stage.httpPort}))" 2>/dev/null`;
    const start = `kill $(cat ${stage.at('web.pid')}); ${haproxyBin} -D -f ${stage.cfg} -p ${stage.pidfile}`;
    const hooks = ['--pre-hook', `${stop}; ${until(listening)}`, '--post-hook', start];
    const result = await renew('--force-renewal', '--cert-name', 'down.test', ...hooks, '--json');
    expect(result, result.stdout).toMatchObject({ code: 0 });
    const { outcomes, warnings, reloads, sockets } = jsonReport(result);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['issued']);
    expect(warnings).toEqual([]);
    expect([reloads, sockets]).toEqual([[], [stage.socket]]);
    expect(await stage.served('down.test')).toBe(stage.stored('down.test'));
  });
});

describe('hooks in directories', () => {
  it('run by name before those of the lineage, for certonly and for renew', async () => {
    for (const kind of ['pre', 'deploy', 'post'] as const) {
      for (const name of ['b', 'a', 'a~']) directoryHook(kind, name);
      directoryHook(kind, 'text', 0o644);
    }
    const expected = [
      ...[told.before('pre/a'), told.before('pre/b'), told.before('pre')],
      ...[told.deploy('deploy/a', 'dir.test'), told.deploy('deploy/b', 'dir.test'), told.deploy('deploy', 'dir.test')],
      ...[told.after('post/a', 'dir.test'), told.after('post/b', 'dir.test'), told.after('post', 'dir.test')],
    ];
    await stage.ordered(['dir.test'], flags('pre', 'deploy', 'post'));
    expect(ran()).toEqual(expected);
    rmSync(stage.at('ran'));
    const result = await renew('--force-renewal', '--cert-name', 'dir.test');
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(ran()).toEqual(expected);
  });

  it('do not run with --no-directory-hooks', async () => {
    for (const kind of ['pre', 'deploy', 'post'] as const) directoryHook(kind, 'a');
    const result = await renew('--force-renewal', '--cert-name', 'dir.test', '--no-directory-hooks');
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(ran()).toEqual([told.before('pre'), told.deploy('deploy', 'dir.test'), told.after('post', 'dir.test')]);
  });
});

describe('a dry run', () => {
  const dryRun = async (...args: readonly string[]): ReturnType<Stage['command']> =>
    await renew('--dry-run', '--force-renewal', '--cert-name', 'dir.test', ...args);

  it('runs no deploy hook, of a directory neither', async () => {
    for (const kind of ['pre', 'deploy', 'post'] as const) directoryHook(kind, 'a');
    const result = await dryRun();
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(ran().map((line) => line.split(' ')[0])).toEqual(['pre/a', 'pre', 'post/a', 'post']);
  });

  it('runs deploy hooks with --run-deploy-hooks', async () => {
    const result = await dryRun('--run-deploy-hooks');
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(ran()).toEqual([told.before('pre'), told.deploy('deploy', 'dir.test'), told.after('post', 'dir.test')]);
  });
});

describe('a failure', () => {
  it('of hooks is a warning with what they said, and changes nothing else', async () => {
    const hook = (kind: string): string[] => [`--${kind}-hook`, `echo reason of ${kind} >&2; exit 4`];
    const args = ['--force-renewal', '--cert-name', 'two.test', ...hook('pre'), ...hook('deploy'), ...hook('post')];
    const version = stage.version('two.test');
    const result = await renew(...args);
    expect(result, result.stderr).toMatchObject({ code: 0 });
    for (const kind of ['pre', 'deploy', 'post']) expect(result.stderr).toContain(`reason of ${kind}`);
    expect(result.stderr.match(/exit code 4/g)).toHaveLength(3);
    expect(stage.version('two.test')).toBe(version + 1);
    expect(await stage.served('two.test')).toBe(stage.stored('two.test'));

    const json = await renew(...args, '--json');
    expect(json).toMatchObject({ code: 0, stderr: '' });
    const { warnings } = jsonReport(json);
    expect(warnings).toHaveLength(3);
    expect(warnings[1]).toMatch(/deploy-hook[^]*reason of deploy/);
  });

  // Once in a hundred orders Pebble uses a valid authorization again, though told never to.
  it('of an order is told to the post hooks, which run all the same', { retry: 1 }, async () => {
    await stage.ordered(['three.test'], flags('pre', 'deploy', 'post'));
    rmSync(stage.at('ran'));
    const missing = stage.at('gone');
    mkdirSync(missing);
    const moved = await renew('--force-renewal', '--cert-name', 'three.test', '-w', missing, '--self-check', 'off');
    expect(errorCodes(moved)).toEqual(['acme-authorization-failed']);
    expect(moved.code).toBe(1);
    expect(ran()).toEqual([told.before('pre'), told.after('post', '', 'three.test')]);

    rmSync(stage.at('ran'));
    const flagsOfFirst = ['--server', stage.pebble.directoryUrl, '-w', missing, '-d', 'first.test'];
    const first = await stage.command(['certonly', '-n', ...flagsOfFirst, ...flags('pre', 'deploy', 'post')]);
    expect(first.code).toBe(1);
    expect(ran()).toEqual([told.before('pre'), told.after('post', '', 'first.test')]);
  });

  it('by a signal lets the post hooks run', async () => {
    const ca = await scriptedCa(stage.pebble, ({ path }) => (path.startsWith('/chalZ/') ? 'silence' : 'pebble'));
    try {
      const result = await stage.order(['stopped.test'], ['--server', ca.directoryUrl, ...flags('pre', 'post')], {
        onStart: (child) => {
          void until('the CA is told', () => ca.requests.some(({ path }) => path.startsWith('/chalZ/'))).then(() =>
            child.kill('SIGTERM'),
          );
        },
      });
      expect(result, result.stderr).toMatchObject({ code: 143 });
    } finally {
      await ca.stop();
    }
    expect(ran()).toEqual([told.before('pre'), told.after('post', '', 'stopped.test')]);
    expect(existsSync(challengeDirectory(stage.webroot))).toBe(false);
  });
});

describe('what hooks say', () => {
  const speaking = ['--deploy-hook', 'echo to stdout; echo to stderr >&2'];

  it('is shown on the stream that they wrote to, and not with -q or --json', async () => {
    const args = ['--force-renewal', '--cert-name', 'dir.test', ...speaking];
    const plain = await renew(...args);
    expect(plain.stdout).toMatch(/^deploy-hook: to stdout$/m);
    expect(plain.stderr).toMatch(/^deploy-hook: to stderr$/m);
    expect(await renew(...args, '-q')).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const json = await renew(...args, '--json');
    expect(json).toMatchObject({ code: 0, stderr: '' });
    expect(jsonReport(json).warnings).toEqual([]);
  });
});

describe('a command that cannot be run', () => {
  const order = async (...extra: readonly string[]): ReturnType<Stage['order']> =>
    await stage.order(['never.test'], extra);

  it.each(['--pre-hook', '--post-hook', '--deploy-hook', '--renew-hook'])(
    'is found before anything is done: %s',
    async (flag) => {
      const orders = stage.orders();
      const directory = stage.at('untouched');
      const result = await order(flag, 'no-such-program now', '--config-dir', directory);
      expect(result.code).toBe(1);
      expect(errorCodes(result)).toEqual(['hook-not-found']);
      expect(result.stderr).toContain(flag);
      expect(existsSync(directory)).toBe(false);
      expect(stage.orders()).toBe(orders);
    },
  );

  it('only warns when it comes to it with --disable-hook-validation', async () => {
    const result = await order('--pre-hook', 'no-such-program now', '--disable-hook-validation');
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(result.stderr).toContain('exit code 127');
  });
});
