const linesPerWindow = 10;
const windowSeconds = 60;

/** Writes a line on the event and its token, or counts it when this minute's lines are used up. */
export type BoundedLog = (event: string, token: string) => void;

/**
 * A log that a flood cannot fill: at most 10 lines a minute and a count of what was left out, which stands before the
 * first line of a later minute. `clock` is in seconds. Each Lua state, so each thread under lua-load-per-thread, has its own.
 */
export function boundedLog(write: (line: string) => void, clock: () => number): BoundedLog {
  let windowStart = 0;
  let written = 0;
  let leftOut = 0;
  return (event, token) => {
    const now = clock();
    if (now - windowStart >= windowSeconds || now < windowStart) {
      if (leftOut > 0) write(`acme-http01: ${leftOut} more lines like these were left out`);
      windowStart = now;
      written = 0;
      leftOut = 0;
    }
    if (written < linesPerWindow) {
      written += 1;
      write(`acme-http01: ${event}: ${token}`);
    } else {
      leftOut += 1;
    }
  };
}
