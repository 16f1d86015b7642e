/** @noSelfInFile */

/** The codes that an action may return. @see HAProxy Lua API, "Action class" */
declare namespace act {
  /** One of the codes below. */
  type Code = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;
  /** What an action returns: a code, or nothing, which means `act.CONTINUE`. */
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- most actions end without a return statement.
  type Result = Code | void;

  /** Go on with the next rule. @since 2.2 */
  const CONTINUE: 0;
  /** Leave out the remaining rules of this rule set. @since 2.2 */
  const STOP: 1;
  /** Call the action again from its start, when more data has come or `act.wake_time` has passed. @since 2.2 */
  const YIELD: 2;
  /** An internal error: the transaction ends, over HTTP with 500. @since 2.2 */
  const ERROR: 3;
  /** Stop processing the message. @since 2.2 */
  const DONE: 4;
  /** Refuse the message: over HTTP 403 for a request, 502 for a response. @since 2.2 */
  const DENY: 5;
  /** End the transaction without an answer; the action has given one. @since 2.2 */
  const ABORT: 6;
  /** The message is invalid: over HTTP 400 for a request, 502 for a response. @since 2.2 */
  const INVALID: 7;

  /**
   * The longest wait in milliseconds before an action that returned `act.YIELD` is called again. It is called with a
   * dot: it takes one argument exactly, though the manual writes a colon.
   * @since 2.2
   */
  function wake_time(milliseconds: number): void;
}
