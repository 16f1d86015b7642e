import { spawn } from 'node:child_process';
import { until } from './child.js';

/** A program at a terminal of its own. */
export interface TerminalRun {
  readonly cursorShown: () => boolean;
  /** What the user has before the eyes, with what has scrolled away above it. */
  readonly screen: () => string;
  /** Types; `\r` is Enter, `\x03` Ctrl-C, `\x04` Ctrl-D. */
  readonly type: (text: string) => void;
  /** The exit code, once the program has ended. */
  readonly ended: Promise<number | null>;
}

export interface TerminalOptions {
  readonly columns: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A pseudo-terminal, with the size that a window would tell. */
const script = `
import os, pty, sys
size, command = sys.argv[1], sys.argv[2:]
status = pty.spawn(['/bin/sh', '-c', 'stty cols ' + size + ' rows 40 && exec "$@"', 'sh'] + command)
sys.exit(os.waitstatus_to_exitcode(status))
`;

export function atTerminal(command: readonly string[], { columns, env }: TerminalOptions): TerminalRun {
  const child = spawn('python3', ['-c', script, String(columns), ...command], {
    env: { ...process.env, TERM: 'xterm', CI: undefined, NO_COLOR: undefined, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  let raw = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (raw += text));
  child.stdin.on('error', () => undefined);
  return {
    cursorShown: () => raw.lastIndexOf(`${escape}[?25l`) <= raw.lastIndexOf(`${escape}[?25h`),
    screen: () => rendered(raw, columns),
    type: (text) => child.stdin.write(text),
    ended: new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code));
    }),
  };
}

/** Waits until `text` is on the screen. */
export async function untilShown(terminal: TerminalRun, text: string): Promise<void> {
  await until(`'${text}' is shown`, () => terminal.screen().includes(text)).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${terminal.screen()}`, { cause: error });
  });
}

const escape = '\u001b';
const sequence = new RegExp(`${escape}\\[([?\\d;]*)([A-Za-z])|[^]`, 'g');
const unfinished = new RegExp(`${escape}[^A-Za-z]*$`);

/** ECMA-48's sequences as far as programs here use them: colours, cursor, erasing. Anything else is an error. */
function rendered(raw: string, columns: number): string {
  const lines: (string | undefined)[][] = [[]];
  let [row, column] = [0, 0];
  const down = (): void => {
    row += 1;
    lines[row] ??= [];
  };
  for (const [token, parameter, final] of raw.replace(unfinished, '').matchAll(sequence)) {
    const count = Math.max(1, Number(parameter ?? '') || 0);
    if (final === 'm' || final === 'h' || final === 'l') continue;
    if (final === 'A') row = Math.max(0, row - count);
    else if (final === 'B') for (let left = count; left > 0; left -= 1) down();
    else if (final === 'G') column = count - 1;
    else if (final === 'K') lines[row] = parameter === '2' ? [] : (lines[row] ?? []).slice(0, column);
    else if (final === 'J') lines.splice(row, Infinity, (lines[row] ?? []).slice(0, column));
    else if (final !== undefined || token === escape) throw new Error(`unknown sequence ${JSON.stringify(token)}`);
    else if (token === '\r') column = 0;
    else if (token === '\n') down();
    else {
      if (column === columns) {
        column = 0;
        down();
      }
      (lines[row] ??= [])[column] = token;
      column += 1;
    }
  }
  const shown = lines.map((line) => Array.from(line, (character) => character ?? ' ').join(''));
  return shown.map((line) => line.trimEnd()).join('\n');
}
