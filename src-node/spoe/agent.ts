import type { Socket } from 'node:net';
import { systemClock, type Clock } from '../platform/clock.js';
import { defaultLimits, type AgentLimits } from './agent-limits.js';
import { Connection, type ConnectionEvent } from './connection.js';
import type { MessageHandler } from './dispatch.js';
import { frameSizes } from './frame.js';
import { listen, type AgentEndpoint, type Listener } from './listener.js';

export interface AgentOptions {
  /** All of them, or none: where one cannot be listened on the agent does not start. */
  readonly listen: readonly AgentEndpoint[];
  /** By the name of the message, as the spoe-message section of HAProxy's configuration has it. */
  readonly handlers: Readonly<Record<string, MessageHandler>>;
  readonly limits?: Partial<AgentLimits> | undefined;
  /** Called at once, between two frames: it MUST NOT throw and should not take long. */
  readonly onEvent?: ((event: AgentEvent) => void) | undefined;
  readonly clock?: Clock | undefined;
}

/** What happened, and on which of the agent's connections, counted from 1. */
export type AgentEvent = ConnectionEvent & { readonly connection: number };

export interface Agent {
  /** As asked for, with the real port. */
  readonly endpoints: readonly AgentEndpoint[];
  /** How many there are now. */
  connections(): number;
  /** Takes no more connections, lets handlers at work answer, and disconnects each HAProxy with status 0. */
  close(): Promise<void>;
}

/** Connections that were ended for others and have time to read so; one more, and the first of them is cut off. */
const mostLeaving = 50;

/**
 * Answers HAProxy's SPOE filters. It listens when it resolves.
 * @throws AgentError where it cannot listen, RangeError where a limit is none.
 */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const limits = checked({ ...defaultLimits, ...options.limits });
  // A Map, since a record has names of its own, such as `constructor`.
  const handlers = new Map(Object.entries(options.handlers));
  const open = new Set<Connection>();
  const leaving = new Set<Connection>();
  let count = 0;
  const clock = options.clock ?? systemClock;
  const accept = (socket: Socket): void => {
    count += 1;
    const number = count;
    const connection = new Connection(socket, {
      handlers,
      limits,
      clock,
      tell: (event) => options.onEvent?.({ ...event, connection: number }),
    });
    socket.once('close', () => {
      open.delete(connection);
      leaving.delete(connection);
    });
    if (open.size >= limits.connections) dismissIdlest(open, leaving);
    open.add(connection);
  };
  const listeners: Listener[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(listeners.map(async (listener) => await listener.stop()));
  };
  try {
    for (const endpoint of options.listen) listeners.push(await listen(endpoint, clock, accept));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    endpoints: listeners.map(({ endpoint }) => endpoint),
    connections: () => open.size + leaving.size,
    close: async () => {
      await stop();
      await Promise.all([...open, ...leaving].map(async (connection) => connection.close()));
    },
  };
}

/** Who connects is served, for the one that has asked nothing for longest: idle ones keep no HAProxy out. */
function dismissIdlest(open: Set<Connection>, leaving: Set<Connection>): void {
  const [first, ...others] = open;
  if (first === undefined) return;
  const idlest = others.reduce((one, other) => (other.idleSince < one.idleSince ? other : one), first);
  open.delete(idlest);
  leaving.add(idlest);
  idlest.disconnect({ status: 13, message: 'The agent has as many connections as it may have.' });
  const [longest] = leaving;
  if (leaving.size > mostLeaving) longest?.destroy();
}

function checked(limits: AgentLimits): AgentLimits {
  for (const [name, value] of Object.entries(limits)) {
    const least = name === 'maxFrameSize' ? frameSizes.smallestLimit : 1;
    if (!Number.isSafeInteger(value) || value < least)
      throw new RangeError(`limits.${name} is ${value}, not ${least} or more.`);
  }
  return limits;
}
