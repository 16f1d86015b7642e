import type { ChildProcess } from 'node:child_process';
import { run } from '../support/child.js';

export const connections = 32;

interface WrkReport {
  readonly answers: number;
  /** Requests that got no answer, or another than 200. */
  readonly failed: number;
  /** wrk's line about them, where there is something to tell. */
  readonly trouble: string | undefined;
}

/** How many answers wrk got from `url` in that many seconds over keep-alive connections; throws unless every one was 200. */
export async function answersWithin(seconds: number, url: string): Promise<number> {
  const { answers, trouble } = await load(url, seconds);
  if (trouble !== undefined) throw new Error(`wrk got no clean answers from ${url}: ${trouble}`);
  return answers;
}

/** What wrk got from `url` over keep-alive connections while `work` was done. */
export async function answersDuring(url: string, work: () => Promise<void>): Promise<WrkReport> {
  let wrk: ChildProcess | undefined;
  const report = load(url, 3_600, (child) => (wrk = child));
  try {
    await Promise.race([
      work(),
      report.then(() => Promise.reject(new Error('wrk has ended before the work was done'))),
    ]);
  } finally {
    // Interrupted, it reports as at its end.
    wrk?.kill('SIGINT');
  }
  return await report;
}

/** How fast `url` is answered. */
export interface Pace {
  /** Answers a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly median: number;
  readonly p99: number;
}

/** The pace over so many keep-alive connections, each asking as soon as it is answered; throws unless every answer was 200. */
export async function paceWithin(seconds: number, url: string, clients: number = connections): Promise<Pace> {
  const { code, stdout, stderr } = await run('wrk', ['-t1', `-c${clients}`, `-d${seconds}s`, '--latency', url]);
  const rate = Number(/^Requests\/sec:\s+(\S+)/m.exec(stdout)?.[1]);
  const [median, p99] = ['50', '99'].map((part) =>
    milliseconds(new RegExp(`^\\s+${part}%\\s+(\\S+)`, 'm').exec(stdout)?.[1]),
  );
  if (code !== 0 || !(rate > 0) || /Non-2xx|Socket errors/.test(stdout) || median === undefined || p99 === undefined) {
    throw new Error(`wrk got no clean answers from ${url}: ${stderr}${stdout}`);
  }
  return { rate, median, p99 };
}

/** As wrk writes times: `87.00us`, `1.20ms`, `2.01s`. */
function milliseconds(text = ''): number | undefined {
  const [, number, unit = ''] = /^([\d.]+)(us|ms|s|m)$/.exec(text) ?? [];
  const factor = { us: 0.001, ms: 1, s: 1_000, m: 60_000 }[unit];
  return factor === undefined ? undefined : Number(number) * factor;
}

async function load(url: string, seconds: number, onStart?: (child: ChildProcess) => void): Promise<WrkReport> {
  const { code, stdout, stderr } = await run('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, url], {
    timeout: (seconds + 60) * 1000,
    ...(onStart === undefined ? {} : { onStart }),
  });
  const answers = Number(/(\d+) requests in /.exec(stdout)?.[1]);
  if (code !== 0 || !(answers > 0)) throw new Error(`wrk got no answers from ${url}: ${stderr}${stdout}`);
  const counts = (line: string): readonly number[] => [...line.matchAll(/\d+/g)].map(Number);
  const errors = /Socket errors: (.*)/.exec(stdout)?.[1] ?? '';
  const others = /Non-2xx or 3xx responses: (.*)/.exec(stdout)?.[1] ?? '';
  const trouble = /Non-2xx.*|Socket errors.*/.exec(stdout)?.[0];
  return { answers, failed: [...counts(errors), ...counts(others)].reduce((sum, count) => sum + count, 0), trouble };
}

export async function wrkVersion(): Promise<string> {
  const { stdout, stderr } = await run('wrk', ['-v']).catch((error: unknown) => {
    throw new Error('wrk cannot be run: install it by the package manager (Debian and Ubuntu: wrk).', { cause: error });
  });
  return /wrk (?:debian\/)?(\S+)/.exec(stdout + stderr)?.[1] ?? 'unknown';
}
