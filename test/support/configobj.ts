import { readFileSync } from 'node:fs';
import { run } from './child.js';

/** The Python that certbot runs on, which has configobj: the interpreter of certbot's first line. */
async function certbotPython(): Promise<string> {
  const { stdout } = await run('sh', ['-c', 'command -v certbot']);
  const first = readFileSync(stdout.trim(), 'utf8').split('\n')[0] ?? '';
  return first.replace(/^#!\s*/, '').split(' ')[0] ?? 'python3';
}

/** Runs a Python program by certbot's interpreter: `json.load(sys.stdin)` is `input`, what it prints is the answer. */
export async function certbotPythonJson(program: string, input: unknown): Promise<unknown> {
  const { code, stdout, stderr } = await run(await certbotPython(), ['-c', program], { input: JSON.stringify(input) });
  if (code !== 0) throw new Error(`Python failed: ${stderr}`);
  return JSON.parse(stdout) as unknown;
}

export type ConfValue = string | readonly string[];

const each = (body: string): string => `
import configobj, json, sys
def answer(given):
${body}
out = []
for given in json.load(sys.stdin):
    try:
        out.append(answer(given))
    except Exception:
        out.append(None)
json.dump(out, sys.stdout)
`;

/** Reads `[s]` of each file by configobj; null for a file that it refuses. */
export async function readByConfigobj(
  files: readonly string[],
): Promise<readonly (Record<string, ConfValue> | null)[]> {
  const program = each(
    `    return dict(configobj.ConfigObj(given.split('\\n'), interpolation=False, encoding='utf-8')['s'])`,
  );
  return (await certbotPythonJson(program, files)) as (Record<string, ConfValue> | null)[];
}

/** A file with `k` in `[s]` for each value, as configobj writes it; null where it writes what it reads otherwise. */
export async function writeByConfigobj(values: readonly ConfValue[]): Promise<readonly (string | null)[]> {
  const program = each(`    conf = configobj.ConfigObj(interpolation=False)
    conf['s'] = {'k': given, 'last': 'end'}
    text = '\\n'.join(conf.write())
    again = configobj.ConfigObj(text.split('\\n'), interpolation=False)
    return text + '\\n' if dict(again['s']) == {'k': given, 'last': 'end'} else None`);
  return (await certbotPythonJson(program, values)) as (string | null)[];
}

/** A generator of the same pseudo-random whole numbers for the same seed (mulberry32). */
export function seededRandom(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
