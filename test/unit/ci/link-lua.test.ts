import { describe, expect, it } from 'vitest';
import { linkLua } from '../../../.ci/link-lua.js';
import { run } from '../../support/child.js';

const module = (name: string, body: string): { name: string; code: string } => ({
  name,
  code: `local ____exports = {}\n${body}\nreturn ____exports`,
});

const printed = async (code: string): Promise<string> => {
  const { stdout, stderr } = await run('lua5.3', ['-'], { input: code });
  return stdout + stderr;
};

describe('linkLua', () => {
  it('puts each module once, before those that require it, without a require of its own', async () => {
    const code = linkLua(
      [
        module(
          'main',
          'local ____a = require("room.a")\nlocal ____b_2Dc = require("room.b-c")\nprint(____a.x, ____b_2Dc.y)',
        ),
        module('room.a', 'print("a")\nlocal ____b_2Dc = require("room.b-c")\n____exports.x = ____b_2Dc.y + 1'),
        module('room.b-c', 'print("b")\n____exports.y = 1'),
      ],
      'main',
    );
    expect(code).not.toContain('require');
    expect(await printed(code)).toBe('b\na\n2\t1\n');
  });

  it('names what nobody reads as Lua does', () => {
    expect(linkLua([module('main', 'for ____, v in ipairs({}) do print(v) end')], 'main')).toContain('for _, v in');
  });

  it('refuses a module that is not there, a cycle, and an entry that exports', () => {
    const asks = (name: string, other: string): { name: string; code: string } =>
      module(name, `local ____x = require("${other}")`);
    expect(() => linkLua([asks('main', 'absent')], 'main')).toThrow(/'absent'/);
    expect(() => linkLua([asks('main', 'a'), asks('a', 'b'), asks('b', 'a')], 'main')).toThrow(/cycle/);
    expect(() => linkLua([module('main', '____exports.x = 1')], 'main')).toThrow(/export/);
  });
});
