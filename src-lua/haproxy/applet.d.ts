/** @noSelfInFile */

/** What the two kinds of service have in common. */
interface Applet extends HasVariables, HasPrivateData {
  /** Converters, with typed results. @since 1.6 */
  readonly c: Converters;
  /** Converters whose results are always strings. @since 1.6 */
  readonly sc: StringConverters;
  /** Sample fetches, with typed results; those that need an HTTP transaction answer nil here. @since 1.6 */
  readonly f: Fetches;
  /** Sample fetches whose results are always strings. @since 1.6 */
  readonly sf: StringFetches;
}

/**
 * An HTTP request that a service of `core.register_service(name, 'http', ...)` answers.
 * The order of the answer: `set_status`, `add_header`, `start_response`, `send`.
 * @see HAProxy Lua API, "AppletHTTP class"
 */
interface AppletHTTP extends Applet {
  /** The method as it came, such as `GET`. @since 1.6 */
  readonly method: string;
  /** The protocol and version, such as `HTTP/1.1`. @since 1.6 */
  readonly version: string;
  /** The path as it came: not decoded, without the query string; nil for a target without one (`OPTIONS *`). @since 1.6 */
  readonly path: string | undefined;
  /** The query string without `?`: empty when there is none, nil when there is no path. @since 1.6 */
  readonly qs: string | undefined;
  /** Bytes of the body as far as HAProxy knew them when the service began; 0 does not mean that none will come. @since 1.6 */
  readonly length: number;
  /** Request headers by name in lower case; the values of each are counted from 0. @since 1.6 */
  readonly headers: HeaderTable;
  /** Sets the status, 100 to 599; the reason is the usual one unless told (since 1.8). @since 1.6 */
  set_status(code: number, reason?: string): void;
  /** Adds a header to the answer. Without `content-length` the answer is sent in chunks. @since 1.6 */
  add_header(name: string, value: string | number): void;
  /** Sends status and headers; must be called once, and before `send`. @since 1.6 */
  start_response(): void;
  /** Waits for a line of the request's body, its newline kept; empty at the end of the body. @since 1.6 */
  getline(): string;
  /** Waits for the body or for so many bytes of it; shorter at the end of the body, empty after it. @since 1.6 */
  receive(size?: number): string;
  /** Sends a part of the answer's body, waiting while the client is slow. @since 1.6 */
  send(data: string): void;
}

/**
 * A TCP connection that a service of `core.register_service(name, 'tcp', ...)`, or a command of `core.register_cli`, serves.
 * @see HAProxy Lua API, "AppletTCP class"
 */
interface AppletTCP extends Applet {
  /** Waits for a line, its newline kept; empty when the peer has closed. @since 1.6 */
  getline(): string;
  /** Waits for so many bytes, or for all until the peer closes; shorter or empty when it has closed. @since 1.6 */
  receive(size?: number): string;
  /**
   * As `receive(size)`, but for `timeout` milliseconds at most; nil if nothing came in that time.
   * @since 3.2
   */
  receive(size: number | undefined, timeout: number): string | undefined;
  /** What has come already; nil if nothing has, empty when the peer has closed. @since 3.2 */
  try_receive(): string | undefined;
  /** Sends data, waiting while the peer is slow. @since 1.6 */
  send(data: string): void;
}
