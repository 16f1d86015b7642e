import { readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runOrThrow } from '../support/child.js';
import { haproxyBin } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { temporaryDirectory } from '../support/temporary.js';

const declarations = resolve(import.meta.dirname, '../../src-lua/haproxy');
const directory = temporaryDirectory();

/** Member to the text of its `@since` tag. */
type Members = Map<string, string>;

let version = 0;
/** What HAProxy itself offers to Lua: member names by class. */
let offered = new Map<string, Set<string>>();
/** What the declarations say, functions and constants alone. */
let declared = new Map<string, Members>();

beforeAll(async () => {
  const banner = await runOrThrow(haproxyBin, ['-v']);
  version = minor(/version (\d+\.\d+)/.exec(banner)?.[1] ?? '');
  offered = await offeredByHaproxy();
  declared = readDeclarations();
});
afterAll(() => directory.remove());

/** 2.6 as 206, 3.0 as 300: versions that compare. */
function minor(text: string): number {
  const [major = '0', rest = '0'] = text.split('.');
  return Number(major) * 100 + Number(rest);
}

/** The youngest stable version that a `@since` tag names as certain to have the member. */
function arrival(since: string): number {
  const [certain = ''] = since.split(/[;,]/);
  return minor(/(\d+\.\d+)(?!.*\d+\.\d+)/.exec(certain)?.[1] ?? '');
}

/** The version in which a member went, as its tag says it. */
function departure(since: string): number {
  const gone = /gone in (\d+\.\d+)/.exec(since)?.[1];
  return gone === undefined ? Infinity : minor(gone);
}

/** Each class of HAProxy, and the interfaces or namespace that declare it. */
const classes: readonly [name: string, ...declaredAs: string[]][] = [
  ['core', 'core'],
  ['Map', 'HaproxyMapConstructor'],
  ['Regex', 'RegexConstructor'],
  ['act', 'act'],
  ['filter', 'filter'],
  ['CertCache', 'CertCache'],
  ['ACME', 'ACME'],
  ['map', 'HaproxyMap'],
  ['regex', 'Regex'],
  ['concat', 'Concat'],
  ['queue', 'Queue'],
  ['patref', 'Patref'],
  ['event', 'EventSub'],
  ['proxy', 'Proxy'],
  ['server', 'Server'],
  ['listener', 'Listener'],
  ['table', 'StickTable'],
  ['Socket', 'Socket'],
  ['HTTPClient', 'HTTPClient'],
  ['TXN', 'TXN', 'HasVariables', 'HasPrivateData'],
  ['AppletHTTP', 'AppletHTTP', 'HasVariables', 'HasPrivateData'],
  ['AppletTCP', 'AppletTCP', 'HasVariables', 'HasPrivateData'],
  ['HTTP', 'HTTP'],
  ['HTTPMessage', 'HTTPMessage'],
  ['Channel', 'Channel'],
  ['Fetches', 'Fetches'],
  ['Converters', 'Converters'],
];

describe.each(classes)('%s', (name, ...declaredAs) => {
  test('declares what HAProxy offers', () => {
    const known = new Set(declaredAs.flatMap((one) => [...(declared.get(one)?.keys() ?? [])]));
    const youngest = 304;
    const unknown = [...(offered.get(name) ?? [])].filter((member) => !known.has(member) && !leftOut(name, member));
    // Sample fetches and converters of versions younger than the list are reached by an index signature.
    if (version <= youngest || !['Fetches', 'Converters'].includes(name)) expect(unknown).toEqual([]);
  });

  test('says rightly since when', () => {
    const real = offered.get(name);
    // A class that this version lacks has no member that should be there.
    for (const [member, since] of declaredAs.flatMap((one) => [...(declared.get(one) ?? [])])) {
      expect(since, `@since of ${member}`).toMatch(/\d\.\d/);
      if (dependsOnTheBuild(member) || attributes.has(member) || attributes.has(`${name}.${member}`)) continue;
      const due = arrival(since) <= version && version < departure(since);
      if (due) expect([...(real ?? [])], `${member}, since ${since}`).toContain(member);
      if (version < earliest(since)) expect([...(real ?? [])], `${member}, since ${since}`).not.toContain(member);
    }
  });
});

/** The oldest version that a `@since` tag allows the member in: the first that it names, 0 for "or before". */
function earliest(since: string): number {
  if (/or before|also|misspelt/.test(since)) return 0;
  return minor(/(\d+\.\d+)/.exec(since)?.[1] ?? '');
}

/** Undocumented doubles and leftovers, which the declarations leave out on purpose. */
function leftOut(name: string, member: string): boolean {
  if (name === 'Map') return !member.startsWith('_') || ['_found', '_bool', '_len', '_bin', '_regm'].includes(member);
  return name === 'Fetches' && member.startsWith('internal_');
}

/** TLS, QUIC and kernel figures are there only if HAProxy was built with them. */
function dependsOnTheBuild(member: string): boolean {
  return /ssl|quic|jwt|aes_|x509|digest|hmac|sha2|^fc_|^bc_|spoe|cpu_usage|secure_memcmp|host_only|port_only/.test(
    member,
  );
}

/** Members that HAProxy computes on access or fills in at run time, so that no table lists them. */
const attributes = new Set([
  ...['name', 'uuid', 'puid', 'servers', 'listeners', 'stktable', 'proxies', 'frontends', 'backends'],
  ...['c', 'sc', 'f', 'sf', 'req', 'res', 'http', 'http_req', 'http_res', 'channel'],
  ...['method', 'version', 'path', 'qs', 'length', 'headers', 'patref.get'],
]);

async function offeredByHaproxy(): Promise<Map<string, Set<string>>> {
  const [script, config, map] = ['dump.lua', 'dump.cfg', 'dump.map'].map((name) => join(directory.path, name));
  if (script === undefined || config === undefined || map === undefined) throw new Error('three names');
  writeFileSync(map, 'key value\n');
  writeFileSync(
    script,
    `local function add(names, from)
      if type(from) ~= "table" then return names end
      for name in next, from do
        if type(name) == "string" and name:sub(1, 2) ~= "__" then names[#names + 1] = name end
      end
      return names
    end
    local function say(class, names) print("OFFERED " .. class .. " " .. table.concat(names, " ")) end
    local function object(class, value)
      local names = add({}, value)
      say(class, add(names, (getmetatable(value) or {}).__index))
    end
    local loaded = Map.new("/dev/null", Map._str)
    core.register_init(function()
      for _, name in ipairs({"core", "Map", "Regex", "act", "filter", "CertCache", "ACME"}) do say(name, add({}, _G[name])) end
      for _, name in ipairs({"TXN", "HTTPClient", "Socket", "AppletHTTP", "AppletTCP", "HTTP", "HTTPMessage", "Channel", "Fetches", "Converters"}) do
        say(name, add({}, (debug.getregistry()[name] or {}).__index))
      end
      local _, regex = Regex.new("a", true)
      object("map", loaded) object("regex", regex) object("concat", core.concat())
      local proxy = core.proxies["site"]
      object("proxy", proxy) object("server", proxy.servers["origin"]) object("table", proxy.stktable)
      for _, listener in pairs(proxy.listeners) do object("listener", listener) end
      if core.queue then object("queue", core.queue()) end
      if core.get_patref then object("patref", core.get_patref("${map}")) end
      if core.event_sub then object("event", core.event_sub({"SERVER_UP"}, function() end)) end
      -- Initialisation is not part of a check by -c, so the process itself must end here.
      io.stdout:flush()
      os.exit(0)
    end)`,
  );
  writeFileSync(
    config,
    `global
  lua-load ${script}
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
listen site
  bind ${loopback}:${await freePort()}
  stick-table type ip size 10 store gpc0
  http-request deny if { path,map(${map}) -m found }
  server origin ${loopback}:1
`,
  );
  const output = await runOrThrow(haproxyBin, ['-db', '-f', config]);
  const lines = output.split('\n').filter((line) => line.startsWith('OFFERED '));
  return new Map(
    lines
      .map((line) => line.split(' ').slice(1))
      .map(([name = '', ...names]) => [name, new Set(names.filter((one) => one !== ''))]),
  );
}

function readDeclarations(): Map<string, Members> {
  const found = new Map<string, Members>();
  for (const file of readdirSync(declarations)) {
    const path = join(declarations, file);
    const source = ts.createSourceFile(path, ts.sys.readFile(path) ?? '', ts.ScriptTarget.Latest, true);
    for (const statement of source.statements) {
      if (ts.isInterfaceDeclaration(statement)) {
        note(found, statement.name.text, statement.members);
      } else if (
        ts.isModuleDeclaration(statement) &&
        statement.body !== undefined &&
        ts.isModuleBlock(statement.body)
      ) {
        note(found, statement.name.text, statement.body.statements);
      }
    }
  }
  return found;
}

/** Notes the named members that carry a `@since` tag; types within a namespace carry none. */
function note(found: Map<string, Members>, name: string, nodes: readonly ts.Node[]): void {
  const members = found.get(name) ?? new Map<string, string>();
  for (const node of nodes) {
    const tags = ts.getJSDocTags(node).filter((tag) => tag.tagName.text === 'since');
    const since = ts.getTextOfJSDocComment(tags[0]?.comment);
    for (const member of namesOf(node)) {
      if (since !== undefined || !(ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node))) {
        members.set(member, members.get(member) ?? since ?? '');
      }
    }
  }
  found.set(name, members);
}

function namesOf(node: ts.Node): string[] {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations.map(({ name }) => name.getText());
  if (ts.isFunctionDeclaration(node)) return [node.name?.text ?? ''];
  if (ts.isMethodSignature(node) || ts.isPropertySignature(node)) {
    return [ts.isStringLiteral(node.name) ? node.name.text : node.name.getText()];
  }
  return [];
}
