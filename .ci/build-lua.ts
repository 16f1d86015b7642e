import { execFile } from 'node:child_process';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { parseConfigFileWithSystem, transpileFiles } from 'typescript-to-lua';
import { linkLua, type LuaModule } from './link-lua.js';

const root = resolve(import.meta.dirname, '..');
const fileName = 'acme-http01.lua';

/** Run on the finished file where they are installed; the exit code decides. */
const checkers: readonly (readonly [command: string, ...args: string[]])[] = [
  ['luac5.3', '-p'],
  ['luac5.4', '-p'],
  ['luacheck', '--config', join(root, '.luacheckrc'), '--no-cache', '--no-color', '--quiet'],
];

/**
 * Compiles src-lua into `outputDirectory/acme-http01.lua`. A build that fails in any way, a checker's refusal included,
 * throws and leaves the file of an earlier build as it was.
 */
export async function buildLua(outputDirectory: string, version: string): Promise<void> {
  const code = header(version) + linkLua(compile(join(root, 'tsconfig.lua.json')), 'main');
  const directory = await mkdtemp(join(outputDirectory, '.lua-'));
  try {
    const file = join(directory, fileName);
    await writeFile(file, code);
    for (const [command, ...args] of checkers) await check(command, [...args, file]);
    await rename(file, join(outputDirectory, fileName));
  } finally {
    await rm(directory, { recursive: true });
  }
}

function header(version: string): string {
  return `-- acme-http01 ${version}: answers ACME http-01 challenges (RFC 8555 section 8.3) inside HAProxy 2.4 or newer.
-- Part of haproxy-acme. Licence: MIT. Generated from TypeScript (src-lua/); changes made here are lost.
--
-- Settings are environment variables, given by 'setenv' in HAProxy's global section before lua-load or
-- lua-load-per-thread. At least one is needed; they are asked in this order:
--   ACME_MAP         path of a HAProxy map, token -> key authorization, filled through the Runtime API
--   ACME_WEBROOT     directory that holds .well-known/acme-challenge/TOKEN (under chroot: the path inside it)
--   ACME_THUMBPRINT  thumbprint of the ACME account key, for answers without any state
-- Use: http-request use-service lua.acme-http01 if { path_beg /.well-known/acme-challenge/ }

local VERSION = "${version}"

`;
}

/** The modules of the project, by name: `main`, `http01.token`. Declarations leave no code and are left out. */
function compile(configFile: string): LuaModule[] {
  const modules: LuaModule[] = [];
  const source = join(root, 'src-lua');
  const outDir = join(root, 'unwritten');
  const { fileNames, options, errors } = parseConfigFileWithSystem(configFile);
  // One file for each module instead of typescript-to-lua's own bundle; nothing is written, so outDir only gives names.
  const separate = { ...options, rootDir: source, outDir };
  delete separate.luaBundle;
  delete separate.luaBundleEntry;
  const result = transpileFiles(fileNames, separate, (path, code) => {
    modules.push({ name: moduleName(relative(outDir, path)), code });
  });
  const diagnostics = [...errors, ...result.diagnostics];
  if (diagnostics.length > 0) {
    const host = {
      getCurrentDirectory: () => root,
      getCanonicalFileName: (path: string) => path,
      getNewLine: () => '\n',
    };
    throw new Error(`src-lua does not compile:\n${ts.formatDiagnostics(diagnostics, host)}`);
  }
  // The compiler prints a module even for a file of declarations alone.
  return modules;
}

function moduleName(path: string): string {
  return path.replace(/\.lua$/, '').replaceAll(/[/\\]/g, '.');
}

async function check(command: string, args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(command, args);
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (code === 'ENOENT') return;
    throw new Error(`${command} refuses the built Lua:\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
}
