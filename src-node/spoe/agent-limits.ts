/** What HAProxy may cost the agent. Times are in milliseconds. */
export interface AgentLimits {
  /**
   * Of all endpoints together; for one more the one that has been idle longest is ended by DISCONNECT. HAProxy opens one
   * for each thread and more under load.
   */
  readonly connections: number;
  /** Of a frame in bytes, 256 at least; HAProxy's own limit goes where it is lower. */
  readonly maxFrameSize: number;
  /** NOTIFY frames of a connection whose handlers have not answered yet; no more is read until one has. */
  readonly framesInFlight: number;
  /** From the connection to the end of the HELLO frame. */
  readonly helloTimeout: number;
  /** Without a byte in either direction. HAProxy's `timeout idle` should be shorter, so that it closes first. */
  readonly idleTimeout: number;
  /** For handlers to end, and for HAProxy to read the last frame and close, once the agent does. */
  readonly closeTimeout: number;
}

export const defaultLimits: AgentLimits = {
  connections: 500,
  maxFrameSize: 16_380,
  framesInFlight: 100,
  helloTimeout: 5_000,
  idleTimeout: 600_000,
  closeTimeout: 1_000,
};
