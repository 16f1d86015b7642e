import { createInterface } from 'node:readline/promises';
import type { Dialog } from './context.js';

/** Asks until the answer is yes or no; an empty line is yes, the end of input is no. @throws when `signal` aborts. */
export async function confirm(question: string, { input, output }: Dialog, signal: AbortSignal): Promise<boolean> {
  // The terminal's driver edits the line: Ctrl-C is then a signal as anywhere else.
  const lines = createInterface({ input, output, terminal: false });
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('no')));
  try {
    for (;;) {
      const line = await Promise.race([lines.question(`${question} [Y/n] `, { signal }), ended]);
      const answer = line.trim().toLowerCase();
      if ('yes'.startsWith(answer)) return true;
      if ('no'.startsWith(answer)) return false;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    lines.close();
  }
}
