/** A place to write to, such as the process's stdout. */
export interface Output {
  readonly write: (text: string) => unknown;
}

/** A terminal to ask at. */
export interface Dialog {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** What the process lends to a run; bin.ts makes it, tests make their own. */
export interface CliContext {
  readonly stdout: Output;
  readonly stderr: Output;
  /** stderr where it is a terminal, for progress that is rewritten in place. */
  readonly terminal: NodeJS.WriteStream | undefined;
  /** stdin and stdout where both are a terminal, for questions. */
  readonly dialog: Dialog | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborts with the number of the signal (2 or 15) as its reason. */
  readonly signal: AbortSignal;
  readonly kill: (pid: number, signal: 'SIGUSR2') => void;
}

/** Replaced by the build. */
declare const __VERSION__: string | undefined;

/** The package's version. */
export const programVersion: string = typeof __VERSION__ === 'string' ? __VERSION__ : '0.0.0';
