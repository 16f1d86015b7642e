import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';

/** True for a file, also behind a link, that this user may execute. */
export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
