/** @noSelfInFile */

/** Headers by name in lower case; the values of each are counted from 0. */
type HeaderTable = ReadonlyLuaMap<string, ReadonlyLuaMap<number, string>>;

/**
 * The HTTP message of an action, for reading and changing its head; `txn.http`. The functions of the request work in
 * request rules, those of the response in response rules.
 * @see HAProxy Lua API, "HTTP class"
 */
interface HTTP {
  /** The request's headers. @since 1.6 */
  req_get_headers(): HeaderTable;
  /** The response's headers. @since 1.6 */
  res_get_headers(): HeaderTable;
  /** Adds a header to the request. @since 1.6 */
  req_add_header(name: string, value: string): void;
  /** Adds a header to the response. @since 1.6 */
  res_add_header(name: string, value: string): void;
  /** Removes every header of that name from the request. @since 1.6 */
  req_del_header(name: string): void;
  /** Removes every header of that name from the response. @since 1.6 */
  res_del_header(name: string): void;
  /** Puts one header in the place of all of that name in the request. @since 1.6 */
  req_set_header(name: string, value: string): void;
  /** Puts one header in the place of all of that name in the response. @since 1.6 */
  res_set_header(name: string, value: string): void;
  /** Replaces every header value of the request in which the expression matches; `\1` is a group. @since 1.6 */
  req_rep_header(name: string, regex: string, replacement: string): void;
  /** Replaces every header value of the response in which the expression matches; `\1` is a group. @since 1.6 */
  res_rep_header(name: string, regex: string, replacement: string): void;
  /** As `req_rep_header`, for each comma-separated part of a value by itself. @since 1.6 */
  req_rep_value(name: string, regex: string, replacement: string): void;
  /** As `res_rep_header`, for each comma-separated part of a value by itself. @since 1.6 */
  res_rep_value(name: string, regex: string, replacement: string): void;
  /** Replaces the request's method; false if HAProxy could not. @since 1.6 */
  req_set_method(method: string): boolean;
  /** Replaces the request's path, keeping its query string; false if HAProxy could not. @since 1.6 */
  req_set_path(path: string): boolean;
  /** Replaces the request's query string; false if HAProxy could not. @since 1.6 */
  req_set_query(query: string): boolean;
  /** Replaces the request's URI; false if HAProxy could not. @since 1.6 */
  req_set_uri(uri: string): boolean;
  /** Replaces the response's status; the reason (since 1.8) is the usual one unless told. @since 1.6 */
  res_set_status(status: number, reason?: string): void;
}
