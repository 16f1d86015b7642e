/** One module as typescript-to-lua prints it: a chunk that asks for others by `require("NAME")` and returns its exports. */
export interface LuaModule {
  readonly name: string;
  readonly code: string;
}

const requireCall = /\brequire\("([^"]+)"\)/g;
/** How the compiler prints an import: every use of the alias is a member of it. */
const importedModule = /^local (____\w+) = require\("([^"]+)"\)\n/gm;

/**
 * Joins modules into one self-contained chunk: a local for each module, dependency first, the entry's statements last.
 * typescript-to-lua's own bundle brings a loader, which is longer than the program, and falls back to Lua's global `require`.
 */
export function linkLua(modules: readonly LuaModule[], entry: string): string {
  const byName = new Map(modules.map((module) => [module.name, module]));
  const linked: string[] = [];
  const open = new Set<string>();
  const done = new Set<string>();

  const visit = (name: string, asker: string): void => {
    if (done.has(name)) return;
    const module = byName.get(name);
    if (module === undefined) throw new Error(`${asker} requires '${name}', which is not part of the build`);
    if (open.has(name)) throw new Error(`'${name}' requires itself by way of '${asker}': break the cycle`);
    open.add(name);
    for (const [, dependency] of module.code.matchAll(requireCall)) visit(dependency ?? '', name);
    done.add(name);
    linked.push(name === entry ? entryBlock(module) : moduleBlock(module));
  };
  visit(entry, 'the entry');
  return linked.join('\n');
}

function moduleBlock({ name, code }: LuaModule): string {
  return `-- ${name}\nlocal ${localName(name)} = (function()\n${indent(resolved(code))}\nend)()\n`;
}

/** The entry's exports have no reader, so it needs neither the table nor the `return` at its end. */
function entryBlock({ name, code }: LuaModule): string {
  const body = resolved(code)
    .replace(/^local ____exports = \{\}\n/, '')
    .replace(/\nreturn ____exports$/, '');
  if (body.includes('____exports')) throw new Error(`the entry '${name}' must not export anything`);
  return `-- ${name}\n${body}\n`;
}

function resolved(code: string): string {
  const aliases = new Map<string, string>();
  return (
    code
      .trim()
      .replaceAll(importedModule, (_line, alias: string, name: string) => {
        aliases.set(alias, localName(name));
        return '';
      })
      .replaceAll(/\b____\w+(?=\.)/g, (alias) => aliases.get(alias) ?? alias)
      // The compiler's name for a value that nobody reads; Lua's own, which luacheck knows, is _.
      .replaceAll(/\b____\b/g, '_')
  );
}

/** `http01.token` -> `http01_token`. */
function localName(module: string): string {
  return module.replaceAll(/\W/g, '_');
}

function indent(code: string): string {
  return code.replaceAll(/^(?=.)/gm, '    ');
}
