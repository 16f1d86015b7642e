/** @noSelfInFile */

/**
 * A TCP client socket on HAProxy's scheduler, made by `core.tcp`; its functions are those of LuaSocket.
 * @see HAProxy Lua API, "Socket class"
 */
interface Socket {
  /**
   * Connects; 1, or nil and the reason.
   * @param address a host, or an address with its port as HAProxy writes addresses, such as `unix@/run/api.sock`
   * @param port left out when the address carries it (since 1.8)
   * @since 1.6
   */
  connect(address: string, port?: number): LuaMultiReturn<[connected: 1] | [undefined, string?]>;
  /** As `connect`, over TLS; the server's certificate is not verified. @since 1.6 */
  connect_ssl(address: string, port: number): LuaMultiReturn<[connected: 1] | [undefined, string?]>;
  /** Closes the socket; no other call may follow. @since 1.6 */
  close(): void;
  /** The address and port of the peer, `address:port`, or nil. @since 1.6 */
  getpeername(): string | undefined;
  /** The address and port of this end, `address:port`, or nil. @since 1.6 */
  getsockname(): string | undefined;
  /**
   * Waits for a line without its end (`*l`, the default), for all until the peer closes (`*a`), or for so many bytes.
   * Nil and the reason if the connection broke or the time was over.
   * @param prefix a text to put before what is read
   * @since 1.6
   */
  receive(
    pattern?: '*l' | '*a' | number,
    prefix?: string,
  ): LuaMultiReturn<[data: string] | [data: undefined, reason: string, partial?: string]>;
  /** Sends the text, or its part from `start` to `end` counted from 1; how much was sent, -1 or nil if none could be. @since 1.6 */
  send(data: string, start?: number, end?: number): number | undefined;
  /** Does nothing; there for programs written for LuaSocket. @since 1.6 */
  setoption(option: string, value?: unknown): void;
  /** The longest time in seconds (fractions since 1.9) without data moving; a mode is ignored. @since 1.6 */
  settimeout(seconds: number, mode?: string): void;
}
