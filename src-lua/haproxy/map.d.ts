/** @noSelfInFile */

/** A way of matching a key against the entries of a map. @see HAProxy configuration manual, "ACL basics" */
type MapMethod = number & { readonly __mapMethod: never };

/**
 * A map that HAProxy has loaded. Every thread sees one set of entries, and sees what the Runtime API or `core.set_map`
 * changes at once.
 * @see HAProxy Lua API, "Map class"
 */
interface HaproxyMap {
  /** The value of the first entry that matches, or nil. @since 1.6 */
  lookup(key: string | number): string | undefined;
  /** The value of the first entry that matches, or the empty string. @since 1.6 */
  slookup(key: string | number): string;
}

/**
 * What the Lua global `Map` offers.
 * @noSelf
 */
interface HaproxyMapConstructor {
  /**
   * Loads a map, or takes the one that the configuration loads under the same name. Contexts: body. A file that cannot
   * be read stops HAProxy at its start.
   * @param name a file's path; since 3.0 also `virt@NAME` (no file) or `opt@PATH` (a file that may be missing)
   * @param method `HaproxyMap._str` unless told
   * @since 1.6
   */
  readonly new: (name: string, method?: MapMethod) => HaproxyMap;
  /** Entries are integers or ranges of them. @since 1.6 as `int`; present in 2.4 as `_int` */
  readonly _int: MapMethod;
  /** Entries are addresses or networks. @since 1.6 as `ip`; present in 2.4 as `_ip` */
  readonly _ip: MapMethod;
  /** Entries equal the key. @since 1.6 as `str`; present in 2.4 as `_str` */
  readonly _str: MapMethod;
  /** Entries begin the key. @since 1.6 as `beg`; present in 2.4 as `_beg` */
  readonly _beg: MapMethod;
  /** Entries occur in the key. @since 1.6 as `sub`; present in 2.4 as `_sub` */
  readonly _sub: MapMethod;
  /** Entries are parts of a path between slashes. @since 1.6 as `dir`; present in 2.4 as `_dir` */
  readonly _dir: MapMethod;
  /** Entries are parts of a name between dots. @since 1.6 as `dom`; present in 2.4 as `_dom` */
  readonly _dom: MapMethod;
  /** Entries end the key. @since 1.6 as `end`; present in 2.4 as `_end` */
  readonly _end: MapMethod;
  /** Entries are regular expressions. @since 1.6 as `reg`; present in 2.4 as `_reg` */
  readonly _reg: MapMethod;
}

/**
 * HAProxy's `Map`, under another name because TypeScript's own library has a `Map`; it compiles to `Map`.
 * @customName Map
 */
declare const HaproxyMap: HaproxyMapConstructor;
