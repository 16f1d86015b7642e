/** @noSelfInFile */

/**
 * A filter written in Lua: the definition that `core.register_filter` takes, and each filter that `new` makes of it.
 * A callback that is not there is not called. Callbacks cannot wait. End a callback without a value by falling off its end
 * or by `return;`: `return undefined` compiles to `return nil`, which HAProxy reads as 0.
 * @see HAProxy Lua API, "Filter class"
 */
interface Filter {
  /** A name for HAProxy's messages. @since 2.5 */
  id?: string;
  /** `filter.FLT_CFG_FL_HTX` if it filters HTTP, else absent. @since 2.5 */
  flags?: number;
  /** Makes the filter of one stream; `this` is the copy that `core.register_filter` describes. Required. @since 2.5 */
  'new'?(): Filter;
  /** The analysis of a channel begins. @since 2.5 */
  start_analyze?(txn: TXN, channel: Channel): filter.Result;
  /** The analysis of a channel ends. @since 2.5 */
  end_analyze?(txn: TXN, channel: Channel): filter.Result;
  /** The head of a message is complete. @since 2.5 */
  http_headers?(txn: TXN, message: HTTPMessage): filter.Result;
  /** A part of a body has come; the result is how many bytes may pass, all of them if it returns nothing. @since 2.5 */
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a filter that only looks returns nothing.
  http_payload?(txn: TXN, message: HTTPMessage): number | void;
  /** A message has passed. @since 2.5 */
  http_end?(txn: TXN, message: HTTPMessage): filter.Result;
  /** Data has come over TCP; the result is how many bytes may pass, all of them if it returns nothing. @since 2.5 */
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a filter that only looks returns nothing.
  tcp_payload?(txn: TXN, channel: Channel): number | void;
}

/** Constants and functions for the callbacks of a `Filter`. */
declare namespace filter {
  /** One of the codes below. */
  type Code = -1 | 0 | 1;
  /** What a callback returns: a code, or nothing, which means `filter.CONTINUE`. */
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- most callbacks end without a return statement.
  type Result = Code | void;

  /** Go on: this step of the filter is done. @since 2.5 */
  const CONTINUE: 1;
  /** Wait for more data or for an event. @since 2.5 */
  const WAIT: 0;
  /** End with an error. @since 2.5 */
  const ERROR: -1;
  /** Flag of a definition: the filter handles HTTP. @since 2.5 */
  const FLT_CFG_FL_HTX: number;

  /** Has the payload callbacks of this filter called for a channel. @since 2.5 */
  function register_data_filter(self: Filter, channel: Channel): void;
  /** Has them called no longer. @since 2.5 */
  function unregister_data_filter(self: Filter, channel: Channel): void;
  /** Wakes the filter after so many milliseconds at most. @since 2.5 */
  function wake_time(milliseconds: number): void;
}
