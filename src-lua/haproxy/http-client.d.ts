/** @noSelfInFile */

/** What a request of `core.httpclient` is made of; another field raises an error. */
interface HTTPClientRequest {
  /** An http or https URL. */
  readonly url: string;
  /** Header values by name. */
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  /** The body to send. */
  readonly body?: string;
  /** Where to connect instead of the URL's host, as HAProxy writes addresses, such as `unix@/run/api.sock`. @since 2.6 */
  readonly dst?: string;
  /** Milliseconds to wait for the server. @since 2.6 */
  readonly timeout?: number;
}

/** What came back. */
interface HTTPClientResponse {
  /** The status, or 0 if no answer came. */
  readonly status: number;
  /** The reason phrase, often empty. */
  readonly reason: string;
  /** Header values by name in lower case; those of each are counted from 0, though the manual's example shows a list. */
  readonly headers: HeaderTable;
  /** The body; it is not decompressed. */
  readonly body: string;
}

/**
 * An HTTP client on HAProxy's scheduler, made by `core.httpclient` for exactly one request. Each method waits for the
 * whole answer. Contexts: task, action, service.
 * @see HAProxy Lua API, "HTTPClient class"
 */
interface HTTPClient {
  /** Sends a GET request. @since 2.5 */
  get(request: HTTPClientRequest): HTTPClientResponse;
  /** Sends a HEAD request. @since 2.5 */
  head(request: HTTPClientRequest): HTTPClientResponse;
  /** Sends a PUT request. @since 2.5 */
  put(request: HTTPClientRequest): HTTPClientResponse;
  /** Sends a POST request. @since 2.5 */
  post(request: HTTPClientRequest): HTTPClientResponse;
  /** Sends a DELETE request. @since 2.5 */
  delete(request: HTTPClientRequest): HTTPClientResponse;
}
