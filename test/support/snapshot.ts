import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Everything below a directory, by its path: kind, mode, owner, and content or target. Times are left out. */
export function snapshot(root: string, except: RegExp = /^$/): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const visit = (directory: string): void => {
    for (const name of readdirSync(directory)) {
      const path = join(directory, name);
      const shown = relative(root, path);
      if (except.test(shown)) continue;
      const { mode, uid, gid } = lstatSync(path);
      const access = `${mode.toString(8)} ${uid}:${gid}`;
      const stats = lstatSync(path);
      if (stats.isSymbolicLink()) found[shown] = `${access} -> ${readlinkSync(path)}`;
      else if (stats.isFile())
        found[shown] = `${access} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
      else found[shown] = access;
      if (stats.isDirectory()) visit(path);
    }
  };
  visit(root);
  return found;
}
