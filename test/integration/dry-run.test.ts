import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { errorCodes, jsonReport } from '../support/report.js';
import { scriptedCa } from '../support/scripted-ca.js';
import { snapshot } from '../support/snapshot.js';
import { startStage, type Stage } from '../support/stage.js';

const [one, two] = ['one.test', 'two.test'];
let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ pebble: { authzReuse: 100 } });
  for (const name of [one, two]) await stage.ordered([name]);
});
afterAll(async () => await stage.stop());

const log = (): string => readFileSync(stage.at('logs/letsencrypt.log'), 'utf8');

/** All that the stage has but the logs, HAProxy's process included. */
const everything = (): unknown => [snapshot(stage.at(''), /^(?:logs|pebble)\//), stage.pid()];

/** Hooks that say on which files they were run. */
function hooks(file: string): readonly string[] {
  const hook = (kind: string): string => `echo ${kind} $RENEWED_LINEAGE $RENEWED_DOMAINS >> ${file}`;
  return ['--pre-hook', hook('pre'), '--post-hook', hook('post'), '--deploy-hook', hook('deploy')];
}

it('of several lineages validates each name anew and leaves all as it was', async () => {
  const [before, orders] = [everything(), stage.orders()];
  const result = await stage.command(['renew', '--dry-run', '--json']);
  expect(result, result.stdout).toMatchObject({ code: 0, stderr: '' });
  const { outcomes, reloads } = jsonReport(result);
  expect(outcomes).toEqual(
    [one, two].map((name) => ({
      ...{ kind: 'tested', certName: name, names: [name], server: stage.pebble.directoryUrl },
    })),
  );
  expect(reloads).toEqual([]);
  expect(everything()).toEqual(before);
  // Each is ordered, found validated before, and ordered again.
  expect(stage.orders()).toBe(orders + 4);
  expect(log().match(/Recreating order after authz deactivation/g)).toHaveLength(2);
});

it('of `certonly` keeps no lineage, for new names and for those of a lineage', async () => {
  const before = everything();
  for (const names of [['new.test'], [one, 'more.test']]) {
    // HAProxy need not be there.
    const flags = ['--dry-run', '--expand', '--json', '--haproxy-cert-dir', stage.at('nowhere')];
    const result = await stage.order(names, flags);
    expect(result, result.stdout).toMatchObject({ code: 0 });
    expect(jsonReport(result).outcomes).toMatchObject([{ kind: 'tested', names }]);
  }
  expect(everything()).toEqual(before);
});

it('uses the account that there is, or one of the CA of the trial, and agrees to its terms', async () => {
  const accounts = stage.at('config/accounts');
  const before = snapshot(accounts);
  const ca = await scriptedCa(stage.pebble, () => 'pebble');
  const result = await stage.command(['renew', '--dry-run', '--server', ca.directoryUrl, '--cert-name', one]);
  await ca.stop();
  expect(result, result.stderr).toMatchObject({ code: 0 });
  const own = new URL(ca.directoryUrl).host;
  expect(existsSync(join(accounts, own, 'dir'))).toBe(true);
  expect(snapshot(accounts, new RegExp(`^${own}`))).toEqual(before);
  const conf = readFileSync(stage.renewalConf(one), 'utf8');
  expect(conf).not.toContain(own);
  rmSync(join(accounts, own), { recursive: true });
});

it('runs pre and post hooks, and deploy hooks only where they are asked for, with the certificate that is live', async () => {
  const said = stage.at('said');
  const directory = stage.at('config/renewal-hooks/deploy');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'own'), `#!/bin/sh\necho directory $RENEWED_LINEAGE >> ${said}\n`);
  chmodSync(join(directory, 'own'), 0o755);
  const run = async (...flags: readonly string[]): Promise<readonly string[]> => {
    writeFileSync(said, '');
    const result = await stage.command(['renew', '--dry-run', '--cert-name', one, ...hooks(said), ...flags]);
    expect(result, result.stderr).toMatchObject({ code: 0 });
    return readFileSync(said, 'utf8').trim().split('\n');
  };
  const [before, live] = [stage.stored(one), stage.at(`config/live/${one}`)];
  expect(await run()).toEqual(['pre', `post ${one}`]);
  expect(await run('--run-deploy-hooks')).toEqual([
    ...['pre', `directory ${live}`, `deploy ${live} ${one}`, `post ${one}`],
  ]);
  expect(stage.stored(one)).toBe(before);
  expect(readFileSync(stage.renewalConf(one), 'utf8')).not.toContain('_hook');
  rmSync(join(directory, 'own'));
});

it('that fails for one lineage tells of it, goes on with the next and exits 1', async () => {
  const before = everything();
  const conf = readFileSync(stage.renewalConf(one), 'utf8');
  writeFileSync(stage.renewalConf(one), conf.replaceAll(`${one} = ${stage.webroot}`, `${one} = ${stage.at('gone')}`));
  const result = await stage.command(['renew', '--dry-run', '--json']);
  writeFileSync(stage.renewalConf(one), conf);
  expect(result.code).toBe(1);
  const { outcomes } = jsonReport(result);
  expect(outcomes.map(({ kind, certName }) => [kind, certName])).toEqual([
    ['tested', two],
    ['failed', one],
  ]);
  expect(everything()).toEqual(before);
});

it('goes with no command that does not order', async () => {
  const before = everything();
  const result = await stage.command(['install', '--dry-run', '--cert-name', one]);
  expect([result.code, errorCodes(result)], result.stderr).toEqual([2, ['usage']]);
  expect(everything()).toEqual(before);
});
