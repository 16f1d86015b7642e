/** @noSelfInFile */

/**
 * The functions and constants of HAProxy itself. They are called with a dot: `core.Info('...')`.
 *
 * In each description, "Contexts" names where HAProxy allows the call: body (while the file loads), init
 * (`register_init`), task, action, service, fetch, converter, filter, event. Calling elsewhere raises a Lua error.
 * @see HAProxy Lua API, "Core class"
 */
declare namespace core {
  /** A severity for `core.log` and `TXN.log`: `core.emerg` to `core.debug`. */
  type LogLevel = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

  /** A rule set that can call an action; `http-after-res` is understood since 2.9. */
  type ActionPlace = 'tcp-req' | 'tcp-res' | 'http-req' | 'http-res' | 'http-after-res';

  /** What a sample fetch or converter written in Lua may return; nil means "no value". */
  type SampleValue = string | number | boolean | undefined;

  /** An address and its network as `core.parse_addr` read it; opaque, for `core.match_addr` alone. */
  interface ParsedAddress {
    readonly __parsedAddress: never;
  }

  /** A moment of HAProxy's clock. */
  interface Time {
    /** Whole seconds since the epoch. */
    sec: number;
    /** Microseconds within the second. */
    usec: number;
  }

  /** Severity 0: the system is unusable. @since 1.6 */
  const emerg: 0;
  /** Severity 1: act at once. @since 1.6 */
  const alert: 1;
  /** Severity 2: a critical condition. @since 1.6 */
  const crit: 2;
  /** Severity 3: an error. @since 1.6 */
  const err: 3;
  /** Severity 4: a warning. @since 1.6 */
  const warning: 4;
  /** Severity 5: normal but notable. @since 1.6 */
  const notice: 5;
  /** Severity 6: for information. @since 1.6 */
  const info: 6;
  /** Severity 7: for debugging. @since 1.6 */
  const debug: 7;
  /** Not a severity: given to `TXN.set_loglevel`, the request is not logged. @since 3.0 */
  const silent: -1;

  /** Every proxy of the configuration by name; a frontend and a backend of one name show as one. @since 1.7 */
  const proxies: ReadonlyLuaMap<string, Proxy>;
  /** The proxies that can be frontends, by name. @since 1.8 */
  const frontends: ReadonlyLuaMap<string, Proxy>;
  /** The proxies that can be backends, by name. @since 1.8 */
  const backends: ReadonlyLuaMap<string, Proxy>;

  /**
   * The thread that this Lua state belongs to, counted from 1; 0 under `lua-load`, whose one state serves every thread.
   * Code that must run once in the process runs where this is 0 or 1.
   * @since 2.4
   */
  const thread: number;

  /** Logs a message to HAProxy's log targets, and to stderr as `tune.lua.log.stderr` (2.9) says. @since 1.6 */
  function log(level: LogLevel, message: string): void;
  /** `core.log` with severity debug. @since 1.6 */
  function Debug(message: string): void;
  /** `core.log` with severity info. @since 1.6 */
  function Info(message: string): void;
  /** `core.log` with severity warning. @since 1.6 */
  function Warning(message: string): void;
  /** `core.log` with severity alert. @since 1.6 */
  function Alert(message: string): void;

  /** Adds a pattern to a loaded ACL file. Contexts: all but body. From 3.2 on prefer `Patref.add`. @since 1.6 */
  function add_acl(name: string, key: string): void;
  /** Removes a pattern from a loaded ACL file. Contexts: all but body. From 3.2 on prefer `Patref.del`. @since 1.6 */
  function del_acl(name: string, key: string): void;
  /** Sets a key of a loaded map, adding it if absent. Contexts: all but body. From 3.2 on prefer `Patref.set`. @since 1.6 */
  function set_map(name: string, key: string, value: string): void;
  /** Removes a key from a loaded map. Contexts: all but body. From 3.2 on prefer `Patref.del`. @since 1.6 */
  function del_map(name: string, key: string): void;
  /** The loaded ACL or map file of that name; raises an error if there is none. Contexts: all but body. @since 3.2 */
  function get_patref(name: string): Patref;

  /** What the Runtime API's `show info` tells, by field name. @since 1.7 */
  function get_info(): ReadonlyLuaMap<string, string | number>;
  /** A variable of the `proc.` scope, or nil if it is not set. @since 2.9 */
  function get_var(name: string): VariableValue;
  /** HAProxy's idea of the time, refreshed each time that Lua is entered or resumed. @since 1.7 */
  function now(): Time;
  /** Seconds since the epoch for a date in any of HTTP's three formats, or nil if it is none. @since 1.7 */
  function http_date(date: string): number | undefined;
  /** Seconds since the epoch for a date such as `Sun, 06 Nov 1994 08:49:37 GMT`, or nil. @since 1.7 */
  function imf_date(date: string): number | undefined;
  /** Seconds since the epoch for a date such as `Sunday, 06-Nov-94 08:49:37 GMT`, or nil. @since 1.7 */
  function rfc850_date(date: string): number | undefined;
  /** Seconds since the epoch for a date such as `Sun Nov  6 08:49:37 1994`, or nil. @since 1.7 */
  function asctime_date(date: string): number | undefined;

  /**
   * Registers an action for the configuration, as in `http-request lua.NAME [arguments]`. Contexts: body.
   * @param argumentCount how many words of the configuration line it takes; 0 unless told (since 1.8)
   * @since 1.6
   */
  function register_action(
    name: string,
    places: readonly ActionPlace[],
    action: (txn: TXN, ...args: string[]) => act.Result,
    argumentCount?: number,
  ): void;
  /** Registers a converter for the configuration, as in `%[path,lua.NAME(a,b)]`; it must not block. Contexts: body. @since 1.6 */
  function register_converters(name: string, converter: (value: string, ...args: string[]) => SampleValue): void;
  /** Registers a sample fetch for the configuration, as in `%[lua.NAME(a,b)]`; it must not block. Contexts: body. @since 1.6 */
  function register_fetches(name: string, fetch: (txn: TXN, ...args: string[]) => SampleValue): void;
  /**
   * Registers a filter for the configuration, as in `filter lua.NAME [arguments]`. Contexts: body.
   * @param make called for each filter line, with a copy of the definition and the words of the line; the filters of
   *   streams are made by calling `new` on that copy
   * @since 2.5
   */
  function register_filter<T extends Filter>(
    name: string,
    definition: T,
    make: (filter: T, args: string[]) => T | undefined,
  ): void;
  /** Registers an HTTP service for the configuration: `http-request use-service lua.NAME`. Contexts: body. @since 1.6 */
  function register_service(name: string, mode: 'http', service: (applet: AppletHTTP) => void): void;
  /** Registers a TCP service for the configuration: `tcp-request content use-service lua.NAME`. Contexts: body. @since 1.6 */
  function register_service(name: string, mode: 'tcp', service: (applet: AppletTCP) => void): void;
  /** Registers a function to run once the configuration is parsed, for each Lua state. Contexts: body. @since 1.6 */
  function register_init(init: () => void): void;
  /**
   * Starts a task beside the traffic, once the scheduler runs. Contexts: all.
   * @param args up to four values for the task, understood since 2.8
   * @since 1.6
   */
  function register_task<A extends readonly unknown[]>(task: (...args: A) => void, ...args: A): void;
  /**
   * Adds a command to the Runtime API. The command is open to every level of socket: HAProxy checks none. Contexts: body.
   * @param path the first words of the command
   * @param usage the line that `help` shows for it
   * @param command called with every word of the command, those of `path` first
   * @since 1.8
   */
  function register_cli(
    path: readonly string[],
    usage: string,
    command: (applet: AppletTCP, ...words: string[]) => void,
  ): void;

  /** Sets the priority of the running task or session, -1024 (first) to 1024 (last). @since 1.6 */
  function set_nice(nice: number): void;
  /** Suspends the Lua code for that many seconds. Contexts: task, action. @since 1.6 */
  function sleep(seconds: number): void;
  /** Suspends the Lua code for that many milliseconds. Contexts: task, action. @since 1.6 */
  function msleep(milliseconds: number): void;
  /** Lets HAProxy serve others and goes on as soon as possible. Contexts: task, action. @since 1.6 */
  function yield(): void;
  /** Suspends until an event such as `Queue.alarm` wakes it, or for the milliseconds. Contexts: task, action. @since 3.2 */
  function wait(milliseconds?: number): void;
  /** Ends the running Lua code, from any depth, with that value for HAProxy. @since 1.6 */
  function done(value?: SampleValue): never;

  /** A TCP socket on HAProxy's scheduler, not yet connected. Contexts: init (connecting excepted), task, action. @since 1.6 */
  function tcp(): Socket;
  /** An HTTP client for exactly one request. Contexts: task, action. @since 2.5 */
  function httpclient(): HTTPClient;
  /** An empty string builder. @since 1.7 */
  function concat(): Concat;
  /** An empty queue. @since 2.8 */
  function queue<T extends AnyNotNil = AnyNotNil>(): Queue<T>;

  /** Reads an IPv4 or IPv6 address with an optional prefix length, such as `127.0.0.1/8`; nil if it is none. @since 1.7 */
  function parse_addr(address: string): ParsedAddress | undefined;
  /** True if the networks of the two addresses overlap; their order does not matter. @since 1.7 */
  function match_addr(one: ParsedAddress, other: ParsedAddress): boolean;
  /**
   * Splits a string at any of the separator characters.
   * @param noBlank leave out empty parts
   * @since 1.7
   */
  function tokenize(text: string, separators: string, noBlank?: boolean): string[];

  /**
   * Calls back on events of every server. The callback runs on the thread that subscribed, one event at a time.
   * @since 2.8
   */
  function event_sub(
    types: readonly ServerEventType[],
    callback: EventCallback<ServerEventType, ServerEvent>,
  ): EventSub;
  /** Calls back on events of HAProxy's own ACME client. @since 3.5, in development */
  function event_sub(types: readonly AcmeEventType[], callback: EventCallback<AcmeEventType, AcmeEvent>): EventSub;

  /**
   * Says that the script sends e-mail alerts itself, so that HAProxy does not. Contexts: body, init.
   * @since 2.8, gone in 3.3 with HAProxy's own alerts
   */
  function disable_legacy_mailers(): void;
  /** Says that the script will read `Proxy.get_mailers`. Contexts: body. @since 3.3 */
  function use_native_mailers_config(): void;
}
