import { constants, open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { isKeyAuthorizationOf } from './control-protocol.js';
import type { Leases } from './leases.js';

/** A challenge that a CA asks for. */
export interface Wanted {
  /** base64url. */
  readonly token: string;
  /** The name or address asked, lower case, without a port. */
  readonly host: string;
}

/** Finds the key authorization to answer with, where it has one. */
export type AnswerSource = (wanted: Wanted) => string | undefined | Promise<string | undefined>;

/** What is found first. Without a promise where none is needed: a CA, and whoever else asks, is answered at once. */
export function firstOf(sources: readonly AnswerSource[]): AnswerSource {
  const find = (wanted: Wanted, from: number): ReturnType<AnswerSource> => {
    for (const [index, source] of sources.entries()) {
      if (index < from) continue;
      const found = source(wanted);
      if (found instanceof Promise) return found.then(async (text) => text ?? (await find(wanted, index + 1)));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return (wanted) => find(wanted, 0);
}

export function leaseSource(leases: Leases): AnswerSource {
  return ({ token }) => leases.find(token);
}

/** RFC 8555 section 8.1: with the account's thumbprint every token is answered. `hosts` count before `everywhere`. */
export function thumbprintSource(everywhere: string | undefined, hosts: ReadonlyMap<string, string>): AnswerSource {
  return ({ token, host }) => {
    const thumbprint = hosts.get(host) ?? everywhere;
    return thumbprint === undefined ? undefined : `${token}.${thumbprint}`;
  };
}

/** Files that are looked at in one moment, by all; who asks beyond is not answered. */
const mostLooks = 64;

/** Bytes. A key authorization has 172 at most. */
const largestFile = 1_024;

/**
 * The challenge files of webroots, as `--webroot` and certbot write them. A file counts only if it is inside the webroot,
 * links followed, and holds a key authorization of the very token asked for: nothing else of the machine gets out.
 */
export function webrootSource(webroots: readonly string[]): AnswerSource {
  const looks = new Map<string, Promise<string | undefined>>();
  const look = async (token: string): Promise<string | undefined> => {
    for (const webroot of webroots) {
      const found = await readChallenge(webroot, token).catch(() => undefined);
      if (found !== undefined && isKeyAuthorizationOf(token, found)) return found;
    }
    return undefined;
  };
  return ({ token }) => {
    const running = looks.get(token);
    if (running !== undefined || looks.size >= mostLooks) return running;
    const begun = look(token).finally(() => looks.delete(token));
    looks.set(token, begun);
    return begun;
  };
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
