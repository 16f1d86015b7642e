/** What a variable of the configuration stands for; undefined where it is not set. */
export type Lookup = (name: string) => string | undefined;

/**
 * The words of a line, as HAProxy cuts it (configuration manual, "Quoting and escaping" and "Environment variables"):
 * none for a comment, undefined for a line that HAProxy rejects. A word that is empty ends the line, as it does for
 * most of HAProxy's keywords.
 */
export function splitWords(line: string, lookup: Lookup): readonly string[] | undefined {
  const text = line.replace(/^[ \t\v\f]+/, '');
  const words: string[] = [];
  let word = '';
  let quote: string | undefined;
  for (let at = 0; at < text.length && !/[\r\n]/.test(text.charAt(at));) {
    const found = readPart(text, at, { quote, lookup });
    if (found === undefined) return undefined;
    if (found === 'mark') {
      const char = text.charAt(at);
      if (char === '#' && quote === undefined) break;
      const quoting = (char === '"' || char === "'") && (quote ?? char) === char;
      if (quoting) quote = quote === undefined ? char : undefined;
      else word += char;
      at += 1;
    } else {
      for (const [index, part] of found.parts.entries()) {
        if (index > 0) {
          words.push(word);
          word = '';
        }
        word += part;
      }
      at += found.length;
    }
  }
  if (quote !== undefined) return undefined;
  words.push(word);
  const end = words.indexOf('');
  return end === -1 ? words : words.slice(0, end);
}

/** `$NAME` and `${NAME}`, which HAProxy replaces in an address even outside of quotes. */
export function expandAddress(address: string, lookup: Lookup): string {
  return address.replace(/\$(?:\{(\w*)\}|(\w*))/g, (_, braced?: string, bare?: string) => {
    return lookup(braced ?? bare ?? '') ?? '';
  });
}

interface Place {
  readonly quote: string | undefined;
  readonly lookup: Lookup;
}

/** What one or more characters stand for; several parts where they end a word. */
interface Part {
  readonly parts: readonly string[];
  readonly length: number;
}

/** Characters that never have a meaning of their own. */
const plain = /[^ \t\v\f\r\n\\$"'#]+/y;

/** A quote or a hash is a mark, or stands for itself, as does what has no meaning where it stands. */
function readPart(text: string, at: number, place: Place): Part | 'mark' | undefined {
  plain.lastIndex = at;
  const run = plain.exec(text)?.[0];
  if (run !== undefined) return { parts: [run], length: run.length };
  const char = text.charAt(at);
  if (char === '\\' && place.quote !== "'") return readEscape(text, at, place.quote);
  if (char === '$' && place.quote === '"') return readVariable(text, at, place.lookup);
  if (place.quote === undefined && /[ \t\v\f]/.test(char)) {
    return { parts: ['', ''], length: text.slice(at).search(/[^ \t\v\f]|$/) };
  }
  return 'mark';
}

const escapes: Readonly<Record<string, string>> = {
  ' ': ' ',
  '\\': '\\',
  '"': '"',
  "'": "'",
  '#': '#',
  t: '\t',
  n: '\n',
  r: '\r',
};

/** A backslash before any other character stands for itself. */
function readEscape(text: string, at: number, quote: string | undefined): Part | undefined {
  const next = text.charAt(at + 1);
  if (next === 'x') {
    const code = /^[0-9a-f]{2}/i.exec(text.slice(at + 2))?.[0];
    return code === undefined ? undefined : { parts: [String.fromCharCode(Number.parseInt(code, 16))], length: 4 };
  }
  const meaning = next === '$' && quote === '"' ? '$' : escapes[next];
  return meaning === undefined ? { parts: ['\\'], length: 1 } : { parts: [meaning], length: 2 };
}

const name = String.raw`((?:\.|[A-Za-z_])\w*)`;
const variable = new RegExp(String.raw`\$(?:\{${name}(\[\*\])?(?:-([^}]*))?\}|${name})`, 'y');

/** `$NAME`, `${NAME}`, `${NAME-default}`, and `${NAME[*]}` whose value is several words. */
function readVariable(text: string, at: number, lookup: Lookup): Part | undefined {
  variable.lastIndex = at;
  const match = variable.exec(text);
  if (match === null) return undefined;
  const [whole, braced, several, otherwise, bare] = match;
  const value = lookup(braced ?? bare ?? '') ?? otherwise ?? '';
  return { parts: several === undefined ? [value] : value.split(/\s+/), length: whole.length };
}
