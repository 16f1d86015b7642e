/** @noSelfInFile */

/** What a stick table is. */
interface StickTableInfo {
  /** The type of its keys. */
  readonly type: 'ip' | 'ipv6' | 'integer' | 'string' | 'binary';
  /** The length of a key; of string keys the greatest. */
  readonly length: number;
  /** Milliseconds that an entry lives. */
  readonly expire: number;
  /** How many entries it can hold. */
  readonly size: number;
  /** How many it holds. */
  readonly used: number;
  /** True if a full table keeps its oldest entries. */
  readonly nopurge: boolean;
  /** Milliseconds of the period of each stored rate by name; -1 for what is not a rate. */
  readonly data: ReadonlyLuaMap<string, number>;
}

/** An entry: its stored values by name, and with `lookup` also `use` (holders) and `expire` (milliseconds left). */
type StickTableEntry = ReadonlyLuaMap<string, number | string>;

/** A stick table, `Proxy.stktable`. Contexts: task, action, fetch. @see HAProxy Lua API, "StickTable class" */
interface StickTable {
  /** What the table is. @since 1.9 */
  info(): StickTableInfo;
  /** The entry of a key, or nil. @since 1.9 */
  lookup(key: string): StickTableEntry | undefined;
  /** Every entry by key, or those that meet up to four conditions; slow for a large table. @since 1.9 */
  dump(
    conditions?: readonly (readonly [name: string, operator: 'eq' | 'ne' | 'le' | 'lt' | 'ge' | 'gt', value: number])[],
  ): ReadonlyLuaMap<string | number, StickTableEntry>;
}
