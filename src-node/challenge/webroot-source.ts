import { constants, open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Clock } from '../platform/clock.js';
import type { AnswerSource } from './answer-sources.js';
import { isKeyAuthorizationOf } from './control-protocol.js';
import { Turns } from './turns.js';

export interface WebrootSourceOptions {
  readonly webroots: readonly string[];
  /** Answers what no file does, and at once where a file could be looked for only after those of others. */
  readonly otherwise: (wanted: Parameters<AnswerSource>[0]) => string | undefined;
  readonly clock: Clock;
}

/** Questions that wait for a file in one moment; who asks beyond is answered without. */
export const mostQuestions = 1_000;

/** Bytes. A key authorization has 172 at most. */
const largestFile = 1_024;

/**
 * The challenge files of webroots, as `--webroot` and certbot write them. A file counts only if it is inside the webroot,
 * links followed, and holds a key authorization of the very token asked for: nothing else of the machine gets out. It is
 * looked for once at a time, and for no longer than HAProxy waits, so that a webroot that hangs costs its own challenges.
 */
export function webrootSource({ webroots, otherwise, clock }: WebrootSourceOptions): AnswerSource {
  const looks = new Map<string, Promise<string | undefined>>();
  const turns = new Turns(clock);
  let questions = 0;
  return (wanted) => {
    const { token } = wanted;
    const running = looks.get(token);
    const instead = otherwise(wanted);
    if (questions >= mostQuestions) return instead;
    if (running === undefined && instead !== undefined && turns.areTaken) return instead;
    const look = running ?? turns.take(async () => await lookIn(webroots, token)).finally(() => looks.delete(token));
    looks.set(token, look);
    questions += 1;
    return look.finally(() => (questions -= 1)).then((found) => found ?? instead);
  };
}

async function lookIn(webroots: readonly string[], token: string): Promise<string | undefined> {
  for (const webroot of webroots) {
    const found = await readChallenge(webroot, token).catch(() => undefined);
    if (found !== undefined && isKeyAuthorizationOf(token, found)) return found;
  }
  return undefined;
}

/** @throws the system's error, where there is no such file in the first place. */
async function readChallenge(webroot: string, token: string): Promise<string | undefined> {
  const root = await realpath(webroot);
  const path = await realpath(join(root, '.well-known/acme-challenge', token));
  if (!path.startsWith(root === sep ? sep : root + sep)) return undefined;
  // Without waiting for the writer of what turns out to be a pipe.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    if (!stat.isFile() || stat.size > largestFile) return undefined;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(largestFile), 0, largestFile, 0);
    return buffer.toString('latin1', 0, bytesRead).trimEnd();
  } finally {
    await file.close();
  }
}
