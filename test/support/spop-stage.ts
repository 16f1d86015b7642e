import { afterAll, afterEach } from 'vitest';
import { startAgent, type Agent, type AgentEvent, type AgentOptions } from '../../src-node/spoe/agent.js';
import type { Action } from '../../src-node/spoe/payload.js';
import type { TypedValue } from '../../src-node/spoe/typed-data.js';
import { connectPeer, hello, type SpopPeer } from './spop-peer.js';
import { temporaryDirectory } from './temporary.js';

/** An agent on a socket of its own for each test, and hands on the wire in HAProxy's place. */
export interface SpopStage {
  /** Of the agent that was started last. */
  readonly events: AgentEvent[];
  agent(): Agent;
  start(options?: Partial<AgentOptions>): Promise<void>;
  peer(): Promise<SpopPeer>;
  /** One past HELLO. */
  greeted(differences?: Parameters<typeof hello>[0]): Promise<SpopPeer>;
}

export function spopStage(): SpopStage {
  const directory = temporaryDirectory();
  const events: AgentEvent[] = [];
  const peers: SpopPeer[] = [];
  let started: Agent | undefined;
  const agent = (): Agent => {
    if (started === undefined) throw new Error('no agent was started');
    return started;
  };
  const peer = async (): Promise<SpopPeer> => {
    const made = await connectPeer(agent().endpoints[0]);
    peers.push(made);
    return made;
  };
  afterEach(async () => {
    for (const each of peers.splice(0)) each.socket.destroy();
    await started?.close();
    events.splice(0);
  });
  afterAll(() => directory.remove());
  return {
    events,
    agent,
    peer,
    start: async (options = {}) => {
      const onEvent = (event: AgentEvent): void => void events.push(event);
      started = await startAgent({
        listen: [{ path: `${directory.path}/agent.sock` }],
        handlers: { echo },
        onEvent,
        ...options,
      });
    },
    greeted: async (differences) => {
      const made = await peer();
      made.send(hello(differences));
      await made.frame(1);
      return made;
    },
  };
}

export function text(value: string): TypedValue {
  return { type: 'string', value };
}

export function set(value: TypedValue): Action {
  return { type: 'set-var', scope: 'txn', name: 'x', value };
}

/** Sets a variable to each argument. */
export function echo(args: ReadonlyMap<string, TypedValue>): readonly Action[] {
  return [...args.values()].map(set);
}

/** A message that `echo` answers. */
export function said(value: string): { name: string; args: [string, TypedValue][] } {
  return { name: 'echo', args: [['x', text(value)]] };
}
