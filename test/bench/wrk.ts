import { run } from '../support/child.js';

export const connections = 32;

/** How many answers wrk got from `url` in that many seconds over keep-alive connections; throws unless every one was 200. */
export async function answersWithin(seconds: number, url: string): Promise<number> {
  const { code, stdout, stderr } = await run('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, url]);
  const answers = Number(/(\d+) requests in /.exec(stdout)?.[1]);
  // wrk has these lines only where there is something to tell.
  const trouble = /Non-2xx.*|Socket errors.*/.exec(stdout);
  if (code !== 0 || !(answers > 0) || trouble !== null) {
    throw new Error(`wrk got no clean answers from ${url}: ${trouble?.[0] ?? ''} ${stderr}${stdout}`);
  }
  return answers;
}

export async function wrkVersion(): Promise<string> {
  const { stdout, stderr } = await run('wrk', ['-v']).catch((error: unknown) => {
    throw new Error('wrk cannot be run: install it by the package manager (Debian and Ubuntu: wrk).', { cause: error });
  });
  return /wrk (?:debian\/)?(\S+)/.exec(stdout + stderr)?.[1] ?? 'unknown';
}
