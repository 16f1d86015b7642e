import { readBindOptions } from './bind-line.js';
import { readEndpoints, readServerAddress } from './config-addresses.js';
import { takeGlobal } from './config-global.js';
import type { Statement } from './config-lines.js';
import { addressScope, withBase, type ReadingState, type Section } from './config-state.js';

/** Keywords that begin a section wherever they stand. */
const sectionKinds = new Set([
  ...['global', 'defaults', 'frontend', 'backend', 'listen', 'peers', 'log-forward', 'crt-store', 'acme', 'cache'],
  ...['fcgi-app', 'http-errors', 'log-profile', 'mailers', 'namespace_list', 'program', 'resolvers', 'ring'],
  ...['traces', 'userlist', 'healthcheck'],
]);

export function takeStatement(state: ReadingState, statement: Statement): void {
  const [keyword = ''] = statement.words;
  if (sectionKinds.has(keyword)) {
    beginSection(state, statement.words);
    return;
  }
  const { section } = state;
  if (section === undefined) return;
  switch (section.kind) {
    case 'global':
      takeGlobal(state, statement);
      break;
    case 'defaults':
      if (keyword === 'disabled' || keyword === 'enabled') {
        state.lastDefaults = keyword === 'disabled';
        state.defaults.set(section.name, state.lastDefaults);
      }
      break;
    case 'crt-store':
      takeStored(state, section, statement.words);
      break;
    case 'backend':
      takeServer(state, statement);
      break;
    case 'listen':
      takeServer(state, statement);
      takeProxys(state, section, statement);
      break;
    case 'frontend':
    case 'peers':
    case 'log-forward':
      takeProxys(state, section, statement);
      break;
    default:
  }
}

/** `frontend NAME [from DEFAULTS]`: without a name the last `defaults` before it apply. */
function beginSection(state: ReadingState, words: readonly string[]): void {
  const [kind = '', second = '', ...others] = words;
  const name = second === 'from' && kind === 'defaults' ? '' : second;
  const after = name === '' ? words.slice(1) : others;
  const from = after[0] === 'from' ? after[1] : undefined;
  const inherits = kind === 'frontend' || kind === 'listen' || kind === 'backend';
  const inherited = from === undefined ? inherits && state.lastDefaults : (state.defaults.get(from) ?? false);
  state.section = {
    kind,
    name,
    disabled: { now: inherited },
    crtBase: undefined,
    keyBase: undefined,
    used: [],
    bindWords: [],
  };
  if (kind === 'defaults') {
    state.lastDefaults = inherited;
    state.defaults.set(name, inherited);
  }
}

function takeProxys(state: ReadingState, section: Section, statement: Statement): void {
  const [keyword, ...words] = statement.words;
  if (keyword === 'bind') takeBind(state, section, statement);
  if (keyword === 'disabled' || keyword === 'enabled') section.disabled.now = keyword === 'disabled';
  if (keyword === 'default-bind' && section.kind === 'peers') {
    takeBind(state, section, { ...statement, words: ['bind', '', ...words] });
    section.bindWords.push(...words);
  }
  if (keyword === 'ssl-f-use') {
    const crts = readBindOptions(words).crts.map((crt) => withBase(state.crtBase, crt));
    section.used.push(...crts);
    const name = nameOf(section);
    for (const bind of state.binds) if (bind.section === name) bind.crts.push(...crts);
  }
}

/** `server NAME ADDRESS ...` */
function takeServer(state: ReadingState, { words: [keyword, , address = ''] }: Statement): void {
  const server = keyword === 'server' ? readServerAddress(address, addressScope(state)) : undefined;
  if (server !== undefined) state.servers.push(server);
}

function takeBind(state: ReadingState, section: Section, { file, line, words }: Statement): void {
  const [, addresses = '', ...written] = words;
  const options = readBindOptions([...section.bindWords, ...written]);
  if (!options.ssl) return;
  state.binds.push({
    file: file.path,
    line,
    section: nameOf(section),
    endpoints: readEndpoints(addresses, addressScope(state)),
    crts: [...options.crts.map((crt) => withBase(state.crtBase, crt)), ...section.used],
    crtLists: options.crtLists,
    strictSni: options.strictSni,
    acceptProxy: options.acceptProxy,
    directory: state.directory,
    disabled: section.disabled,
  });
}

function nameOf({ kind, name }: Section): string {
  return name === '' ? kind : `${kind} ${name}`;
}

/** `load crt FILE [alias NAME] [key FILE] ...`, each keyword with a value. */
function takeStored(state: ReadingState, section: Section, words: readonly string[]): void {
  const [keyword, first] = words;
  if (keyword === 'crt-base') section.crtBase = first;
  if (keyword === 'key-base') section.keyBase = first;
  if (keyword !== 'load') return;
  const value = (wanted: string): string | undefined => {
    const at = words.findIndex((word, index) => index % 2 === 1 && word === wanted);
    return at === -1 ? undefined : words[at + 1];
  };
  const [crt, alias, key] = [value('crt'), value('alias'), value('key')];
  if (crt === undefined) return;
  const path = withBase(section.crtBase ?? state.crtBase, crt);
  state.storedCertificates.push({
    name: storedName(section.name, alias, { crt, path }),
    crt: path,
    key: key === undefined ? undefined : withBase(section.keyBase ?? state.keyBase, key),
    directory: state.directory,
  });
}

function storedName(store: string, alias: string | undefined, file: { crt: string; path: string }): string {
  if (alias !== undefined) return `@${store}/${alias}`;
  if (store === '') return file.path;
  return `@${store}${file.crt.startsWith('/') ? '' : '/'}${file.crt}`;
}
