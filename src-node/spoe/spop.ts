/** SPOP, the protocol of HAProxy's SPOE filter, to the byte, and an agent that speaks it: docs/spop.md. */
export { AgentError, type AgentErrorCode } from './agent-error.js';
export { defaultLimits, type AgentLimits } from './agent-limits.js';
export { startAgent, type Agent, type AgentEvent, type AgentOptions } from './agent.js';
export type { MessageHandler } from './dispatch.js';
export { decodeFrame, encodeFrame, frameFlags, frameSizes, FrameSplitter, frameTypes, type Frame } from './frame.js';
export {
  decodeAgentHello,
  decodeDisconnect,
  decodeHaproxyHello,
  encodeAgentHello,
  encodeDisconnect,
  encodeHaproxyHello,
  negotiate,
  type AgentHello,
  type Disconnect,
  type HaproxyHello,
} from './handshake.js';
export type { AgentEndpoint } from './listener.js';
export {
  decodeActions,
  decodeKvList,
  decodeMessages,
  encodeActions,
  encodeKvList,
  encodeMessages,
  type Action,
  type KvList,
  type Message,
  type Scope,
} from './payload.js';
export { SpopError, spopStatuses, type SpopErrorCode } from './spop-error.js';
export type { TypedValue, TypeName } from './typed-data.js';
export { decodeVarint, encodeVarint } from './varint.js';
