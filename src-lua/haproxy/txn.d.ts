/** @noSelfInFile */

/** A whole HTTP answer as a table, for `TXN.reply` and `TXN.done`; it must fit HAProxy's buffer (`tune.bufsize`). */
interface ReplyTable {
  /** 200 unless told. */
  readonly status?: number;
  /** The usual one unless told. */
  readonly reason?: string;
  /** Header values by name. */
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  /** Empty unless told. */
  readonly body?: string;
}

/** An HTTP answer that an action builds and gives to `TXN.done`. @see HAProxy Lua API, "Reply class" */
interface Reply {
  /** The status. @since 2.2 */
  status: number;
  /** The reason phrase. @since 2.2 */
  reason: string;
  /** Header values by name. @since 2.2 */
  headers: Record<string, string[]>;
  /** The body, or nil. @since 2.2 */
  body: string | undefined;
  /** Sets the status; the reason is the usual one unless told. @since 2.2 */
  set_status(status: number, reason?: string): void;
  /** Adds a header. @since 2.2 */
  add_header(name: string, value: string): void;
  /** Removes every header of that name. @since 2.2 */
  del_header(name: string): void;
  /** Sets the body. @since 2.2 */
  set_body(body: string): void;
}

/**
 * The transaction: one HTTP request and response, or one TCP stream. Contexts: action, fetch, filter.
 * @see HAProxy Lua API, "TXN class"
 */
interface TXN extends HasVariables, HasPrivateData {
  /** Converters, with typed results. @since 1.6 */
  readonly c: Converters;
  /** Converters whose results are always strings. @since 1.6 */
  readonly sc: StringConverters;
  /** Sample fetches, with typed results. @since 1.6 */
  readonly f: Fetches;
  /** Sample fetches whose results are always strings. @since 1.6 */
  readonly sf: StringFetches;
  /** The request's data. @since 1.6 */
  readonly req: Channel;
  /** The response's data. @since 1.6 */
  readonly res: Channel;
  /** The HTTP message; nil in a proxy that is not of mode http. @since 1.6 */
  readonly http: HTTP | undefined;
  /** The HTTP request; nil outside a filter of a proxy of mode http. @since 2.5 */
  readonly http_req: HTTPMessage | undefined;
  /** The HTTP response; nil outside a filter of a proxy of mode http. @since 2.5 */
  readonly http_res: HTTPMessage | undefined;

  /** Logs a message to the proxy's log targets. @since 1.6 */
  log(level: core.LogLevel, message: string): void;
  /** Logs a message with the proxy's own severity. @since 1.6 */
  deflog(message: string): void;
  /** `log` with severity debug. @since 1.6 */
  Debug(message: string): void;
  /** `log` with severity info. @since 1.6 */
  Info(message: string): void;
  /** `log` with severity warning. @since 1.6 */
  Warning(message: string): void;
  /** `log` with severity alert. @since 1.6 */
  Alert(message: string): void;

  /** An answer to fill in, for `done`. Contexts: action. @since 2.2 */
  reply(reply?: ReplyTable): Reply;
  /**
   * Ends the transaction and the Lua code. In an action an HTTP answer can be given (since 2.2); without one the
   * connection just ends.
   * @since 1.6
   */
  done(reply?: Reply | ReplyTable): never;

  /** Sets the severity of the transaction's own log line; `core.silent` (since 3.0) for none. @since 1.6 */
  set_loglevel(level: core.LogLevel | typeof core.silent): void;
  /** Sets the netfilter mark of packets to the client. @since 3.0; `set_mark` before */
  set_fc_mark(mark: number): void;
  /** Sets the TOS or DSCP field of packets to the client. @since 3.0; `set_tos` before */
  set_fc_tos(tos: number): void;
  /** Sets the netfilter mark of packets to the client. @since 1.6 @deprecated since 3.0: `set_fc_mark` */
  set_mark(mark: number): void;
  /** Sets the TOS or DSCP field of packets to the client. @since 1.6 @deprecated since 3.0: `set_fc_tos` */
  set_tos(tos: number): void;
  /** Sets the class in which the transaction queues, -2047 (first) to 2047. @since 1.9 */
  set_priority_class(priority: number): void;
  /** Sets the place within the class, -524287 (first) to 524287. @since 1.9 */
  set_priority_offset(priority: number): void;
}
