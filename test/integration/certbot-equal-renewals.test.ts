import { chmodSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCalls, type Calls, type Workspace } from '../support/called-as-certbot.js';

const name = 'renew.test';

/** What callers of certbot count on when they renew. */
let calls: Calls;
/** A directory with one certificate, which tests copy. */
let template: Workspace;
beforeAll(async () => {
  calls = await startCalls();
  template = calls.workspace();
  await template.must(['-d', name]);
});
afterAll(async () => await calls.stop());

function keyAccess(workspace: Workspace, version: number): { readonly mode: number; readonly gid: number } {
  const { mode, gid } = statSync(workspace.config(`archive/${name}/privkey${version}.pem`));
  return { mode: mode & 0o777, gid };
}

const hookKinds = ['pre', 'deploy', 'post'];

/** A script in each directory of hooks, which notes its kind and, for deploy, what it was told. */
function writeHookFiles(workspace: Workspace): void {
  for (const kind of hookKinds) {
    const path = workspace.config(`renewal-hooks/${kind}/hook.sh`);
    const told = kind === 'deploy' ? ' "$RENEWED_DOMAINS" "$RENEWED_LINEAGE"' : '';
    writeFileSync(path, `#!/bin/sh\necho ${kind}${told} >> ${workspace.probe}\n`);
    chmodSync(path, 0o755);
  }
}

describe('the key of a renewal', () => {
  it('is readable by nobody else, as the one before', async () => {
    const workspace = calls.workspace(template);
    expect(keyAccess(workspace, 1).mode).toBe(0o600);
    await workspace.must(['renew']);
    expect(workspace.versions(name)).toBe(2);
    expect(keyAccess(workspace, 2)).toEqual(keyAccess(workspace, 1));
  });

  it('is readable by those who could read the one before', async () => {
    const workspace = calls.workspace(template);
    chmodSync(workspace.config(`archive/${name}/privkey1.pem`), 0o444);
    await workspace.must(['renew']);
    expect(workspace.versions(name)).toBe(2);
    expect(keyAccess(workspace, 2).mode & 0o077).toBe(0o044);
  });

  it('has the size of the one before, or the one that is asked for, which the next one has too', async () => {
    const workspace = calls.workspace();
    await workspace.must(['-d', name, '--key-type', 'rsa', '--rsa-key-size', '3072']);
    const size = (version: number): unknown => workspace.key(name, version).asymmetricKeyDetails?.modulusLength;
    await workspace.must(['renew']);
    await workspace.must(['renew', '--rsa-key-size', '2048']);
    expect([1, 2, 3].map(size)).toEqual([3072, 3072, 2048]);
  });

  it('is RSA where the configuration is from the time before key_type, which it then has', async () => {
    const workspace = calls.workspace();
    await workspace.must(['-d', name, '--key-type', 'rsa']);
    expect(workspace.key(name, 1).asymmetricKeyDetails?.modulusLength).toBe(2048);
    const file = workspace.config(`renewal/${name}.conf`);
    writeFileSync(file, workspace.conf(name).replace('key_type = rsa', ''));
    await workspace.must(['renew', '--cert-name', name, '--force-renewal']);
    expect(workspace.conf(name)).toContain('key_type = rsa\n');
    expect(workspace.key(name, 2).asymmetricKeyDetails?.modulusLength).toBe(2048);
  });
});

describe('when it is not forced', () => {
  it('nothing is done before it is time, and no hook runs', async () => {
    const workspace = calls.workspace(template);
    await workspace.must(['renew', '--deploy-hook', workspace.note('deploy')], { force: false });
    expect(workspace.versions(name)).toBe(1);
    expect(workspace.noted()).toEqual([]);
  });

  it("it is time by the configuration's renew_before_expiry", async () => {
    const workspace = calls.workspace(template);
    const [first = '', ...rest] = workspace.conf(name).split('\n');
    const lines = [first, 'renew_before_expiry = 100 years', ...rest];
    writeFileSync(workspace.config(`renewal/${name}.conf`), lines.join('\n'));
    await workspace.must(['renew', '--deploy-hook', workspace.note('deploy')], { force: false, server: false });
    expect(workspace.versions(name)).toBe(2);
    expect(workspace.noted()).toEqual(['deploy']);
  });
});

describe('hooks in directories', () => {
  it('run around a renewal, the deploy hook being told what was renewed, unless they are switched off', async () => {
    const workspace = calls.workspace(template);
    writeHookFiles(workspace);
    await workspace.must(['renew', '--no-directory-hooks']);
    expect(workspace.noted()).toEqual([]);
    await workspace.must(['renew']);
    expect(workspace.noted()).toEqual(['pre', `deploy ${name} ${workspace.config(`live/${name}`)}`, 'post']);
    expect(workspace.versions(name)).toBe(3);
  });

  it('that cannot be run, and directories, are passed over', async () => {
    const workspace = calls.workspace(template);
    for (const kind of hookKinds) {
      const directory = workspace.config(`renewal-hooks/${kind}`);
      rmSync(directory, { recursive: true });
      mkdirSync(`${directory}/dir`, { recursive: true });
      writeFileSync(`${directory}/file`, '');
    }
    await workspace.must(['renew']);
    expect(workspace.versions(name)).toBe(2);
  });
});

describe('hooks of flags', () => {
  const hooks = (workspace: Workspace, suffix: string): readonly string[] =>
    hookKinds.flatMap((kind) => [`--${kind}-hook`, workspace.note(kind + suffix)]);

  it('run with the first certificate, and are replaced by those of a renewal, which the next one runs', async () => {
    const workspace = calls.workspace();
    await workspace.must(['certonly', '-d', name, '--preferred-challenges', 'http-01', ...hooks(workspace, '')]);
    expect(workspace.noted()).toEqual(['pre', 'deploy', 'post']);
    await workspace.must(['renew', '--cert-name', name, ...hooks(workspace, '_other')]);
    expect(workspace.noted()).toEqual(['pre_other', 'deploy_other', 'post_other']);
    await workspace.must(['renew', '--cert-name', name]);
    expect(workspace.noted()).toEqual(['pre_other', 'deploy_other', 'post_other']);
  });

  it('are told after the last order which names were renewed, and which failed', async () => {
    const workspace = calls.workspace();
    await workspace.must(['certonly', '-d', 'fail.told.test', '--preferred-challenges', 'http-01']);
    await workspace.must(['renew', '--post-hook', `printenv RENEWED_DOMAINS >> ${workspace.probe}`]);
    expect(workspace.noted()).toEqual(['fail.told.test']);
    await workspace.fails([
      ...['renew', '--cert-name', 'fail.told.test', '--preferred-challenges', 'dns', '-a', 'manual', ...calls.dnsHooks],
      ...['--post-hook', `printenv FAILED_DOMAINS >> ${workspace.probe}`, '--dry-run'],
    ]);
    expect(workspace.noted()).toEqual(['fail.told.test']);
    expect(workspace.versions('fail.told.test')).toBe(2);
  });
});
