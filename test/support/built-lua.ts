import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildLua } from '../../.ci/build-lua.js';
import { temporaryDirectory } from './temporary.js';

const root = resolve(import.meta.dirname, '../..');

export const packageVersion: string = (
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
).version;

/** Builds acme-http01.lua from the sources as they are now, into a temporary directory of its own. */
export async function builtLua(): Promise<{ file: string; remove: () => void }> {
  const directory = temporaryDirectory();
  await buildLua(directory.path, packageVersion);
  return { file: join(directory.path, 'acme-http01.lua'), remove: directory.remove };
}
