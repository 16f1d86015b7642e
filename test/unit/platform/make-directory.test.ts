import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeDirectory } from '../../../src-node/platform/make-directory.js';
import { temporaryDirectory } from '../../support/temporary.js';

const directory = temporaryDirectory();
afterAll(directory.remove);
const at = (path: string): string => join(directory.path, path);
const mode = (path: string): number => statSync(at(path)).mode & 0o777;

describe('makeDirectory', () => {
  it('makes those above too, and leaves what is there', async () => {
    mkdirSync(at('there'), { mode: 0o711 });
    await makeDirectory(at('there/a/b'), 0o700);
    await makeDirectory(at('there'), 0o700);
    expect([mode('there'), mode('there/a'), mode('there/a/b')]).toEqual([0o711, 0o700, 0o700]);
  });

  it('follows a link to a directory', async () => {
    symlinkSync('there', at('link'));
    await makeDirectory(at('link/c'), 0o700);
    expect(mode('there/c')).toBe(0o700);
  });

  it('gives up below a link that leads nowhere, and below a file', async () => {
    symlinkSync('nowhere', at('dangling'));
    writeFileSync(at('file'), '');
    await expect(makeDirectory(at('dangling/a/b'), 0o700)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(makeDirectory(at('file/a'), 0o700)).rejects.toMatchObject({ code: 'ENOTDIR' });
  });
});
