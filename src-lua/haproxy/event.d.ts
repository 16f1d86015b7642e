/** @noSelfInFile */

/**
 * An event of a server; `SERVER` alone subscribes to them all, which is meant for tests.
 * STATE, ADMIN and CHECK come beside ADD, DEL, UP and DOWN for one cause.
 */
type ServerEventType =
  | 'SERVER'
  | 'SERVER_ADD'
  | 'SERVER_DEL'
  | 'SERVER_UP'
  | 'SERVER_DOWN'
  | 'SERVER_STATE'
  | 'SERVER_ADMIN'
  | 'SERVER_CHECK';

/** An event of an ACL or map file; `PAT_REF` alone subscribes to them all. */
type PatrefEventType = 'PAT_REF' | 'PAT_REF_ADD' | 'PAT_REF_DEL' | 'PAT_REF_SET' | 'PAT_REF_CLEAR' | 'PAT_REF_COMMIT';

/** Called for each event; `when` is in seconds since the epoch. @since 2.8 */
type EventCallback<Type extends string, Data> = (event: Type, data: Data, subscription: EventSub, when: number) => void;

/** A subscription. @see HAProxy Lua API, "EventSub class" */
interface EventSub {
  /** Ends the subscription. @since 2.8 */
  unsub(): void;
}

/** What a server's event tells. @see HAProxy Lua API, "ServerEvent class" */
interface ServerEvent {
  /** The server's name. @since 2.8 */
  readonly name: string;
  /** The server's number within its proxy. @since 2.8 */
  readonly puid: number;
  /** The server's revision. @since 2.8 */
  readonly rid: number;
  /** The proxy's name. @since 2.8 */
  readonly proxy_name: string;
  /** The proxy's number. @since 2.8 */
  readonly proxy_uuid: number;
  /** The server itself; nil if it has been deleted. @since 2.8 */
  readonly reference: Server | undefined;
  /** With SERVER_STATE: the change. @since 2.8 */
  readonly state: ServerEventState | undefined;
  /** With SERVER_ADMIN: the change. @since 2.8 */
  readonly admin: ServerEventAdmin | undefined;
  /** With SERVER_CHECK: the result. @since 2.8 */
  readonly check: ServerEventCheckRes | undefined;
}

/** A server's state as far as traffic is concerned. */
type ServerState = 'STOPPED' | 'STOPPING' | 'STARTING' | 'RUNNING';

/** A change of a server's state. @see HAProxy Lua API, "ServerEventState class" */
interface ServerEventState {
  /** True if an administrator changed it, false if a check did. @since 2.8 */
  readonly admin: boolean;
  /** The check that changed it, or nil. @since 2.8 */
  readonly check: ServerEventCheckRes | undefined;
  /** The reason in words, perhaps empty. @since 2.8 */
  readonly cause: string;
  /** The new state. @since 2.8 */
  readonly new_state: ServerState;
  /** The state before. @since 2.8 */
  readonly old_state: ServerState;
  /** How many connections were put back into a queue. @since 2.8 */
  readonly requeued: number;
}

/** Parts of an administrative state: maintenance or drain, and who asked (Forced, Inherited, Resolve, Config). */
type ServerAdminFlag = 'MAINT' | 'FMAINT' | 'IMAINT' | 'RMAINT' | 'CMAINT' | 'DRAIN' | 'FDRAIN' | 'IDRAIN';

/** A change of a server's administrative state. @see HAProxy Lua API, "ServerEventAdmin class" */
interface ServerEventAdmin {
  /** The reason in words, perhaps empty. @since 2.8 */
  readonly cause: string;
  /** The new state. @since 2.8 */
  readonly new_admin: ServerAdminFlag[];
  /** The state before. @since 2.8 */
  readonly old_admin: ServerAdminFlag[];
  /** How many connections were put back into a queue. @since 2.8 */
  readonly requeued: number;
}

/** The result of a check. @see HAProxy Lua API, "ServerEventCheckRes class" */
interface ServerEventCheckRes {
  /** Passed, failed, or passed with a reservation. @since 2.8 */
  readonly result: 'FAILED' | 'PASSED' | 'CONDPASS';
  /** True for an agent check. @since 2.8 */
  readonly agent: boolean;
  /** Milliseconds that it took. @since 2.8 */
  readonly duration: number;
  /** The reason: a short name, a description, and a code if it came from layer 5 or above. @since 2.8 */
  readonly reason: { readonly short: string; readonly desc: string; readonly code: number | undefined };
  /** The counter, and the counts of checks that make the server rise and fall. @since 2.8 */
  readonly health: { readonly cur: number; readonly rise: number; readonly fall: number };
}
