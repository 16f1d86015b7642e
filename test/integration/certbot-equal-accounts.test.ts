import { statSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCalls, type Calls } from '../support/called-as-certbot.js';
import { startWebServer } from '../support/web-server.js';

/** What callers of certbot count on of accounts and settings. */
let calls: Calls;
beforeAll(async () => {
  calls = await startCalls();
});
afterAll(async () => await calls.stop());

it('an account is made and unmade, its addresses are changed, and shown', async () => {
  const workspace = calls.emptyWorkspace();
  await workspace.must(['register']);
  for (const kind of ['pre', 'deploy', 'post']) {
    expect(statSync(workspace.config(`renewal-hooks/${kind}`)).isDirectory()).toBe(true);
  }
  await workspace.fails(['register']);
  await workspace.must(['unregister']);
  await workspace.fails(['show_account']);
  await workspace.must(['register', '--email', 'ex1@domain.example,ex2@domain.example']);
  await workspace.must(['update_account', '--email', 'new@domain.example']);
  const first = await workspace.must(['show_account']);
  expect(first.stdout).toContain('new@domain.example');
  await workspace.must(['update_account', '--email', 'ex1@domain.example,ex2@domain.example']);
  const second = await workspace.must(['show_account']);
  expect(second.stdout).not.toContain('new@domain.example');
  expect(second.stdout).toContain('ex1@domain.example, ex2@domain.example');
});

it('reconfigure tries another way to answer, and keeps it', async () => {
  const workspace = calls.workspace();
  const name = 'reconfigured.test';
  await workspace.must(['-d', name]);
  const server = await startWebServer(calls.httpPort, workspace.at('webroot'));
  const flags = ['-a', 'webroot', '--webroot-path', server.webroot];
  try {
    await workspace.must(['reconfigure', '--cert-name', name, ...flags]);
  } finally {
    await server.stop();
  }
  expect(workspace.conf(name)).toContain('authenticator = webroot\n');
  expect(workspace.conf(name)).toContain(`webroot_path = ${server.webroot},\n`);
  expect(workspace.versions(name)).toBe(1);
  for (const other of [
    ['--server', 'https://other.example/dir'],
    ['--account', '0'.repeat(32)],
  ]) {
    const refused = await workspace.fails(['reconfigure', '--cert-name', name, ...other], { server: false });
    expect(refused.code).toBe(2);
  }
});
