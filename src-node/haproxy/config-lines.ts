import { decide, type Decision } from './config-conditions.js';
import type { ConfigFile } from './config-model.js';
import { splitWords } from './config-words.js';

/** A statement that HAProxy takes in, not hidden by a condition. */
export interface Statement {
  readonly file: ConfigFile;
  /** From 1. */
  readonly line: number;
  readonly words: readonly string[];
}

/** Environment variables as the statements before have left them. */
export type Environment = Map<string, string>;

/**
 * The statements of a file. They are cut as they are asked for: a statement may change the environment for those after
 * it. `.notice` and its like say nothing to us, and lines that HAProxy rejects are passed over.
 */
export function* readStatements(file: ConfigFile, env: Environment, section: () => string): Generator<Statement> {
  const blocks: Block[] = [];
  for (const [index, text] of file.text.split('\n').entries()) {
    const line = index + 1;
    const words = splitWords(text, (name) => pseudo(name, { file, line, section }) ?? env.get(name));
    const keyword = words?.[0];
    // A bracket begins a scope, which HAProxy has never made use of.
    if (words === undefined || keyword === undefined || keyword.startsWith('[')) continue;
    if (keyword.startsWith('.')) {
      followDirective(blocks, keyword, () => condition(text, words.slice(1).join(' '), env));
    } else if (blocks.every((block) => block.taken)) {
      yield { file, line, words };
    }
  }
}

/** The variables that stand for where they are written. */
function pseudo(name: string, at: Pick<Statement, 'file' | 'line'> & { section: () => string }): string | undefined {
  if (name === '.FILE') return at.file.path;
  if (name === '.LINE') return String(at.line);
  return name === '.SECTION' ? at.section() : undefined;
}

/** A level of `.if`. */
interface Block {
  /** Whether the lines here count. */
  taken: boolean;
  /** One of its branches was taken for sure, so that none of the others is. */
  decided: boolean;
}

/** Where a condition cannot be decided, its branch is taken, and those after it too. */
function followDirective(blocks: Block[], directive: string, ask: () => Decision): void {
  if (directive === '.endif') blocks.pop();
  if (directive === '.if') blocks.push({ taken: false, decided: false });
  const block = blocks.at(-1);
  if (block === undefined || !['.if', '.elif', '.else'].includes(directive)) return;
  const decision = block.decided ? false : directive === '.else' ? true : ask();
  block.taken = decision !== false;
  block.decided ||= decision === true;
}

function condition(text: string, expression: string, env: Environment): Decision {
  const used = [...text.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name ?? '');
  if (used.some((name) => isHaproxys(name) && !env.has(name))) return undefined;
  return decide(expression, (name) => (env.has(name) ? true : isHaproxys(name) ? undefined : false));
}

/** HAProxy sets variables of its own, some of them in some versions only. */
function isHaproxys(name: string): boolean {
  return name.startsWith('HAPROXY_');
}
