import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DiagnosticCategory, type Diagnostic } from 'typescript';
import { parseConfigFileWithSystem, transpileFiles } from 'typescript-to-lua';
import { run, runOrThrow } from '../support/child.js';
import { haproxyBin, rawHttp, startHaproxy, type Haproxy } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { temporaryDirectory } from '../support/temporary.js';

const root = resolve(import.meta.dirname, '../..');
const configFile = join(root, 'test/lua/declarations/tsconfig.json');
const directory = temporaryDirectory();
const emitted = join(directory.path, 'test/lua/declarations');

/** Compiles with the usage files' own settings, one Lua file for each TypeScript file. */
function compile(fileNames: (given: string[]) => string[], outDir: string, rootDir: string): Diagnostic[] {
  const parsed = parseConfigFileWithSystem(configFile);
  const options = { ...parsed.options, noEmit: false, outDir, rootDir };
  delete options.luaBundle;
  delete options.luaBundleEntry;
  const { diagnostics } = transpileFiles(fileNames(parsed.fileNames), options);
  return diagnostics.filter(({ category }) => category === DiagnosticCategory.Error);
}

const lua = (name: string): string => readFileSync(join(emitted, `${name}.lua`), 'utf8');

let errors: Diagnostic[] = [];
beforeAll(() => {
  errors = compile((given) => given, directory.path, root);
});
afterAll(() => directory.remove());

describe('plugins written against the declarations', () => {
  test('compile', () => {
    expect(errors.map(({ file, messageText }) => `${file?.fileName ?? ''}: ${JSON.stringify(messageText)}`)).toEqual(
      [],
    );
    expect(readdirSync(emitted).sort()).toEqual([
      'actions.lua',
      'filters.lua',
      'maps.lua',
      'services.lua',
      'tasks.lua',
    ]);
  });

  test.each(['luac5.3', 'luac5.4'])('are Lua to %s', async (luac) => {
    for (const name of readdirSync(emitted)) await runOrThrow(luac, ['-p', join(emitted, name)]);
  });

  test.each([
    ['services', 'core.register_service('],
    ['services', 'core.register_cli('],
    ['services', 'applet:set_status('],
    ['services', 'applet.headers.accept'],
    ['services', 'applet.f:src()'],
    ['services', 'applet.sf:src()'],
    ['services', 'applet.sc:base64("lua")'],
    ['services', 'applet:receive(nil, 100)'],
    ['actions', 'core.register_action('],
    ['actions', 'txn.f:src()'],
    ['actions', 'txn.sf:req_hdr("host")'],
    ['actions', 'txn:set_loglevel(core.notice)'],
    ['actions', 'http:req_set_header('],
    ['actions', 'act.wake_time(50)'],
    ['actions', 'txn:done(reply)'],
    ['maps', 'Map.new("/dev/null", Map._str)'],
    ['maps', 'colours:lookup('],
    ['maps', 'core.get_patref('],
    ['maps', 'patref:add_bulk('],
    ['maps', 'patref.green'],
    ['filters', 'core.register_filter('],
    ['filters', 'filter.register_data_filter(self, channel)'],
    ['filters', 'http_headers = function(self, txn, message)'],
    ['filters', 'message:get_stline()'],
    ['tasks', 'core.Info('],
    ['tasks', 'core.yield()'],
    ['tasks', 'Regex.new("needle (..)", true)'],
    ['tasks', 'regex:match('],
    ['tasks', 'core.httpclient():get('],
    ['tasks', 'socket:connect('],
    ['tasks', 'CertCache.set('],
    ['tasks', 'core.event_sub('],
    ['tasks', 'queue:alarm()'],
    ['tasks', 'server:set_weight("50%")'],
    ['tasks', 'proxy:get_mailers()'],
    ['tasks', 'ACME.challenge_ready(crtname, domain)'],
  ])('%s calls HAProxy by %s', (name, call) => {
    expect(lua(name)).toContain(call);
  });

  test('never call core with a colon, and never meet the Map of JavaScript', () => {
    for (const name of readdirSync(emitted)) {
      expect(readFileSync(join(emitted, name), 'utf8')).not.toMatch(/core:|HaproxyMap|lualib/);
    }
  });
});

describe('misuse is refused', () => {
  const refused = temporaryDirectory();
  const cases: [name: string, source: string, code: number][] = [
    ['a looked-up value used unchecked', `const v: string = HaproxyMap.new('/dev/null').lookup('a');`, 2322],
    ['a request path used unchecked', `export const f = (a: AppletHTTP): number => a.path.length;`, 18048],
    ['an unknown function', `core.Inform('a');`, 2551],
    ['an unknown severity', `core.log(8, 'a');`, 2345],
    ['an unknown place of an action', `core.register_action('a', ['http-request'], () => act.STOP);`, 2820],
    ['a code that is none', `core.register_action('a', ['http-req'], () => 9);`, 2322],
    ['a TCP service that reads headers', `core.register_service('a', 'tcp', (a) => a.start_response());`, 2339],
    ['a fetch of the future used unchecked', `export const f = (t: TXN): unknown => t.f['future']();`, 2722],
    ['a fetch without its argument', `export const f = (t: TXN): unknown => t.f.be_conn();`, 2554],
    ['the answer of Regex.new used unchecked', `const [, r] = Regex.new('a', true); r.exec('a');`, 2339],
    ['a socket answer used unchecked', `const [line] = core.tcp().receive(); line.length;`, 18048],
  ];
  const fileOf = (name: string): string => join(refused.path, `${name.replaceAll(' ', '-')}.ts`);
  let found: Diagnostic[] = [];
  beforeAll(() => {
    for (const [name, source] of cases) writeFileSync(fileOf(name), `${source}\nexport {};\n`);
    const files = cases.map(([name]) => fileOf(name));
    const given = (paths: string[]): string[] => [...paths.filter((path) => path.endsWith('.d.ts')), ...files];
    found = compile(given, join(refused.path, 'out'), refused.path);
  });
  afterAll(() => refused.remove());

  test.each(cases)('%s', (name, _source, code) => {
    const codes = found.filter(({ file }) => file?.fileName === fileOf(name)).map((diagnostic) => diagnostic.code);
    expect(codes).toContain(code);
  });
});

describe('in HAProxy', () => {
  let haproxy: Haproxy;
  let port: number;
  let tcpPort: number;
  const socketFile = join(directory.path, 'stats.sock');

  beforeAll(async () => {
    [port, tcpPort] = [await freePort(), await freePort()];
    const originPort = await freePort();
    mkdirSync(emitted, { recursive: true });
    haproxy = await startHaproxy(directory.path, configuration({ port, tcpPort, originPort }));
  });
  afterAll(async () => haproxy.stop());

  const get = async (path: string, head = ''): Promise<string> =>
    await rawHttp(loopback, port, `GET ${path} HTTP/1.1\r\nHost: site.test\r\nConnection: close\r\n${head}\r\n`);

  test('the configuration passes HAProxy, and initialisation ran through', async () => {
    const check = await run(haproxyBin, ['-c', '-f', haproxy.configFile]);
    expect(check.code).toBe(0);
    const words = ['words [one][two][three]', 'at home true', 'regex true in', 'date 784111777', 'dates none'];
    for (const text of [...words, 'proxy front proxy http', 'server origin at', 'table ip empty']) {
      expect(haproxy.output() + check.stderr).toContain(text);
    }
  });

  test('an HTTP service reads its request', async () => {
    const answer = await get('/describe?a=b', 'Accept: text/plain\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 200 Described\r\n/);
    expect(answer).toContain('GET /describe a=b HTTP/1.1\naccept text/plain\nlength 0\n');
    expect(answer).toContain('from 127.0.0.1 as text 127.0.0.1\nbase64 bHVh bHVh\nlevel high');
  });

  test('a request target without a path has none', async () => {
    const answer = await rawHttp(loopback, port, 'OPTIONS * HTTP/1.1\r\nHost: site.test\r\nConnection: close\r\n\r\n');
    expect(answer).toContain('OPTIONS no path no query HTTP/1.1');
  });

  test('an HTTP service reads a body', async () => {
    const body = 'one\ntwo';
    const head = `POST /upper HTTP/1.1\r\nHost: site.test\r\nConnection: close\r\nContent-Length: ${body.length}\r\n`;
    expect(await rawHttp(loopback, port, `${head}\r\n${body}`)).toContain('ONE\nTWO');
  });

  test('actions, fetches, converters and a filter change a request and its response', async () => {
    const answer = await get('/any', 'X-Remove: 1\r\nX-Replace: abc\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 203 Seen by Lua\r\n/);
    expect(answer).toMatch(new RegExp(`seen GET /any lua=127[\\d.]+:\\d+,site.test remove= replace=d`));
    expect(answer).toMatch(/\r\nx-tag: \d+\r\n/);
    expect(answer).toMatch(/\r\nx-status: 3\r\n/);
    expect(answer).toMatch(/\r\nx-filter: octets 203\r\n/);
    expect(answer).toMatch(/\r\nx-lines: without server\r\n/);
    expect(answer).toMatch(/\r\nx-lua-values: 42 of 2\+1 digits 8 <text> no colour\r\n/);
  });

  test('an action rewrites the request line', async () => {
    expect(await get('/rewrite')).toContain('seen GET /rewritten?a=1 ');
  });

  test('an action answers by itself', async () => {
    const answer = await get('/refuse');
    expect(answer).toMatch(/^HTTP\/1.1 403 Refused\r\n/);
    expect(answer).toMatch(/\r\nx-reason: policy\r\n/);
    expect(answer).toContain('refused by Lua');
  });

  test('a socket and an HTTP client fetch from the origin', async () => {
    const answer = await get('/fetch');
    expect(answer).toMatch(/\r\nx-socket: HTTP\/1.1 200 OK after 24 to 127[\d.]+:\d+\r\n/);
    expect(answer).toMatch(/\r\nx-client: 200 yes seen GET \/client /);
  });

  test('a TCP service echoes', async () => {
    expect(await rawHttp(loopback, tcpPort, 'hello\nyou')).toBe('HELLO\nyou');
  });

  test('a command of the Runtime API gets its words', async () => {
    expect(await command(socketFile, 'show declarations now')).toContain('3 words, the last is now');
  });

  function configuration(ports: { port: number; tcpPort: number; originPort: number }): string {
    const load = readdirSync(emitted).map((name) => `  lua-load ${join(emitted, name)}`);
    return `
global
  stats socket ${socketFile} level user
  set-var proc.level str(high)
${load.join('\n')}
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
listen front
  bind ${loopback}:${ports.port}
  filter lua.counter octets
  stick-table type ip size 10 store gpc0
  http-request use-service lua.describe if { path /describe } or METH_OPTIONS
  http-request use-service lua.upper if { path /upper }
  http-request lua.refuse if { path /refuse }
  http-request lua.pause
  http-request lua.tag x-lua
  http-request lua.fetch ${loopback} ${ports.originPort} if { path /fetch }
  http-request lua.rewrite if { path /rewrite }
  http-response lua.response if { var(txn.tag) -m found }
  http-response set-header x-lua-values "%[lua.sum(40,2)] %[lua.both] %[str(text),lua.surround] %[lua.colour(red)]"
  http-response set-header x-socket %[var(txn.socket)]
  http-response set-header x-client %[var(txn.client)]
  server origin ${loopback}:${ports.originPort}
frontend origin
  bind ${loopback}:${ports.originPort}
  http-request return status 200 content-type text/plain hdr x-lua yes lf-string "seen %[method] %[pathq] lua=%[req.fhdr(x-lua,1)],%[req.fhdr(x-lua,2)] remove=%[req.hdr(x-remove)] replace=%[req.hdr(x-replace)]"
frontend tcp
  mode tcp
  bind ${loopback}:${ports.tcpPort}
  tcp-request inspect-delay 1s
  tcp-request content use-service lua.echo
`;
  }
});

/** One command to the Runtime API, and its answer. */
async function command(path: string, line: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connect(path);
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    socket.once('error', reject);
    socket.once('close', () => resolve(answer));
    socket.end(`${line}\n`);
  });
}
