/** @noSelfInFile */

/** A string builder, quicker than `..` for many pieces; made by `core.concat`. @see HAProxy Lua API, "Concat class" */
interface Concat {
  /** Appends a piece. @since 1.7 */
  add(piece: string): void;
  /** All the pieces as one string. @since 1.7 */
  dump(): string;
}
