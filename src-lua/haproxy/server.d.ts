/** @noSelfInFile */

/**
 * A server of a backend. From 2.8 on every function answers nil once the server has been deleted at run time; the types
 * leave that out, so hold servers no longer than one call or event.
 * @see HAProxy Lua API, "Server class"
 */
interface Server {
  /** The name. @since 1.9 @deprecated since 2.8: `get_name` */
  readonly name: string;
  /** The number within the proxy, as a string. @since 1.9 @deprecated since 2.8: `get_puid` */
  readonly puid: string;

  /** The name. @since 2.8 */
  get_name(): string;
  /** The number within the proxy, as a string. @since 2.8 */
  get_puid(): string;
  /** The revision, as a string: two servers that follow each other under one name differ in it. @since 2.8 */
  get_rid(): string;
  /** True if it takes no new sessions but keeps its old ones. @since 1.7 */
  is_draining(): boolean;
  /** True for a backup server. @since 2.8 */
  is_backup(): boolean;
  /** True if it was made at run time. @since 2.8 */
  is_dynamic(): boolean;
  /** How many sessions it serves. @since 2.8 */
  get_cur_sess(): number;
  /** How many connections wait for it. @since 2.8 */
  get_pend_conn(): number;
  /** Sets its greatest number of connections; nil, or why it was refused. @since 1.9 */
  set_maxconn(maxconn: number | string): string | undefined;
  /** Its greatest number of connections. @since 1.9 */
  get_maxconn(): number;
  /** Sets its weight, such as `10` or `50%`; nil, or why it was refused. @since 1.7 */
  set_weight(weight: number | string): string | undefined;
  /** Its weight. @since 1.7 */
  get_weight(): number;
  /** Sets its address, and its port (since 2.2); what was done, or why it was refused. @since 1.7 */
  set_addr(address: string, port?: number | string): string | undefined;
  /** Its address and port, `address:port`. @since 1.7 */
  get_addr(): string;
  /** Its proxy. @since 2.8 */
  get_proxy(): Proxy | undefined;
  /** The statistics. @since 1.7 */
  get_stats(): Statistics;
  /** Ends its sessions. @since 1.7 */
  shut_sess(): void;
  /** Lets it take no new sessions. @since 1.7 */
  set_drain(): void;
  /** Puts it out of service. @since 1.7 */
  set_maint(): void;
  /** Puts it into service. @since 1.7 */
  set_ready(): void;
  /** Turns its health check on. @since 1.7 */
  check_enable(): void;
  /** Turns its health check off. @since 1.7 */
  check_disable(): void;
  /** Has it pass for healthy until the next check says otherwise. @since 1.7 */
  check_force_up(): void;
  /** Has it pass for healthy but take no new sessions. @since 1.7 */
  check_force_nolb(): void;
  /** Has it pass for failed until the next check says otherwise. @since 1.7 */
  check_force_down(): void;
  /** Turns its agent check on. @since 1.7 */
  agent_enable(): void;
  /** Turns its agent check off. @since 1.7 */
  agent_disable(): void;
  /** Has its agent pass for up. @since 1.7 */
  agent_force_up(): void;
  /** Has its agent pass for down. @since 1.7 */
  agent_force_down(): void;
  /** The server whose state it follows, or nil. @since 2.8 */
  tracking(): Server | undefined;
  /** The servers that follow its state. @since 2.8 */
  get_trackers(): Server[];
  /** As `core.event_sub`, for this server alone. @since 2.8 */
  event_sub(types: readonly ServerEventType[], callback: EventCallback<ServerEventType, ServerEvent>): EventSub;
}
