/** @noSelfInFile */

/** A regular expression of the library that HAProxy was built with, 20 groups at most. @see HAProxy Lua API, "Regex class" */
interface Regex {
  /** True if the expression occurs in the text. @since 1.8 */
  exec(text: string): boolean;
  /** Whether the expression occurs in the text, and if so the whole match followed by its groups. @since 1.8 */
  match(text: string): LuaMultiReturn<[true, string[]] | [false, undefined?]>;
}

/**
 * What the Lua global `Regex` offers.
 * @noSelf
 */
interface RegexConstructor {
  /** Compiles an expression, best while the file loads: true and the expression, or false and the reason. @since 1.8 */
  readonly new: (
    expression: string,
    caseSensitive: boolean,
  ) => LuaMultiReturn<[ok: true, regex: Regex] | [ok: false, reason: string]>;
}

declare const Regex: RegexConstructor;
