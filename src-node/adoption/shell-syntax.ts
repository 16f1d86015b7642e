/**
 * As much of the shell's grammar (POSIX.1-2017, Shell Command Language, section 2) as hooks and cron lines are written
 * in. Control structures are flattened into the simple commands that may run, since it is asked what a text could do and
 * not when. Whatever is not known here makes the whole text not understood.
 */
export interface ShellCommand {
  readonly assignments: readonly { readonly name: string; readonly value: ShellWord }[];
  readonly words: readonly ShellWord[];
  readonly redirects: readonly { readonly operator: string; readonly target: ShellWord }[];
  /** Its standard input is the output of the command before it. */
  readonly piped: boolean;
}

/** A word in parts, as quotes and expansions divide it. */
export type ShellWord = readonly WordPart[];

export type WordPart =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  /** `$name` or `${name OPERATION}`. */
  | { readonly kind: 'variable'; readonly name: string; readonly operation: string; readonly quoted: boolean }
  /** `$(text)` or the same in backticks. */
  | { readonly kind: 'substitution'; readonly text: string }
  /** `$((...))` */
  | { readonly kind: 'arithmetic' };

interface Source {
  readonly text: string;
  at: number;
}

class NotUnderstood extends Error {}

/** The simple commands of a text in their order; undefined where it is not understood. */
export function parseShell(text: string): readonly ShellCommand[] | undefined {
  try {
    return readCommands({ text: text.replaceAll('\r\n', '\n').replaceAll('\\\n', ''), at: 0 });
  } catch (error) {
    if (error instanceof NotUnderstood) return undefined;
    throw error;
  }
}

const separators = ['&&', '||', ';;', '|&', '|', ';', '&', '\n', '(', ')'] as const;
const redirection = /\d?(?:&>>?|<<<?|>>|>&|<&|>\||[<>])/y;
/** They only say when the commands between them run. */
const reserved = new Set(['if', 'then', 'elif', 'else', 'fi', 'while', 'until', 'do', 'done', '!', '{', '}', 'time']);
const notKnown = new Set(['case', 'esac', 'select', 'function', 'coproc']);

function readCommands(source: Source): readonly ShellCommand[] {
  const commands: ShellCommand[] = [];
  let piped = false;
  while (source.at < source.text.length) {
    const command = readCommand(source, piped);
    if (command !== undefined) commands.push(command);
    const separator = separators.find((mark) => source.text.startsWith(mark, source.at));
    if (separator === ';;') throw new NotUnderstood();
    // `name()` defines a function; a parenthesis that opens a subshell has no command before it.
    if (separator === '(' && command !== undefined) throw new NotUnderstood();
    if (separator !== undefined) source.at += separator.length;
    if (separator !== '(') piped = separator === '|' || separator === '|&';
  }
  return commands;
}

/** Up to the next separator. */
function readCommand(source: Source, piped: boolean): ShellCommand | undefined {
  const assignments: ShellCommand['assignments'][number][] = [];
  const words: ShellWord[] = [];
  const redirects: ShellCommand['redirects'][number][] = [];
  for (;;) {
    skipBlanks(source);
    if (atSeparator(source)) break;
    const operator = take(source, redirection);
    if (operator !== undefined) {
      if (operator.endsWith('<<')) throw new NotUnderstood();
      skipBlanks(source);
      redirects.push({ operator: operator.replace(/^\d/, ''), target: readWord(source) });
      continue;
    }
    const name = words.length === 0 ? take(source, /[A-Za-z_]\w*=/y)?.slice(0, -1) : undefined;
    if (name !== undefined) {
      if (source.text[source.at] === '(') throw new NotUnderstood();
      assignments.push({ name, value: readWord(source) });
      continue;
    }
    const word = readWord(source);
    const plain = words.length === 0 ? plainText(word) : undefined;
    if (plain !== undefined && notKnown.has(plain)) throw new NotUnderstood();
    if (plain === '[[') skipCondition(source);
    if (plain === undefined || !(reserved.has(plain) || plain === '[[')) words.push(word);
  }
  const empty = words.length === 0 && assignments.length === 0 && redirects.length === 0;
  return empty ? undefined : { assignments, words, redirects, piped };
}

function skipBlanks(source: Source): void {
  take(source, /[ \t]+/y);
  if (source.text[source.at] === '#') take(source, /[^\n]*/y);
}

function atSeparator({ text, at }: Source): boolean {
  if (at >= text.length) return true;
  return !text.startsWith('&>', at) && separators.some((mark) => text.startsWith(mark, at));
}

/** `[[ ... ]]` only tests, unless it runs something to have what to test. */
function skipCondition(source: Source): void {
  const condition = take(source, /[^\n]*?\s\]\](?=[\s;&|)]|$)/y);
  if (condition === undefined || /\$\(|`|<\(/.test(condition)) throw new NotUnderstood();
}

/** The word as it stands, where nothing in it is quoted or expanded. */
function plainText(word: ShellWord): string | undefined {
  const [part] = word;
  return word.length === 1 && part?.kind === 'text' && !part.quoted ? part.text : undefined;
}

function readWord(source: Source): ShellWord {
  const parts: WordPart[] = [];
  while (!/^(?:[\s;&|<>()]|$)/.test(source.text.slice(source.at, source.at + 1))) parts.push(...readPart(source));
  return parts;
}

function readPart(source: Source): readonly WordPart[] {
  const mark = source.text[source.at];
  if (mark === "'") return [{ kind: 'text', text: expect(source, /'([^']*)'/y), quoted: true }];
  if (mark === '"') return readQuoted(source);
  if (mark === '$' || mark === '`') return [readExpansion(source, false)];
  if (mark === '\\') return [{ kind: 'text', text: expect(source, /\\([^])/y), quoted: true }];
  return [{ kind: 'text', text: expect(source, /([^\s;&|<>()'"$`\\]+)/y), quoted: false }];
}

function readQuoted(source: Source): readonly WordPart[] {
  const parts: WordPart[] = [{ kind: 'text', text: '', quoted: true }];
  source.at += 1;
  for (;;) {
    const mark = source.text[source.at];
    if (mark === undefined) throw new NotUnderstood();
    if (mark === '"') break;
    if (mark === '$' || mark === '`') parts.push(readExpansion(source, true));
    // Before any other character a backslash stands for itself (2.2.3).
    else if (mark === '\\')
      parts.push({ kind: 'text', text: take(source, /\\[$`"\\]/y)?.slice(1) ?? expect(source, /(\\)/y), quoted: true });
    else parts.push({ kind: 'text', text: expect(source, /([^"$`\\]+)/y), quoted: true });
  }
  source.at += 1;
  return parts;
}

function readExpansion(source: Source, quoted: boolean): WordPart {
  const { text, at } = source;
  if (text[at] === '`') {
    return { kind: 'substitution', text: expect(source, /`((?:[^`\\]|\\[^])*)`/y).replace(/\\([$`\\])/g, '$1') };
  }
  if (text.startsWith('$(', at)) {
    const inner = readBalanced(source);
    return inner.startsWith('(') && inner.endsWith(')')
      ? { kind: 'arithmetic' }
      : { kind: 'substitution', text: inner };
  }
  if (text.startsWith('${', at)) {
    const inner = expect(source, /\$\{([^{}`$]+)\}/y);
    const match = /^([A-Za-z_]\w*|\d+|[@*#?$!-])(.*)$/s.exec(inner);
    if (match === null) throw new NotUnderstood();
    return { kind: 'variable', name: match[1] ?? '', operation: match[2] ?? '', quoted };
  }
  const name = take(source, /\$(?:[A-Za-z_]\w*|[\d@*#?$!-])/y);
  if (name !== undefined) return { kind: 'variable', name: name.slice(1), operation: '', quoted };
  // $'...' and $"..." are not POSIX; a lone dollar is itself.
  if (/^\$['"]/.test(text.slice(at, at + 2)) && !quoted) throw new NotUnderstood();
  return { kind: 'text', text: expect(source, /(\$)/y), quoted };
}

/** What stands between `$(` and its parenthesis. */
function readBalanced(source: Source): string {
  const start = source.at + 2;
  source.at = start;
  for (let depth = 1; depth > 0;) {
    const token = take(source, /'[^']*'|"(?:[^"\\]|\\[^])*"|\\[^]|[()]|[^'"\\()]+/y);
    if (token === undefined) throw new NotUnderstood();
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
  }
  return source.text.slice(start, source.at - 1);
}

function take(source: Source, pattern: RegExp): string | undefined {
  pattern.lastIndex = source.at;
  const match = pattern.exec(source.text);
  if (match === null) return undefined;
  source.at = pattern.lastIndex;
  return match[0];
}

/** What the pattern's group has caught. */
function expect(source: Source, pattern: RegExp): string {
  pattern.lastIndex = source.at;
  const match = pattern.exec(source.text);
  if (match === null) throw new NotUnderstood();
  source.at = pattern.lastIndex;
  return match[1] ?? '';
}
