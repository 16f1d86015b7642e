import { join, resolve } from 'node:path';
import { run } from './child.js';

const harness = resolve(import.meta.dirname, '../lua/fake-haproxy.lua');

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface LuaRun {
  /** 0, or 1 where the file refused to load. */
  readonly code: number | null;
  readonly stderr: string;
  readonly answers: readonly Answer[];
  /** `LEVEL LINE`. */
  readonly logs: readonly string[];
  /** Names that the file left in Lua's global table. */
  readonly globals: readonly string[];
}

export interface LuaSetting {
  readonly interpreter: string;
  readonly built: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What `core.thread` says; 0 unless told. */
  readonly thread?: number;
}

/** A line of input for test/lua/fake-haproxy.lua. */
export const request = (method: string, path: string | undefined): string =>
  `REQUEST ${method} ${path === undefined ? 'nil' : Buffer.from(path, 'latin1').toString('hex')}`;
export const clock = (seconds: number): string => `CLOCK ${seconds}`;
export const tasks = 'TASKS';

/** Loads the built file in a Lua interpreter with a stand-in for HAProxy and runs the commands. */
export async function runLua(setting: LuaSetting, commands: readonly string[] = []): Promise<LuaRun> {
  const cleared = { ACME_MAP: undefined, ACME_WEBROOT: undefined, ACME_THUMBPRINT: undefined };
  const { code, stdout, stderr } = await run(
    setting.interpreter,
    [harness, setting.built, String(setting.thread ?? 0)],
    {
      env: { ...cleared, ...setting.env },
      input: commands.map((command) => `${command}\n`).join(''),
    },
  );
  const lines = stdout.split('\n').map((line) => line.split(' '));
  return {
    code,
    stderr,
    answers: lines.filter(([kind]) => kind === 'ANSWER').map(answer),
    logs: lines.filter(([kind]) => kind === 'LOG').map(([, level, line]) => `${level ?? ''} ${unhex(line)}`),
    globals: lines.filter(([kind]) => kind === 'GLOBAL').map(([, name]) => name ?? ''),
  };
}

function answer([, status, headers, body]: readonly string[]): Answer {
  const pairs = unhex(headers)
    .split('\n')
    .map((line) => line.split(': ') as [string, string]);
  return { status: Number(status), headers: Object.fromEntries(pairs), body: unhex(body) };
}

function unhex(text = ''): string {
  return Buffer.from(text, 'hex').toString('latin1');
}

/** The directory of a webroot in which RFC 8555 section 8.3 looks for tokens. */
export const challengeDirectory = (webroot: string): string => join(webroot, '.well-known/acme-challenge');
