/** @noSelfInFile */

/** The first line of a request. */
interface RequestLine {
  readonly method: string;
  readonly uri: string;
  readonly version: string;
}

/** The first line of a response. */
interface StatusLine {
  readonly version: string;
  /** The status; a string of three digits. */
  readonly code: string;
  readonly reason: string;
}

/**
 * An HTTP message within a filter, `txn.http_req` or `txn.http_res`. Offsets count from 0, from the end if negative.
 * @see HAProxy Lua API, "HTTPMessage class"
 */
interface HTTPMessage {
  /** The channel that the message travels in. @since 2.5 */
  readonly channel: Channel;
  /** Adds a header. @since 2.5 */
  add_header(name: string, value: string): void;
  /** Adds text after the incoming body; bytes copied, or -1. @since 2.5 */
  append(text: string): number;
  /** Incoming body, left in place; nil if there is none and none can come. @since 2.5 */
  body(offset?: number, length?: number): string | undefined;
  /** True once the end of the message is reached. @since 2.5 */
  eom(): boolean;
  /** Removes every header of that name. @since 2.5 */
  del_header(name: string): void;
  /** The headers. @since 2.5 */
  get_headers(): HeaderTable;
  /** The first line; a field that belongs to the other kind of message is nil. @since 2.5 */
  get_stline(): Partial<RequestLine & StatusLine> & { readonly version: string };
  /** Forwards so many bytes of the body, as far as they are there; bytes forwarded. @since 2.5 */
  forward(length: number): number;
  /** How many bytes of the body have come. @since 2.5 */
  input(): number;
  /** Puts text at an offset of the incoming body, at its start unless told; bytes copied, or -1. @since 2.5 */
  insert(text: string, offset?: number): number;
  /** True if the message fills its buffer. @since 2.5 */
  is_full(): boolean;
  /** True for a response. @since 2.5 */
  is_resp(): boolean;
  /** True if more of the message may come. @since 2.5 */
  may_recv(): boolean;
  /** How many bytes wait to be sent. @since 2.5 */
  output(): number;
  /** Puts text before the incoming body; bytes copied, or -1. @since 2.5 */
  prepend(text: string): number;
  /** Removes incoming body, all of it unless told; bytes removed. @since 2.5 */
  remove(offset?: number, length?: number): number;
  /** Replaces every header value in which the expression matches; `\1` is a group. @since 2.5 */
  rep_header(name: string, regex: string, replacement: string): void;
  /** As `rep_header`, for each comma-separated part of a value by itself. @since 2.5 */
  rep_value(name: string, regex: string, replacement: string): void;
  /** Sends text at once, before the incoming body; bytes copied, or -1. @since 2.5 */
  send(text: string): number;
  /** Puts text in the place of incoming body, of all of it unless told; bytes copied, or -1. @since 2.5 */
  set(text: string, offset?: number, length?: number): number;
  /**
   * Announces the length that the body will have, or `chunked`, in headers and to HAProxy; true on success.
   * @since 3.2; also 3.0.11
   */
  set_body_len(length: number | 'chunked'): boolean;
  /** Marks the message as complete. @since 2.5 */
  set_eom(): void;
  /** Takes back `set_eom`. @since 2.5 */
  unset_eom(): void;
  /** Puts one header in the place of all of that name. @since 2.5 */
  set_header(name: string, value: string): void;
  /** Replaces the method of a request; false if HAProxy could not. @since 2.5 */
  set_method(method: string): boolean;
  /** Replaces the path of a request; false if HAProxy could not. @since 2.5 */
  set_path(path: string): boolean;
  /** Replaces the query string of a request; false if HAProxy could not. @since 2.5 */
  set_query(query: string): boolean;
  /** Replaces the URI of a request; false if HAProxy could not. @since 2.5 */
  set_uri(uri: string): boolean;
  /** Replaces the status of a response; false if HAProxy could not. @since 2.5 */
  set_status(status: number, reason?: string): boolean;
}
