/**
 * Builds dist/: the command and its lazily loaded chunks, the library and its types, the Lua service, and the
 * declarations of HAProxy's Lua API. All of it is made in a directory beside dist/, which takes its place at the end: a
 * build that fails leaves the last good output alone.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import { buildLua } from './build-lua.js';

const root = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  external: ['fs-native-extensions'],
  legalComments: 'linked',
  logLevel: 'error',
} as const satisfies BuildOptions;
const versionConstant = { __VERSION__: JSON.stringify(version) };

/** bin.ts reaches the rest of the program by import(), in the file that the other build makes of it. */
const restOfProgram: Plugin = {
  name: 'rest-of-program',
  setup: (setup) => {
    setup.onResolve({ filter: /\/run-cli\.js$/ }, () => ({ path: './run-cli.mjs', external: true }));
  },
};

/** The executable is CommonJS, which Node starts sooner than an ES module, and holds no more than the first look needs. */
async function buildExecutable(output: string): Promise<void> {
  await build({
    ...common,
    entryPoints: { 'haproxy-acme': 'src-node/bin.ts' },
    outdir: output,
    format: 'cjs',
    define: { ...versionConstant, 'import.meta.url': '__filename' },
    plugins: [restOfProgram],
  });
  chmodSync(join(output, 'haproxy-acme.js'), 0o755);
  writeFileSync(join(output, 'package.json'), '{ "type": "commonjs" }\n');
}

// acme-client and what it needs are CommonJS modules that call require().
const requireForEsm =
  "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);";

async function buildModules(output: string): Promise<void> {
  await build({
    ...common,
    entryPoints: { 'run-cli': 'src-node/cli/run-cli.ts', index: 'src-node/index.ts', spop: 'src-node/spoe/spop.ts' },
    outdir: output,
    splitting: true,
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    banner: { js: requireForEsm },
    define: versionConstant,
  });
}

function buildTypes(output: string): void {
  const options = [
    '-p',
    'tsconfig.json',
    '--noEmit',
    'false',
    '--emitDeclarationOnly',
    '--outDir',
    join(output, 'types'),
  ];
  const files = ['--rootDir', root];
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...options, ...files], {
    cwd: root,
    stdio: 'inherit',
  });
  writeFileSync(join(output, 'types/package.json'), '{ "type": "module" }\n');
  for (const extra of ['test', '.ci', 'vitest.config.d.ts'])
    rmSync(join(output, 'types', extra), { recursive: true, force: true });
}

const output = join(root, `dist.${String(process.pid)}`);
try {
  await buildExecutable(output);
  await buildModules(output);
  buildTypes(output);
  await buildLua(output, version);
  cpSync(join(root, 'src-lua/haproxy'), join(output, 'haproxy-lua'), { recursive: true });
  const dist = join(root, 'dist');
  const old = `${output}.old`;
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(output, dist);
  rmSync(old, { recursive: true, force: true });
  console.log(`built dist/haproxy-acme.js and dist/acme-http01.lua, version ${version}`);
} finally {
  rmSync(output, { recursive: true, force: true });
}
