import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Clock } from '../platform/clock.js';
import { systemCode, systemReason } from '../platform/coded-error.js';
import { ChallengeError } from './challenge-error.js';
import {
  decodeAnswer,
  encodeRequest,
  lineReader,
  type ControlAnswer,
  type ControlDeed,
  type ControlRefusal,
} from './control-protocol.js';

/** A connection to an agent's control socket. */
export interface ControlSession {
  /**
   * Resolves once the agent has done it.
   * @throws ChallengeError `agent-unreachable` or `agent-refused`.
   */
  readonly ask: (deed: ControlDeed) => Promise<void>;
  /** Resolves once the connection has ended, for whatever reason. */
  readonly ended: Promise<void>;
  readonly end: () => void;
}

/** Milliseconds. */
const patience = 5_000;

const closedByAgent = 'it closed the connection';

interface Waiting {
  readonly resolve: (answer: ControlAnswer) => void;
  readonly reject: (error: ChallengeError) => void;
}

/** @throws ChallengeError `agent-unreachable` where nobody listens at `path`. */
export async function openControlSession(path: string, clock: Clock): Promise<ControlSession> {
  const socket = await connectTo(path);
  const waiting = new Map<number, Waiting>();
  const fail = (error: ChallengeError): void => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    socket.destroy();
  };
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  void ended.then(() => fail(agentUnreachable(path, closedByAgent)));
  takeAnswers(socket, (answer) => {
    const asked = answer?.id === undefined ? undefined : waiting.get(answer.id);
    if (answer?.id !== undefined) waiting.delete(answer.id);
    if (asked !== undefined && answer !== undefined) asked.resolve(answer);
    else fail(answer?.refusal === undefined ? strange(path) : agentRefused(path, answer.refusal));
  });
  let id = 0;
  const converse = async (deed: ControlDeed): Promise<ControlAnswer> => {
    if (socket.destroyed) throw agentUnreachable(path, closedByAgent);
    id += 1;
    const request = { id, ...deed };
    return await new Promise((resolve, reject) => {
      waiting.set(request.id, { resolve, reject });
      socket.write(encodeRequest(request));
    });
  };
  return {
    ask: async (deed) => {
      const { refusal } = await within(converse(deed), clock, () => {
        fail(agentUnreachable(path, `it does not answer within ${patience / 1_000} s`));
      });
      if (refusal !== undefined) throw agentRefused(path, refusal);
    },
    ended,
    end: () => socket.destroy(),
  };
}

async function connectTo(path: string): Promise<Socket> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
  } catch (error) {
    throw agentUnreachable(path, whyNot(error), error);
  }
  // A connection that breaks closes.
  return socket.on('error', () => undefined);
}

/** undefined for a line that is no answer. */
function takeAnswers(socket: Socket, onAnswer: (answer: ControlAnswer | undefined) => void): void {
  const read = lineReader((line) => onAnswer(decodeAnswer(line)));
  socket.setEncoding('utf8').on('data', (piece: string) => {
    if (!read(piece)) onAnswer(undefined);
  });
}

async function within<T>(work: Promise<T>, clock: Clock, onLate: () => void): Promise<T> {
  const done = new AbortController();
  clock.sleep(patience, done.signal).then(onLate, () => undefined);
  return await work.finally(() => done.abort());
}

function whyNot(error: unknown): string {
  const code = systemCode(error);
  if (code === 'ECONNREFUSED') return 'nobody listens there any more';
  return code === 'ENOTSOCK' ? 'it is no socket' : systemReason(error);
}

function agentUnreachable(path: string, why: string, cause?: unknown): ChallengeError {
  return new ChallengeError('agent-unreachable', `Cannot reach the agent at ${path}: ${why}.`, cause);
}

const refusals: Readonly<Record<ControlRefusal, string>> = {
  malformed: 'it does not understand what it was asked',
  version: 'it speaks another version of the control protocol',
  full: 'it knows as many challenges as it may',
  busy: 'it has as many connections as it may',
};

function agentRefused(path: string, refusal: ControlRefusal): ChallengeError {
  return new ChallengeError('agent-refused', `The agent at ${path} refused the challenges: ${refusals[refusal]}.`);
}

function strange(path: string): ChallengeError {
  return new ChallengeError('agent-refused', `What listens at ${path} does not answer as an agent of haproxy-acme.`);
}
