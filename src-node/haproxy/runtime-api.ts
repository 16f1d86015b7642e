import type { Clock } from '../platform/clock.js';
import { DeployError } from './deploy-error.js';
import { parseRuntimeAddress } from './runtime-address.js';
import { exchange, silent, type Line } from './runtime-connection.js';

/** HAProxy's Runtime API (management manual, section 9.3). */
export interface Runtime {
  /** As the user named it. */
  readonly address: string;
  /** `master`: the master CLI (section 9.4), which hands each command to its current worker. */
  readonly kind: 'stats' | 'master';
  /**
   * Sends one command and returns its answer without the empty line at its end. Blank lines and CR of the payload are
   * left out: a blank line ends it, and HAProxy takes what follows for commands.
   *
   * MUST throw DeployError `runtime-unreachable`, `runtime-denied` or `runtime-silent`, `runtime-busy` where HAProxy
   * has certificates locked for as long, `runtime-rejected` for a word that no command line can hold. MUST NOT tell any
   * of the payload.
   */
  command(words: readonly string[], payload?: string): Promise<string>;
}

export interface RuntimeOptions {
  /** Milliseconds for each command. */
  readonly timeout: number;
  readonly clock: Clock;
  /** Milliseconds for which a master that refuses is asked again; half a minute unless told. */
  readonly patience?: number;
}

/** Milliseconds. A master refuses while it reads its configuration anew; 10,000 certificates take it six seconds. */
const masterPatience = 30_000;
/** The same where a master is only possible, and a socket file that HAProxy has left is more likely. */
const probePatience = 1_000;
const pause = 50;

/** @throws DeployError `runtime-unreachable`, `runtime-denied` or `runtime-silent`. */
export async function openRuntime(address: string, options: RuntimeOptions): Promise<Runtime> {
  const line: Line = { ...options, address, endpoint: parseRuntimeAddress(address) };
  const kind = await recognize(line);
  const [prefix, patience] = kind === 'master' ? ['@1 ', options.patience ?? masterPatience] : ['', 0];
  return {
    address,
    kind,
    command: async (words, payload) => await ask(line, prefix + commandText(words, payload), patience),
  };
}

/** What is sent for a command, but for the `@1 ` that a master CLI wants before it. @throws DeployError `runtime-rejected` */
export function commandText(words: readonly string[], payload?: string): string {
  const text = words.map(escapeWord).join(' ');
  if (payload === undefined) return `${text}\n`;
  const lines = payload.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '');
  return `${text} <<\n${lines.map((line) => `${line}\n`).join('')}\n`;
}

/** A backslash takes the meaning from what ends a word or a command, and from `<<`, which announces a payload. */
function escapeWord(word: string): string {
  if (word === '' || /[\r\n]/.test(word) || word.includes('\0')) {
    throw new DeployError('runtime-rejected', `HAProxy's command line cannot hold the word ${JSON.stringify(word)}.`);
  }
  return word.replaceAll(/[\\ \t;<]/g, '\\$&');
}

/** `show proc` is the master's alone: no stats socket, of whichever level and version, knows the command. */
async function recognize(line: Line): Promise<Runtime['kind']> {
  const answer = await ask(line, 'show proc\n', probePatience);
  if (answer.startsWith('#<PID>')) return 'master';
  if (answer.startsWith('Unknown command')) return 'stats';
  throw new DeployError('runtime-unreachable', `What answers at ${line.address} is not HAProxy's stats socket.`);
}

/**
 * A request that reached nobody is sent again for `patience` milliseconds. A master drops its connections when it
 * reads its configuration anew: there a request without an answer is sent once more, and the next worker takes it.
 * What HAProxy had no time for is sent again for as long as an answer may take.
 */
async function ask(line: Line, request: string, patience: number): Promise<string> {
  const start = line.clock.now();
  for (let dropped = 0; ;) {
    const reply = await exchange(line, request);
    if (reply === '' && patience > 0 && dropped === 0) {
      dropped += 1;
      continue;
    }
    const message = typeof reply === 'string' ? messageOf(line, reply) : reply;
    if (typeof message === 'string') return message;
    const wait = message.code === 'runtime-busy' ? line.timeout : patience;
    if (line.clock.now() >= start + wait) throw message;
    await line.clock.sleep(pause);
  }
}

/** HAProxy marks the end of each answer by an empty line, and takes care that there is none within. */
function messageOf(line: Line, reply: string): string | DeployError {
  if (/^Can't (?:find the target PID|connect to the target CLI)/.test(reply)) return withoutWorker(line, reply);
  if (reply === '') throw silent(line, 'closed the connection without an answer');
  if (reply !== '\n' && !reply.endsWith('\n\n')) throw silent(line, 'broke off its answer');
  // `severity-output` in the socket's own line puts a level before the message.
  const message = reply.replace(/\n+$/, '').replace(/^\[(?:\d|[a-z]+)\]: /, '');
  // `show ssl cert` tells too low a level as a lack of memory (2.2 to 3.x).
  if (/^Permission denied!?$/.test(message) || message === "Can't allocate memory!") {
    throw new DeployError(
      'runtime-denied',
      `HAProxy denies it at ${line.address}: the level of that socket is too low.`,
    );
  }
  // Another connection lists certificates, or commits one that is used in many places.
  if (/^Operations on certificates are currently locked!$/m.test(message)) {
    return new DeployError('runtime-busy', `HAProxy at ${line.address} is busy with another command on certificates.`);
  }
  return message;
}

/** A master's own words, for want of a worker. They alone lack the empty line at the end. */
function withoutWorker(line: Line, reply: string): DeployError {
  const message = `The HAProxy master at ${line.address} has no worker that takes commands.`;
  return new DeployError('runtime-unreachable', message, { details: [reply.trim()] });
}
