import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

export interface HaproxyUnderTest {
  /** `haproxy-3.0.11`; with its path where two have one version. */
  readonly name: string;
  readonly bin: string;
}

/** The programs of `HAPROXY_BINS=a:b`, each asked for its version. What does not answer as HAProxy is refused. */
export function haproxiesToTest(bins: string): HaproxyUnderTest[] {
  const found = bins
    .split(':')
    .filter((bin) => bin !== '')
    .map((bin) => ({ name: `haproxy-${versionOf(bin)}`, bin: resolve(bin) }));
  const twice = (name: string): boolean => found.filter((other) => other.name === name).length > 1;
  return found.map(({ name, bin }) => ({ name: twice(name) ? `${name} ${bin}` : name, bin }));
}

/** The version that a program says it has as HAProxy: `3.0.11`. */
function versionOf(bin: string): string {
  const { error, stdout } = spawnSync(bin, ['-v'], { encoding: 'utf8', timeout: 10_000 });
  const version = /^HA-?Proxy version (\d+\.\d+[\w.]*)/.exec(stdout)?.[1];
  if (version !== undefined) return version;
  const why = { ENOENT: 'there is no such file', EACCES: 'it is not executable' }[
    (error as NodeJS.ErrnoException | undefined)?.code ?? ''
  ];
  throw new Error(
    `HAPROXY_BINS names ${bin}, which cannot be tested: ${why ?? "it does not answer '-v' as HAProxy does"}. ` +
      'Give the paths of HAProxy programs, with colons between them.',
  );
}

/** What starts HAProxy does so by test/support/haproxy.ts. */
const starter = 'test/support/haproxy.ts';
/** Where an import ends, at the beginning of a line: what a test quotes is none. */
const importedFile = /^(?:import |export |\}).*\bfrom '(\.[^']+)\.js';$/gm;

/** The test files below `root` that reach the starter by what they import, itself or through others. */
export function filesThatRunHaproxy(root: string): string[] {
  const reaches = new Map<string, boolean>([[join(root, starter), true]]);
  const look = (file: string): boolean => {
    const known = reaches.get(file);
    if (known !== undefined) return known;
    // Until it is known otherwise, which ends circles of imports.
    reaches.set(file, false);
    const imported = [...readFileSync(file, 'utf8').matchAll(importedFile)].map(([, path]) =>
      resolve(dirname(file), `${path ?? ''}.ts`),
    );
    const found = imported.some((path) => path.startsWith(join(root, 'test/')) && look(path));
    reaches.set(file, found);
    return found;
  };
  return readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(root, 'test', name))
    .filter(look)
    .map((file) => relative(root, file));
}
