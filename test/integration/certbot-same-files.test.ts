import { chmodSync, chownSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certbotOn, commandOn, must } from '../support/certbot.js';
import { isRoot, startStage, type Stage } from '../support/stage.js';
import { treeShape, type Disregard } from '../support/tree-shape.js';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(async () => await stage.stop());

const disregard: Disregard = [
  [/\b[0-9a-f]{32}\b/g, 'ACCOUNT'],
  [/^version = .*$/m, 'version = PROGRAM'],
  // Where a run's own directories are is said by the run.
  [/^\[renewalparams\] (?:config|work|logs)_dir = .*\n/gm, ''],
  // How a run here finds names that the CA alone knows is said by the user's cli.ini, and kept.
  [/^\[haproxy\] self_check_.*\n/gm, ''],
  // Copies of what archive/ and the CA have, which later versions of certbot do not write any more.
  [/^(?:csr|keys)(?:\/.*)?$/, ''],
];

/** Runs the same commands by both programs, each in a directory of its own. */
async function both(...commands: readonly (readonly string[])[]): Promise<void> {
  const [theirs, own] = [must(certbotOn(stage, 'theirs')), must(commandOn(stage, 'own'))];
  for (const args of commands) await Promise.all([theirs(args), own(args)]);
}

function shapes(): { readonly theirs: ReturnType<typeof treeShape>; readonly own: ReturnType<typeof treeShape> } {
  return {
    theirs: treeShape(stage.at('theirs/config'), disregard),
    own: treeShape(stage.at('own/config'), disregard),
  };
}

describe('the same command by certbot and by us', () => {
  const webroot = (): readonly string[] => ['certonly', '--webroot', '-w', stage.webroot];

  it('leaves the same files, modes, owners, links and settings: first certificates', async () => {
    await both(
      [...webroot(), '-m', 'admin@example.com', '-d', 'a.test', '-d', 'b.test'],
      [
        ...[...webroot(), '-d', 'rsa.test', '--cert-name', 'other-name', '--key-type', 'rsa', '--rsa-key-size', '3072'],
        ...['--reuse-key', '--pre-hook', 'true', '--post-hook', 'true', '--deploy-hook', 'true'],
      ],
    );
    const { theirs, own } = shapes();
    expect(own).toEqual(theirs);
  });

  it('and so after a renewal, which takes over what the user made of the old key', async () => {
    for (const root of ['theirs', 'own']) {
      const key = stage.at(`${root}/config/archive/a.test/privkey1.pem`);
      chmodSync(key, 0o654);
      if (isRoot) chownSync(key, statSync(key).uid, 4321);
    }
    await both(['renew', '--force-renewal']);
    const { theirs, own } = shapes();
    expect(own).toEqual(theirs);
    const access = own['archive/a.test/privkey2.pem']?.split('\n')[0];
    expect(access).toMatch(isRoot ? /^100654 0:4321$/ : /^100654 /);
  });
});
