import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildLua } from '../../../.ci/build-lua.js';
import { temporaryDirectory } from '../../support/temporary.js';

it('leaves the output of an earlier build alone when a checker refuses the new one', async () => {
  const directory = temporaryDirectory();
  try {
    const file = join(directory.path, 'acme-http01.lua');
    writeFileSync(file, 'earlier');
    await expect(buildLua(directory.path, '1.0"\nnot Lua')).rejects.toThrow(/luac5\.3/);
    expect(readFileSync(file, 'utf8')).toBe('earlier');
    await expect(buildLua(directory.path, '1.0"\nleaked = 1 -- ')).rejects.toThrow(/luacheck/);
    expect(readFileSync(file, 'utf8')).toBe('earlier');
    expect(readdirSync(directory.path)).toEqual(['acme-http01.lua']);
    await buildLua(directory.path, '1.0');
    expect(readFileSync(file, 'utf8')).toContain('acme-http01 1.0');
    expect(readdirSync(directory.path)).toEqual(['acme-http01.lua']);
  } finally {
    directory.remove();
  }
});
