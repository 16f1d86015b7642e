/** @noSelfInFile */

/**
 * One direction of a stream: `txn.req` towards the server, `txn.res` towards the client. In a proxy of mode http the data
 * must not be touched; only `input`, `output`, `may_recv`, `is_full` and `is_resp` may be called there.
 * Offsets count from 0, from the end if negative; a length of -1 means as much as can be had, waiting for it in an action.
 * @see HAProxy Lua API, "Channel class"
 */
interface Channel {
  /** Adds text after the incoming data; bytes copied, or -1. @since 1.6 */
  append(text: string): number;
  /** Incoming data, left in place; nil if there is none and none can come. @since 2.5 */
  data(offset?: number, length?: number): string | undefined;
  /** Forwards so many bytes, in an action waiting for them; bytes forwarded. @since 1.6 */
  forward(length: number): number;
  /** How many bytes have come and wait to be processed. @since 2.5; `get_in_len` before */
  input(): number;
  /** Puts text at an offset of the incoming data, at its start unless told; bytes copied, or -1. @since 2.5 */
  insert(text: string, offset?: number): number;
  /** True if the buffer is full. @since 1.7 */
  is_full(): boolean;
  /** True for the response's channel. @since 2.2 */
  is_resp(): boolean;
  /** The first line of the incoming data with its newline, left in place; nil if none can come. @since 2.5 */
  line(offset?: number, length?: number): string | undefined;
  /** True if more data may come. @since 2.5 */
  may_recv(): boolean;
  /** How many bytes are processed and wait to be sent. @since 2.5; `get_out_len` before */
  output(): number;
  /** Puts text before the incoming data; bytes copied, or -1. @since 2.5 */
  prepend(text: string): number;
  /** Removes incoming data, all of it unless told; bytes removed. @since 2.5 */
  remove(offset?: number, length?: number): number;
  /** Sends text at once, before the incoming data; bytes copied, or -1. @since 1.6 */
  send(text: string): number;
  /** Puts text in the place of incoming data, of all of it unless told (since 2.5); bytes copied, or -1. @since 1.6 */
  set(text: string, offset?: number, length?: number): number;
  /** All incoming data, left in place. @since 1.6 @deprecated since 2.5: `data` */
  dup(): string | undefined;
  /** All incoming data, removed. @since 1.6 @deprecated since 2.5: `data` and `remove` */
  get(): string | undefined;
  /** The first line of the incoming data, removed. @since 1.6 @deprecated since 2.5: `line` and `remove` */
  getline(): string | undefined;
  /** How many bytes have come. @since 1.6 @deprecated since 2.5: `input` */
  get_in_len(): number;
  /** How many bytes wait to be sent. @since 1.6 @deprecated since 2.5: `output` */
  get_out_len(): number;
}
