export interface CommandResult {
  /** Exit code, or null when a signal ended the program. */
  readonly code: number | null;
  readonly signal: string | null;
  /** True when the time given ran out and the program was killed. */
  readonly timedOut: boolean;
  /** stdout and stderr as they came, each cut at 64 KiB. */
  readonly output: string;
}

export interface CommandOptions {
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds after which the program is killed. */
  readonly timeout: number;
}

const outputLimit = 64 * 1024;

/**
 * Runs a program without a shell and waits for its end. A daemon that it leaves behind may keep the output pipes open,
 * so that the end is the program's exit, not the pipes' closing.
 * @throws the system's error where the program cannot be started (`ENOENT`, `EACCES`).
 */
export async function runCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  // A run with nothing due starts no program, and this module is a dear one to load.
  const { spawn } = await import('node:child_process');
  return await new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ctrl-C on the terminal is for us: what we run is let finish.
      detached: true,
    });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = child.kill('SIGKILL');
    }, options.timeout);
    let output = '';
    const collect = (text: string): void => {
      if (output.length < outputLimit) output = (output + text).slice(0, outputLimit);
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      // What was written before the exit is in the pipes already: one turn of the loop reads it.
      setImmediate(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        resolve({ code, signal, timedOut, output });
      });
    });
  });
}
