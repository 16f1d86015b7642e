#!/usr/bin/env node
import type { CliContext } from './cli/context.js';
import { runPrelude } from './cli/prelude.js';

const controller = new AbortController();
/**
 * The first signal ends the run in order: challenges are withdrawn. A second one of the same kind ends it at once. Ours
 * stays a listener until then: what restores the terminal's cursor would end the process where it finds itself alone.
 */
function endBy(name: 'SIGINT' | 'SIGTERM', number: number): void {
  let isTold = false;
  const end = (): void => {
    if (isTold) process.off(name, end).kill(process.pid, name);
    isTold = true;
    controller.abort(number);
  };
  process.on(name, end);
}
endBy('SIGINT', 2);
endBy('SIGTERM', 15);

const output = { unwritten: false };
const watched = new Set<NodeJS.WriteStream>();

/** A reader that has gone (EPIPE) or a full disk below a log must not end a run between two of its steps. */
function watch(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  if (watched.has(stream)) return stream;
  watched.add(stream);
  return stream.on('error', (error: NodeJS.ErrnoException) => {
    output.unwritten ||= error.code !== 'EPIPE';
    if (output.unwritten && process.exitCode === 0) process.exitCode = 1;
  });
}

/** A directory that has been removed meanwhile has no name; relative paths are then those of the root. */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return '/';
  }
}

const context: CliContext = {
  // Node makes these streams when they are first touched, which costs a quiet run more than the rest of it.
  stdout: { write: (text) => text !== '' && watch(process.stdout).write(text) },
  stderr: { write: (text) => text !== '' && watch(process.stderr).write(text) },
  get terminal() {
    const stderr = watch(process.stderr);
    // Lines can be rewritten only where it is known how wide they are, which a serial line or a container may not tell.
    return stderr.isTTY && stderr.columns > 0 ? stderr : undefined;
  },
  get dialog() {
    const [input, output] = [process.stdin, watch(process.stdout)];
    return input.isTTY && output.isTTY ? { input, output } : undefined;
  },
  env: process.env,
  cwd: workingDirectory(),
  signal: controller.signal,
  kill: (pid, signal) => process.kill(pid, signal),
};

/**
 * Most runs find nothing due. The first look is bundled for itself as CommonJS, which Node starts soonest; run-cli
 * begins anew with the same words, so that the two share nothing.
 */
async function main(args: readonly string[]): Promise<void> {
  // Node ends where nothing is left that it could wait for, be the run over or not.
  process.exitCode = 1;
  const tell = (): void =>
    void context.stderr.write('The run ended before it was over, which is a fault of ours. [internal]\n');
  process.once('beforeExit', tell);
  const prelude = await runPrelude(args, context);
  const exitCode =
    prelude.kind === 'done' ? prelude.exitCode : await (await import('./cli/run-cli.js')).runCli(args, context);
  process.off('beforeExit', tell);
  process.exitCode = exitCode === 0 && output.unwritten ? 1 : exitCode;
}

void main(process.argv.slice(2));
