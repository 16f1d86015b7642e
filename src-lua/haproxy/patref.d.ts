/** @noSelfInFile */

/** What an update of a `Patref` answers: true, or nil and the reason. */
type PatrefResult = LuaMultiReturn<[done: true] | [done: undefined, reason: string]>;

/**
 * An ACL or map file that HAProxy has loaded, from `core.get_patref`; iterated by `for ... of`, it gives keys and values.
 * Each task or action needs one of its own.
 * @see HAProxy Lua API, "Patref class"
 */
interface Patref extends LuaPairsIterable<string, string> {
  /** The value of the first entry of exactly that key, or nil; `patref.get(key)` compiles to `patref[key]`. @since 3.2 */
  readonly get: LuaTableGetMethod<string, string | undefined>;
  /** The name: a file's path, or with `virt@` or `opt@` before it. @since 3.2 */
  get_name(): string;
  /** True for a map, false for an ACL. @since 3.2 */
  is_map(): boolean;
  /** Removes every entry at once, `prepare` or not. @since 3.2 */
  purge(): void;
  /** Begins an empty new version, which the other functions then change, until `commit` or `giveup`. @since 3.2 */
  prepare(): void;
  /** Puts the version begun by `prepare` in the place of the live one; if that fails it is lost. @since 3.2 */
  commit(): PatrefResult;
  /** Drops the version begun by `prepare`. @since 3.2 */
  giveup(): void;
  /** Adds an entry; the value is for maps. @since 3.2 */
  add(key: string, value?: string): PatrefResult;
  /** Adds many entries: keys for an ACL, values by key for a map. @since 3.2 */
  add_bulk(entries: readonly string[] | Readonly<Record<string, string>>): PatrefResult;
  /** Removes every entry of that key; false if HAProxy could not. @since 3.2 */
  del(key: string): boolean;
  /** Sets every entry of that key in a map; with `force` it is added if absent. @since 3.2 */
  set(key: string, value: string, force?: boolean): PatrefResult;
  /** Calls back on changes of this file; there is no data with the event. @since 3.2 */
  event_sub(types: readonly PatrefEventType[], callback: EventCallback<PatrefEventType, undefined>): EventSub;
}
