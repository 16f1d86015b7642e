export interface ShellResult {
  /** Exit code of the shell, or null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  /** What was written to each, cut at 64 KiB. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface ShellOptions {
  /** The whole environment; what is undefined is not in it. PATH is extended by the places of administrators' programs. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds after which the command is killed; it may take any time where there is none. */
  readonly timeout?: number | undefined;
  /** Ends the command when it aborts; without it Ctrl-C on the terminal leaves the command alone. */
  readonly signal?: AbortSignal | undefined;
}

const outputLimit = 64 * 1024;
/** Milliseconds that output may still come in after the shell's exit, and that a command has to end when it is told to. */
const outputGrace = 500;
const endGrace = 5_000;

/**
 * Runs a hook, which is a shell command by definition, and waits for its end. A daemon that it leaves behind may keep
 * the output pipes open and is not waited for.
 * @throws the reason of `signal` once the command is gone; the system's error where the shell cannot be started.
 */
export async function runShell(command: string, options: ShellOptions): Promise<ShellResult> {
  options.signal?.throwIfAborted();
  const { spawn } = await import('node:child_process');
  return await new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', command], {
      env: { ...options.env, PATH: extendedPath(options.env['PATH']) },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: Ctrl-C on the terminal is for us, and what the shell has started can be ended with it.
      detached: true,
    });
    const output = { stdout: collect(child.stdout), stderr: collect(child.stderr) };
    const release = endInTime(child.pid, options);
    child.once('error', (error) => {
      release();
      reject(error);
    });
    let grace: NodeJS.Timeout | undefined;
    child.once('exit', () => {
      release();
      grace = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, outputGrace);
    });
    // Comes when the shell has ended and its pipes are closed, by their writers or by us.
    child.once('close', (code, signal) => {
      clearTimeout(grace);
      if (options.signal?.aborted === true) reject(options.signal.reason as Error);
      else resolve({ code, signal, stdout: output.stdout(), stderr: output.stderr() });
    });
  });
}

/** certbot's way, for hooks that cron or systemd start with a short PATH: what is missing is looked for last. */
export function extendedPath(path: string | undefined): string {
  const parts = (path ?? '/usr/bin:/bin').split(':');
  const further = ['/usr/sbin', '/usr/local/bin', '/usr/local/sbin'].filter((place) => !parts.includes(place));
  return [...parts, ...further].join(':');
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (more: string) => {
    if (text.length < outputLimit) text = (text + more).slice(0, outputLimit);
  });
  return () => text;
}

/** Ends the group of `pid` when its time is up or the signal aborts, until what is returned is called. */
function endInTime(pid: number | undefined, { timeout, signal }: ShellOptions): () => void {
  const end = (name: 'SIGTERM' | 'SIGKILL'): void => {
    try {
      if (pid !== undefined) process.kill(-pid, name);
    } catch {
      // It has ended by itself.
    }
  };
  const timers: NodeJS.Timeout[] = [];
  const abort = (): void => {
    end('SIGTERM');
    timers.push(setTimeout(() => end('SIGKILL'), endGrace));
  };
  if (timeout !== undefined) timers.push(setTimeout(() => end('SIGKILL'), timeout));
  signal?.addEventListener('abort', abort, { once: true });
  return () => {
    for (const timer of timers) clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  };
}
