import { mkdirSync, writeFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtLua } from '../support/built-lua.js';
import { documentedBlocks } from '../support/documented.js';
import { rawHttp, startHaproxy } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { challengeDirectory } from '../support/lua-service.js';
import { runtimeCommand } from '../support/runtime-socket.js';
import { parse } from '../support/service-under-test.js';
import { temporaryDirectory } from '../support/temporary.js';

const blocks = documentedBlocks('lua-service.md');

const thumbprint = '9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI';
const luaFile = '/usr/local/share/haproxy-acme/acme-http01.lua';

let built: { file: string; remove: () => void };
beforeAll(async () => {
  built = await builtLua();
});
afterAll(() => built.remove());

it('has a block for each source and for chroot', () => {
  expect(blocks.length).toBe(5);
});

const isRoot = process.getuid?.() === 0;

describe.each(blocks)('docs/lua-service.md, $title', ({ config }) => {
  it.skipIf(!isRoot && config.includes('chroot '))('has a configuration that answers a challenge', async () => {
    await answersAChallenge(config);
  });
});

async function answersAChallenge(config: string): Promise<void> {
  const root = temporaryDirectory();
  const port = await freePort();
  const moved = config
    .replaceAll(luaFile, built.file)
    .replaceAll(/ (\/(?:var|run|etc)\/\S+)/g, ` ${root.path}$1`)
    .replace(' :80', ` ${loopback}:${port}`);
  for (const webroot of ['var/www/acme', 'var/lib/haproxy/acme']) {
    const directory = challengeDirectory(join(root.path, webroot));
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'token'), `token.${thumbprint}`);
  }
  chmodSync(root.path, 0o755);
  mkdirSync(join(root.path, 'run/haproxy'), { recursive: true });
  mkdirSync(join(root.path, 'etc/haproxy'), { recursive: true });
  writeFileSync(join(root.path, 'etc/haproxy/acme.map'), '');
  const haproxy = await startHaproxy(root.path, moved);
  try {
    // The map's name is the one that this version's branch of the configuration set, as the start line tells it.
    const map = /answers from map (\S+)/.exec(haproxy.output())?.[1];
    if (map !== undefined) {
      const socket = join(root.path, 'run/haproxy/admin.sock');
      await runtimeCommand(socket, `add map ${map} token token.${thumbprint}`);
    }
    const request = 'GET /.well-known/acme-challenge/token HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n';
    expect(parse(await rawHttp(loopback, port, request))).toMatchObject({ status: 200, body: `token.${thumbprint}` });
    expect(haproxy.output()).not.toMatch(/\[WARNING\].*(?:lua|deprecated)/i);
  } finally {
    await haproxy.stop();
    root.remove();
  }
}
