/** @noSelfInFile */

/** Statistics by field name, as the Runtime API's `show stat` has them. */
type Statistics = ReadonlyLuaMap<string, string | number>;

/** A frontend, backend or listen section. @see HAProxy Lua API, "Proxy class" */
interface Proxy {
  /** The name. @since 1.8 @deprecated since 2.8: `get_name` */
  readonly name: string;
  /** The number in the configuration, as a string. @since 1.8 @deprecated since 2.8: `get_uuid` */
  readonly uuid: string;
  /** The servers, by name. @since 1.7 */
  readonly servers: ReadonlyLuaMap<string, Server>;
  /** The listeners, by name. @since 1.7 */
  readonly listeners: ReadonlyLuaMap<string, Listener>;
  /** The stick table, or nil. @since 1.9 */
  readonly stktable: StickTable | undefined;

  /** The name. @since 2.8 */
  get_name(): string;
  /** The number in the configuration, as a string. @since 2.8 */
  get_uuid(): string;
  /** Stops accepting until `resume`. @since 1.7 */
  pause(): void;
  /** Accepts again. @since 1.7 */
  resume(): void;
  /** Stops for good. @since 1.7 */
  stop(): void;
  /** Ends the sessions of backup servers. @since 1.7 */
  shut_bcksess(): void;
  /** What the proxy can be. @since 1.7 */
  get_cap(): 'frontend' | 'backend' | 'proxy' | 'ruleset';
  /** The mode; `syslog` since 2.3. @since 1.7 */
  get_mode(): 'tcp' | 'http' | 'health' | 'syslog' | 'unknown';
  /** How many active servers can take traffic. @since 2.8 */
  get_srv_act(): number;
  /** How many backup servers can take traffic. @since 2.8 */
  get_srv_bck(): number;
  /** The statistics. @since 1.7 */
  get_stats(): Statistics;
  /**
   * The settings for e-mail alerts, or nil if there are none.
   * Since 3.3 `core.use_native_mailers_config` must be called first.
   * @since 2.8
   */
  get_mailers(): ProxyMailers | undefined;
}

/** A socket that a frontend listens on. @see HAProxy Lua API, "Listener class" */
interface Listener {
  /** The statistics. @since 1.7 */
  get_stats(): Statistics;
}

/** The `email-alert` settings of a proxy. @see HAProxy Lua API, "ProxyMailers class" */
interface ProxyMailers {
  /** True if every check is worth an alert (`option log-health-checks`). @since 2.8 */
  readonly track_server_health: boolean;
  /** The least severe level that is worth an alert. @since 2.8 */
  readonly log_level: core.LogLevel;
  /** Addresses with ports of the mail servers, by name. @since 2.8 */
  readonly mailservers: ReadonlyLuaMap<string, string>;
  /** Milliseconds to wait for a message to be sent (`timeout mail`). @since 2.9 */
  readonly mailservers_timeout: number;
  /** The name to introduce oneself with. @since 2.8 */
  readonly smtp_hostname: string;
  /** The sender. @since 2.8 */
  readonly smtp_from: string;
  /** The recipient. @since 2.8 */
  readonly smtp_to: string;
}
