import { basename, dirname, isAbsolute, relative, resolve } from 'node:path';
import type { HaproxyConfig, TlsBind } from './config-model.js';
import { withBase } from './config-state.js';

/** What tells names of the same file. Left out, names are compared as they are written. */
export interface NameOptions {
  /** The path without symbolic links; of a path that does not exist, itself. */
  readonly realpath?: (path: string) => string;
  /** The content of crt-lists, by their names as binds have them. */
  readonly crtLists?: ReadonlyMap<string, readonly { readonly certificate: string }[]>;
}

/** Ends of the files that HAProxy loads for a certificate of which only the common part is named. */
const keyTypes = ['.rsa', '.ecdsa', '.dsa'];

/**
 * The names by which HAProxy may have loaded a bundle, or would load it: those that its configuration gives first, then
 * those that a crt-list may.
 * @param cwd directory in which HAProxy was started.
 */
export function candidateNames(
  bundlePath: string,
  config: HaproxyConfig,
  cwd: string,
  options: NameOptions = {},
): readonly string[] {
  const same = sameFile(bundlePath, options.realpath);
  const stored = config.storedCertificates.filter(({ directory, crt }) => same.file(resolve(directory, crt)));
  const bound = config.tlsBinds.flatMap((bind) => [
    ...bind.crts.flatMap((crt) => namesByCrt(crt, bind.directory, same)),
    ...bind.crtLists
      .flatMap((list) => options.crtLists?.get(list) ?? [])
      .map(({ certificate }) => withBase(config.crtBase, certificate))
      .flatMap((name) => namesByFile(name, bind.directory, same)),
  ]);
  const base = config.crtBase === undefined ? [] : [config.crtBase];
  const directories = [cwd, ...config.tlsBinds.map((bind) => bind.directory)];
  const usual = [
    bundlePath,
    ...base.flatMap((directory) => within(resolve(cwd, directory), bundlePath).map((path) => `${directory}/${path}`)),
    ...directories.flatMap((directory) => within(directory, bundlePath)),
  ];
  return [...new Set([...stored.map(({ name }) => name), ...bound, ...usual])];
}

/**
 * Of the lists that `show ssl crt-list` names, the directories that hold the file, and a crt-list that is the file.
 * HAProxy writes a directory without the slash at its end.
 */
export function listsHolding(
  path: string,
  listNames: readonly string[],
  cwd: string,
  options: Pick<NameOptions, 'realpath'> = {},
): readonly string[] {
  const same = sameFile(path, options.realpath);
  return listNames.filter((list) => same.file(resolve(cwd, list)) || same.directory(resolve(cwd, list)));
}

/**
 * The binds that load a bundle: by its file, by its directory, from a store, or from a crt-list.
 * @param crtList path of a crt-list that names the bundle.
 */
export function bindsServing(
  bundlePath: string,
  crtList: string | undefined,
  config: HaproxyConfig,
  options: NameOptions = {},
): readonly TlsBind[] {
  const same = sameFile(bundlePath, options.realpath);
  const list = crtList === undefined ? undefined : sameFile(crtList, options.realpath);
  const stored = config.storedCertificates.filter(({ directory, crt }) => same.file(resolve(directory, crt)));
  const loads = (bind: TlsBind, name: string): boolean =>
    stored.some((certificate) => certificate.name === name) || namesByCrt(name, bind.directory, same).length > 0;
  return config.tlsBinds.filter(
    (bind) =>
      bind.crts.some((crt) => loads(bind, crt)) ||
      bind.crtLists.some((name) => {
        const entries = options.crtLists?.get(name) ?? [];
        return (
          list?.file(resolve(bind.directory, name)) === true ||
          entries.some(({ certificate }) => loads(bind, withBase(config.crtBase, certificate)))
        );
      }),
  );
}

interface Same {
  readonly path: string;
  readonly file: (path: string) => boolean;
  /** Whether the file is in this directory. */
  readonly directory: (path: string) => boolean;
}

function sameFile(path: string, realpath: (path: string) => string = (given) => given): Same {
  const [file, directory] = [realpath(path), realpath(dirname(path))];
  return {
    path,
    file: (other) => other === path || realpath(other) === file,
    directory: (other) => other === dirname(path) || realpath(other) === directory,
  };
}

/** HAProxy joins a directory, freed of the slashes at its end, and each file in it. */
function namesByCrt(crt: string, directory: string, same: Same): readonly string[] {
  const inDirectory = same.directory(resolve(directory, crt)) && !crt.startsWith('@');
  return inDirectory ? [`${crt.replace(/\/+$/, '')}/${basename(same.path)}`] : namesByFile(crt, directory, same);
}

function namesByFile(name: string, directory: string, same: Same): readonly string[] {
  if (name.startsWith('@')) return [];
  return ['', ...keyTypes].map((end) => name + end).filter((file) => same.file(resolve(directory, file)));
}

/** The path from the directory to the file in it. */
function within(directory: string, path: string): readonly string[] {
  const way = relative(directory, path);
  return way === '' || way.startsWith('..') || isAbsolute(way) ? [] : [way];
}
