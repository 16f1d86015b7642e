/** What stands where a secret stood. */
const redacted = '[redacted]';

/** Anything shorter is a word that turns up by chance, and its absence would tell it. */
const shortest = 8;

/** A word of base64 from this length on is taken for a piece of a key, where one is to be expected. */
const keyPiece = 16;

export interface Redaction {
  /** Registers a secret. Of one with several lines, each line is a secret too. Under 8 characters nothing is registered. */
  readonly add: (value: string) => void;
  /** For one source of texts: each text without the secrets known so far and without the private keys in it. */
  readonly filter: () => (text: string) => string;
}

/** Takes secrets out of texts that come one after another, from several sources. */
export function redaction(): Redaction {
  // By their first characters: a run may know thousands of secrets, and each text is looked through once.
  const secrets = new Map<string, string[]>();
  const add = (value: string): void => {
    for (const secret of [value.trim(), ...linesOf(value)]) {
      if (secret.length < shortest) continue;
      const start = secret.slice(0, shortest);
      const known = secrets.get(start) ?? [];
      if (!known.includes(secret)) secrets.set(start, [...known, secret]);
    }
  };
  const filter = (): ((text: string) => string) => {
    let unfinished: UnfinishedKey | undefined;
    return (text) => {
      const cut = cutPrivateKeys(text, unfinished);
      unfinished = cut.unfinished;
      return secrets.size === 0 ? cut.text : mask(cut.text, secrets);
    };
  };
  return { add, filter };
}

/** The lines of a value, without PEM's BEGIN and END, which are no secret. */
function linesOf(value: string): readonly string[] {
  return value
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => !line.startsWith('-----'));
}

/** Secrets that overlap are covered to the end of the last. */
function mask(text: string, secrets: ReadonlyMap<string, readonly string[]>): string {
  let kept = '';
  let copied = 0;
  let covered: { readonly from: number; readonly to: number } | undefined;
  for (let at = 0; at + shortest <= text.length; at += 1) {
    const known = secrets.get(text.slice(at, at + shortest));
    const found = known?.filter((secret) => text.startsWith(secret, at)) ?? [];
    if (found.length === 0) continue;
    const to = at + Math.max(...found.map((secret) => secret.length));
    if (covered !== undefined && at <= covered.to) {
      covered = { from: covered.from, to: Math.max(to, covered.to) };
      continue;
    }
    if (covered !== undefined) {
      kept += text.slice(copied, covered.from) + redacted;
      copied = covered.to;
    }
    covered = { from: at, to };
  }
  if (covered === undefined) return text;
  return kept + text.slice(copied, covered.from) + redacted + text.slice(covered.to);
}

const keyMarker = /-----(BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;

/** A key that began in an earlier text of the source and has not ended. */
interface UnfinishedKey {
  /** How long a line of base64 has to be to belong to it: any length right after its last line, else a key's. */
  readonly least: number;
}

interface Cut {
  readonly text: string;
  readonly unfinished: UnfinishedKey | undefined;
}

/**
 * Cuts out what is between BEGIN and END of private keys. A key whose END is missing goes on to the end of the text
 * and, as lines of base64, in the texts after it (a program's output comes line by line); of one whose BEGIN is
 * missing, the base64 before END is cut.
 */
function cutPrivateKeys(text: string, earlier: UnfinishedKey | undefined): Cut {
  let kept = '';
  let from = 0;
  let unfinished = earlier;
  let isInside = false;
  for (const marker of text.matchAll(keyMarker)) {
    const before = text.slice(from, marker.index);
    if (isInside) kept += redacted;
    else {
      const rest = cutBase64Lines(before, unfinished).text;
      kept += marker[1] === 'END' ? cutBase64Tail(rest) : rest;
    }
    kept += marker[0];
    from = marker.index + marker[0].length;
    unfinished = undefined;
    isInside = marker[1] === 'BEGIN';
  }
  const rest = text.slice(from);
  if (isInside) return { text: rest.trim() === '' ? kept : kept + redacted, unfinished: { least: 1 } };
  const cut = cutBase64Lines(rest, unfinished);
  return { ...cut, text: kept + cut.text };
}

function cutBase64Lines(text: string, unfinished: UnfinishedKey | undefined): Cut {
  if (unfinished === undefined) return { text, unfinished };
  let { least } = unfinished;
  const lines = text.split('\n').map((line) => {
    const word = line.trim();
    if (word === '') return line;
    const isPiece = word.length >= least && /^[A-Za-z0-9+/=]+$/.test(word);
    least = isPiece ? 1 : keyPiece;
    return isPiece ? redacted : line;
  });
  return { text: lines.join('\n'), unfinished: { least } };
}

/** Walks back by hand: a pattern for this would try every start anew. */
function cutBase64Tail(text: string): string {
  let start = text.length;
  // The backslash is for a key in JSON, whose lines end in a written \n.
  while (start > 0 && /[A-Za-z0-9+/=\s\\]/.test(text.charAt(start - 1))) start -= 1;
  const hasPiece = text
    .slice(start)
    .split(/\s|\\[nr]/)
    .some((word) => word.length >= keyPiece);
  return hasPiece ? text.slice(0, start) + redacted : text;
}
