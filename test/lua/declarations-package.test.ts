import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { transpileProject } from 'typescript-to-lua';
import { runOrThrow } from '../support/child.js';
import { rawHttp, startHaproxy, type Haproxy } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { temporaryDirectory } from '../support/temporary.js';

// What docs/lua-types.md tells a reader to do, done in a project of its own that has the package installed.
const root = resolve(import.meta.dirname, '../..');
const project = temporaryDirectory();
const map = join(project.path, 'colours.map');
const compiled = join(project.path, 'lua/colours.lua');

let haproxy: Haproxy;
let port: number;

beforeAll(async () => {
  const page = readFileSync(join(root, 'docs/lua-types.md'), 'utf8');
  const block = (language: string): string =>
    new RegExp('```' + language + '\\n([\\s\\S]*?)```').exec(page.slice(page.indexOf('`tsconfig.json`')))?.[1] ?? '';
  writeFileSync(join(project.path, 'tsconfig.json'), block('json'));
  writeFileSync(join(project.path, 'colours.ts'), block('ts').replace('/etc/haproxy/colours.map', map));
  writeFileSync(map, 'site.test green\n');
  const installed = join(project.path, 'node_modules');
  mkdirSync(join(installed, '@typescript-to-lua'), { recursive: true });
  mkdirSync(join(installed, 'haproxy-acme/dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(installed, 'haproxy-acme/package.json'));
  cpSync(join(root, 'src-lua/haproxy'), join(installed, 'haproxy-acme/dist/haproxy-lua'), { recursive: true });
  for (const name of ['lua-types', '@typescript-to-lua/language-extensions']) {
    symlinkSync(join(root, 'node_modules', name), join(installed, name));
  }

  const { diagnostics } = transpileProject(join(project.path, 'tsconfig.json'));
  expect(diagnostics.map(({ messageText }) => messageText)).toEqual([]);

  port = await freePort();
  const service = 'http-request use-service lua.colour if { path /colour }';
  haproxy = await startHaproxy(
    project.path,
    `global
  lua-load ${compiled}
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend www
  bind ${loopback}:${port}
  ${service}
`,
  );
  expect(page).toContain(service);
});
afterAll(async () => {
  await haproxy.stop();
  project.remove();
});

test('the example of the documentation compiles to plain Lua', async () => {
  for (const luac of ['luac5.3', 'luac5.4']) await runOrThrow(luac, ['-p', compiled]);
  const lua = readFileSync(compiled, 'utf8');
  expect(lua).toContain(`Map.new("${map}", Map._str)`);
  expect(lua).not.toMatch(/require|__TS__/);
});

test.each([
  ['site.test', 'HTTP/1.1 200 OK', 'green for 127.0.0.1\n'],
  ['other.test', 'HTTP/1.1 404 Not Found', 'no colour for 127.0.0.1\n'],
])('and serves %s', async (host, status, body) => {
  const answer = await rawHttp(loopback, port, `GET /colour HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  expect(answer.startsWith(`${status}\r\n`)).toBe(true);
  expect(answer).toContain(body);
});
