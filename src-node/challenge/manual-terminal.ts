import { isIPv6 } from 'node:net';
import { ChallengeError } from './challenge-error.js';
import { challengePath, type Challenge } from './challenge-publisher.js';

/** Where the user reads and types. */
export interface ManualTerminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: { readonly write: (text: string) => unknown };
}

/**
 * Tells what is to be made and waits for Enter.
 * @throws ChallengeError `manual-not-interactive` where the input ends; the reason of `signal`.
 */
export async function askForChallenges(
  { input, output }: ManualTerminal,
  challenges: readonly Challenge[],
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  // It would not tell of its end a second time.
  if (!input.readable) throw inputEnded();
  const { createInterface } = await import('node:readline');
  output.write(`\n${instructions(challenges)}\nPress Enter when the CA may look, or Ctrl-C to give up. `);
  // As no terminal of its own, so that Ctrl-C stays a signal to this process.
  const lines = createInterface({ input, terminal: false });
  let abort = (): void => undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      abort = () => reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
      lines.once('line', () => resolve());
      lines.once('error', reject);
      lines.once('close', () => reject(inputEnded()));
    });
  } finally {
    signal.removeEventListener('abort', abort);
    lines.close();
  }
}

function inputEnded(): ChallengeError {
  return new ChallengeError('manual-not-interactive', 'The input ended before Enter was pressed.');
}

/** Tells that what was made is no longer needed. */
export function tellOfWithdrawal({ output }: ManualTerminal, challenges: readonly Challenge[]): void {
  if (challenges.length === 0) return;
  const places = new Set(challenges.map(placeOf));
  output.write(`\nNo longer needed:\n${[...places].map((place) => `  ${place}\n`).join('')}`);
}

function instructions(challenges: readonly Challenge[]): string {
  const files = challenges.filter(({ type }) => type === 'http-01');
  const records = challenges.filter(({ type }) => type === 'dns-01');
  const parts: string[] = [];
  if (files.length > 0) {
    const what = files.length === 1 ? 'This URL has' : 'These URLs have';
    parts.push(`${what} to answer with the line below it, and with nothing else:\n`, list(files));
  }
  if (records.length > 0) {
    const several = new Set(records.map(placeOf)).size < records.length;
    const also = several ? ' A name with several values needs a record for each, all at the same time.' : '';
    const what = records.length === 1 ? 'This TXT record has' : 'These TXT records have';
    parts.push(
      `${what} to be in the DNS, with the value below the name.${also}\n`,
      list(records),
      'It may take minutes until every name server of the zone has them.\n',
    );
  }
  return parts.join('\n');
}

/** The values of each place, in the order of the places. */
function list(challenges: readonly Challenge[]): string {
  const places = [...new Set(challenges.map(placeOf))];
  const values = (place: string): readonly string[] =>
    challenges.filter((challenge) => placeOf(challenge) === place).map(({ validation }) => `      ${validation}\n`);
  return places.map((place) => `  ${place}\n${values(place).join('')}`).join('\n');
}

/** RFC 8555 sections 8.3 and 8.4. The dot at the end keeps an editor of zones from adding the zone's name. */
function placeOf({ type, name, token }: Challenge): string {
  if (type === 'dns-01') return `_acme-challenge.${name}.`;
  return `http://${isIPv6(name) ? `[${name}]` : name}${challengePath}${token}`;
}
