import { randomBytes } from 'node:crypto';
import { constants, mkdir, open, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../platform/atomic-write.js';
import { systemCode, systemReason } from '../platform/coded-error.js';
import { ChallengeError } from './challenge-error.js';
import { isToken, type Challenge, type ChallengePublisher } from './challenge-publisher.js';
import { refuseWildcards } from './wildcard.js';

/** The webroot of each name: a directory that a web server, or the Lua service's ACME_WEBROOT, answers from. */
export type WebrootMap = Readonly<Record<string, string>>;

const wellKnown = '.well-known';
const challengeDirectory = 'acme-challenge';

/**
 * Publishes a challenge as the file WEBROOT/.well-known/acme-challenge/TOKEN, readable by all. The directories are made
 * where they are missing, and those made here are removed again when they are empty. Nothing is given to the owner of
 * the webroot: by a symbolic link in its place that would hand a file in any directory to whoever serves the web.
 */
export function webrootPublisher(webroots: WebrootMap): ChallengePublisher {
  const made = new Set<string>();
  return {
    types: ['http-01'],
    check: async (names) => {
      refuseWildcards(names, '--webroot');
      // As long as the real ones, under a name that nobody else has.
      const token = `probe-${randomBytes(16).toString('hex')}`;
      const keyAuthorization = `${token}.${'-'.repeat(43)}`;
      const probe = (name: string): Challenge => ({
        ...{ type: 'http-01', name, token, keyAuthorization },
        validation: keyAuthorization,
      });
      const seen = new Set<string>();
      for (const challenge of names.map(probe)) {
        const webroot = webrootOf(webroots, challenge);
        if (seen.has(webroot)) continue;
        seen.add(webroot);
        await write(challenge, webroot, made);
        await remove(challenge, webroot, made);
      }
    },
    publish: async (challenges) => {
      const written: Challenge[] = [];
      try {
        for (const challenge of challenges) {
          await write(challenge, webrootOf(webroots, challenge), made);
          written.push(challenge);
        }
      } catch (error) {
        for (const challenge of written) await remove(challenge, webrootOf(webroots, challenge), made);
        throw error;
      }
    },
    withdraw: async (challenges) => {
      for (const challenge of challenges) await remove(challenge, webrootOf(webroots, challenge), made);
    },
  };
}

async function write(challenge: Challenge, webroot: string, made: Set<string>): Promise<void> {
  await checkWebroot(webroot);
  const directory = join(webroot, wellKnown, challengeDirectory);
  try {
    for (const path of [join(webroot, wellKnown), directory]) {
      if (await makeDirectory(path)) made.add(path);
    }
    await writeFileAtomic(join(directory, fileName(challenge)), challenge.keyAuthorization, { mode: 0o644 });
  } catch (error) {
    await removeEmpty(webroot, made);
    throw notWritable(directory, error);
  }
}

async function remove(challenge: Challenge, webroot: string, made: Set<string>): Promise<void> {
  await rm(join(webroot, wellKnown, challengeDirectory, fileName(challenge)), { force: true });
  await removeEmpty(webroot, made);
}

function webrootOf(webroots: WebrootMap, challenge: Challenge): string {
  const webroot = webroots[challenge.name];
  if (webroot !== undefined) return webroot;
  throw new ChallengeError('webroot-unset', `No webroot is known for ${challenge.name}.`);
}

/** The token comes from the network: nothing but base64url may become a file name. */
function fileName(challenge: Challenge): string {
  if (!isToken(challenge.token)) throw new Error('a challenge token is not base64url');
  return challenge.token;
}

async function checkWebroot(webroot: string): Promise<void> {
  try {
    if ((await stat(webroot)).isDirectory()) return;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw notWritable(webroot, error);
    throw new ChallengeError('webroot-missing', `The webroot ${webroot} does not exist.`, error);
  }
  throw new ChallengeError('webroot-missing', `The webroot ${webroot} is not a directory.`);
}

function notWritable(path: string, error: unknown): ChallengeError {
  if (error instanceof ChallengeError) return error;
  return new ChallengeError(
    'webroot-not-writable',
    `Cannot write a challenge to ${path}: ${systemReason(error)}.`,
    error,
  );
}

async function makeDirectory(path: string): Promise<boolean> {
  try {
    await mkdir(path);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
  // HAProxy's and the web server's users must pass, whatever the umask; the link that somebody put here instead is not followed.
  const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  await directory.chmod(0o755).finally(async () => await directory.close());
  return true;
}

async function removeEmpty(webroot: string, made: Set<string>): Promise<void> {
  for (const path of [join(webroot, wellKnown, challengeDirectory), join(webroot, wellKnown)]) {
    if (!made.has(path)) continue;
    const removed = await rmdir(path).then(
      () => true,
      () => false,
    );
    if (removed) made.delete(path);
  }
}
