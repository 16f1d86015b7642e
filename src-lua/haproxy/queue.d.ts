/** @noSelfInFile */

/** A first-in, first-out queue between tasks; made by `core.queue`. @see HAProxy Lua API, "Queue class" */
interface Queue<T extends AnyNotNil = AnyNotNil> {
  /** How many items wait. @since 2.8 */
  size(): number;
  /** Appends an item, which must not be nil; false if HAProxy could not. @since 2.8 */
  push(item: T): boolean;
  /** Takes the first item, or nil if there is none. @since 2.8 */
  pop(): T | undefined;
  /** Takes the first item, waiting for one; nil only after an error. Contexts: task, action, service. @since 2.8 */
  pop_wait(): T | undefined;
  /** Wakes this Lua code, when it waits in `core.wait`, as soon as an item comes. @since 3.2 */
  alarm(): void;
}
