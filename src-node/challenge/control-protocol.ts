/**
 * What a run and an agent say to one another over the agent's control socket: one JSON document a line, a request and
 * its answer. Each says which version of this protocol it is of.
 */

export const controlVersion = 1;

export const controlLimits: { readonly line: number; readonly challenges: number } = {
  /** Characters of a line, its end left out. */
  line: 64 * 1024,
  /** Challenges of one request. */
  challenges: 100,
};

/** A challenge as an agent knows it. */
export interface Answerable {
  readonly token: string;
  /** RFC 8555 section 8.1. */
  readonly keyAuthorization: string;
}

/** What is wanted of an agent. What is published is answered until it is withdrawn or the connection ends. */
export type ControlDeed =
  /** Whether there is an agent that understands us. */
  | { readonly command: 'hello' }
  | { readonly command: 'publish'; readonly challenges: readonly Answerable[] }
  | { readonly command: 'withdraw'; readonly tokens: readonly string[] };

export type ControlRequest = ControlDeed & {
  /** Of the asker's choice; the answer has it too. */
  readonly id: number;
};

/**
 * Why a request is refused: it is none, it is of another version, the agent knows as many challenges as it may, or it has
 * as many connections. After each but `full` the connection is closed.
 */
export const controlRefusals = ['malformed', 'version', 'full', 'busy'] as const;
export type ControlRefusal = (typeof controlRefusals)[number];

export interface ControlAnswer {
  /** Undefined where the request's could not be read. */
  readonly id: number | undefined;
  /** Undefined: it is done. */
  readonly refusal: ControlRefusal | undefined;
}

/** RFC 8555 section 8.3: a token is base64url, of 128 bits at least; the CA's are 43 characters long. */
const token = '[A-Za-z0-9_-]{1,128}';
const tokenPattern = new RegExp(`^${token}$`);
/** A token, a period, and the thumbprint: a SHA-256 in base64url. */
const keyAuthorizationPattern = new RegExp(`^(${token})\\.[A-Za-z0-9_-]{43}$`);

/** Whether `text` may stand for `wanted` in an answer to a CA. */
export function isKeyAuthorizationOf(wanted: string, text: string): boolean {
  return keyAuthorizationPattern.exec(text)?.[1] === wanted;
}

export function encodeRequest({ id, ...deed }: ControlRequest): string {
  return `${JSON.stringify({ version: controlVersion, id, ...deed })}\n`;
}

export function encodeAnswer({ id, refusal }: ControlAnswer): string {
  const result = refusal === undefined ? { result: 'done' } : { result: 'refused', reason: refusal };
  return `${JSON.stringify({ version: controlVersion, id, ...result })}\n`;
}

/** A line of a run's, or the answer that it gets because it is no request. What is not known in it is passed over. */
export function decodeRequest(line: string): ControlRequest | ControlAnswer {
  const read = readObject(line);
  const id = read === undefined ? undefined : idOf(read);
  if (read === undefined || id === undefined) return { id, refusal: 'malformed' };
  if (read['version'] !== controlVersion) return { id, refusal: 'version' };
  const deed = decodeDeed(read);
  return deed === undefined ? { id, refusal: 'malformed' } : { id, ...deed };
}

/** A line of an agent's; undefined where it is none. */
export function decodeAnswer(line: string): ControlAnswer | undefined {
  const read = readObject(line);
  if (read === undefined || typeof read['version'] !== 'number') return undefined;
  const id = idOf(read);
  if (read['result'] === 'done') return { id, refusal: undefined };
  // An agent of a later version may have reasons that are not known here.
  const refusal = controlRefusals.find((known) => known === read['reason']) ?? 'version';
  return read['result'] === 'refused' ? { id, refusal } : undefined;
}

type Read = Readonly<Record<string, unknown>>;

function readObject(line: string): Read | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Read) : undefined;
  } catch {
    return undefined;
  }
}

function idOf({ id }: Read): number | undefined {
  return Number.isSafeInteger(id) && Number(id) >= 0 ? Number(id) : undefined;
}

function decodeDeed(read: Read): ControlDeed | undefined {
  const { command } = read;
  if (command === 'hello') return { command };
  if (command === 'publish') {
    const challenges = listOf(read['challenges'], answerable);
    return challenges === undefined ? undefined : { command, challenges };
  }
  if (command !== 'withdraw') return undefined;
  const tokens = listOf(read['tokens'], (value) =>
    typeof value === 'string' && tokenPattern.test(value) ? value : undefined,
  );
  return tokens === undefined ? undefined : { command, tokens };
}

function answerable(value: unknown): Answerable | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { token: given, keyAuthorization } = value as Read;
  if (typeof given !== 'string' || typeof keyAuthorization !== 'string') return undefined;
  return isKeyAuthorizationOf(given, keyAuthorization) ? { token: given, keyAuthorization } : undefined;
}

/** All of a list, which is no longer than it may be, or nothing. */
function listOf<T>(value: unknown, read: (entry: unknown) => T | undefined): readonly T[] | undefined {
  if (!Array.isArray(value) || value.length > controlLimits.challenges) return undefined;
  const entries = value.map(read).filter((entry) => entry !== undefined);
  return entries.length === value.length ? entries : undefined;
}

/** Takes text in pieces and gives its lines; false from where a line is longer than it may be, after which it takes none. */
export function lineReader(onLine: (line: string) => void): (piece: string) => boolean {
  let rest = '';
  let isOver = false;
  return (piece) => {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      isOver ||= line.length > controlLimits.line;
      if (!isOver) onLine(line);
    }
    isOver ||= rest.length > controlLimits.line;
    if (isOver) rest = '';
    return !isOver;
  };
}
