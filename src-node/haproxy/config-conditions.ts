/** True, false, or undefined where it cannot be known. */
export type Decision = boolean | undefined;

/**
 * What a condition of `.if` says (configuration manual, "Conditional blocks"). Undefined where it depends on HAProxy's
 * version or on how it was built, or cannot be understood.
 */
export function decide(condition: string, isSet: (name: string) => Decision): Decision {
  if (condition.trim() === '') return false;
  const tokens = readTokens(condition, isSet);
  if (tokens === undefined) return undefined;
  const decision = readAny(tokens);
  return tokens.length === 0 ? decision : undefined;
}

/** A mark, or what a number or a predicate says. */
type Token = '||' | '&&' | '!' | '(' | ')' | { readonly decision: Decision };

const token =
  /[ \t]*(?:(\|\||&&|!|\(|\))|([+-]?(?:0x[0-9a-f]+|\d+))|([a-z_]+)(?:\(((?:"[^"]*"|'[^']*'|\\.|[^"'\\)])*)\))?)[ \t]*/y;

function readTokens(condition: string, isSet: (name: string) => Decision): Token[] | undefined {
  const tokens: Token[] = [];
  for (token.lastIndex = 0; token.lastIndex < condition.length;) {
    const match = token.exec(condition);
    if (match === null) return undefined;
    const [, mark, number, predicate = '', words = ''] = match;
    if (mark !== undefined) tokens.push(mark as Token & string);
    else if (number !== undefined) tokens.push({ decision: Number(number) !== 0 });
    else tokens.push({ decision: ask(predicate, readArguments(words), isSet) });
  }
  return tokens;
}

function ask(
  predicate: string,
  [first = '', second = '']: readonly string[],
  isSet: (name: string) => Decision,
): Decision {
  switch (predicate) {
    case 'defined':
      return isSet(first);
    case 'streq':
      return first === second;
    case 'strneq':
      return first !== second;
    case 'strstr':
      return first.includes(second);
    default:
      return undefined;
  }
}

/** Cut at the commas that are not quoted. */
function readArguments(words: string): readonly string[] {
  const found = [''];
  for (const [part] of words.matchAll(/"[^"]*"|'[^']*'|\\.|./g)) {
    if (part === ',') found.push('');
    else found.push((found.pop() ?? '') + unquote(part));
  }
  return found;
}

function unquote(part: string): string {
  if (part.length === 1) return part;
  return part.startsWith('\\') ? part.slice(1) : part.slice(1, -1);
}

function readAny(tokens: Token[]): Decision {
  let decision = readAll(tokens);
  while (takes(tokens, '||')) {
    const right = readAll(tokens);
    if (decision !== true) decision = right === true || decision === false ? right : undefined;
  }
  return decision;
}

function readAll(tokens: Token[]): Decision {
  let decision = readTerm(tokens);
  while (takes(tokens, '&&')) {
    const right = readTerm(tokens);
    if (decision !== false) decision = right === false || decision === true ? right : undefined;
  }
  return decision;
}

function readTerm(tokens: Token[]): Decision {
  if (takes(tokens, '!')) {
    const decision = readTerm(tokens);
    return decision === undefined ? undefined : !decision;
  }
  if (takes(tokens, '(')) {
    const decision = readAny(tokens);
    return takes(tokens, ')') ? decision : undefined;
  }
  const [next] = tokens;
  if (typeof next !== 'object') return undefined;
  tokens.shift();
  return next.decision;
}

function takes(tokens: Token[], mark: Token & string): boolean {
  if (tokens[0] !== mark) return false;
  tokens.shift();
  return true;
}
