import type { BoundedLog } from './bounded-log';
import type { ChallengeSource } from './challenge-source';
import { challengePrefix } from './token';

const longestFile = 1024;
/** errno of Linux and the BSDs. */
const ENOENT = 2;
const EACCES = 13;

/** Answers from the files WEBROOT/.well-known/acme-challenge/TOKEN, opened at each request, inside the chroot if there is one. */
export function webrootSource(webroot: string, log: BoundedLog): ChallengeSource {
  const directory = webroot + challengePrefix;
  const readStart = (token: string): string | undefined => {
    const [file, reason, errno] = io.open(directory + token, 'rb');
    if (file === undefined) {
      if (errno !== ENOENT) log(`webroot: ${reason}`, token);
      return undefined;
    }
    // One more than may be served, so that a longer file is known as such.
    const content = file.read(longestFile + 1);
    file.close();
    return content;
  };
  const lookup = (token: string): string | undefined => {
    // An error is possible even here: tune.lua.maxmem refuses memory by raising one.
    const [finished, content] = pcall(readStart, token);
    if (finished) return withoutLineEnd(content);
    log(`webroot: ${content}`, token);
    return undefined;
  };
  return { name: 'webroot', lookup };
}

/** Says why no file of the webroot can ever be found, as HAProxy sees it once it runs; undefined where all is well. */
export function webrootTrouble(webroot: string): string | undefined {
  const [directory, , errno] = io.open(`${webroot}/`, 'rb');
  directory?.close();
  // A directory may be searched without being readable, which is enough.
  if (directory !== undefined || errno === EACCES) return undefined;
  return `ACME_WEBROOT is '${webroot}', which is no directory for the running HAProxy: create it, and under 'chroot' set its path as seen from inside`;
}

/** Editors and `echo` end a file by a newline, which is no part of the key authorization. */
function withoutLineEnd(content: string | undefined): string | undefined {
  if (content === undefined || content.length > longestFile) return undefined;
  const [line] = string.match(content, '^([^\r\n]*)[\r\n]*$');
  return line;
}
