/** One setting of a cli.ini. */
export interface IniEntry {
  /** As written: with or without dashes in front. */
  readonly key: string;
  /** Undefined where the key stands alone. */
  readonly value: string | readonly string[] | undefined;
  /** Counted from 1. */
  readonly line: number;
}

export interface IniFile {
  /** Of a key that is given twice only the last one. */
  readonly entries: readonly IniEntry[];
  /** The first line that is no setting. */
  readonly unreadable: number | undefined;
}

/**
 * Reads the dialect of certbot's cli.ini (Python's ConfigArgParse): `key = value`, `key: value`, `key value` or `key`; a
 * comment begins with # or ;, where a space stands before it; quotes around a whole value are dropped; `[a, b]` is a list,
 * and a line that begins with [ or --- says nothing.
 */
export function readIni(text: string): IniFile {
  const entries = new Map<string, IniEntry>();
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    const content = raw.trim();
    if (content === '' || /^[#;[]/.test(content) || content.startsWith('---')) continue;
    const setting = /^([^:=;#\s]+)(?:$|(\s*[:=]|\s)\s*(.*)$)/.exec(content);
    const key = setting?.[1];
    if (key === undefined) return { entries: [...entries.values()], unreadable: index + 1 };
    entries.set(key, { key, value: readValue(setting?.[2], setting?.[3]), line: index + 1 });
  }
  return { entries: [...entries.values()], unreadable: undefined };
}

function readValue(separator: string | undefined, written: string | undefined): IniEntry['value'] {
  if (separator === undefined || written === undefined) return undefined;
  const value = bareValue(written);
  // After a space as after nothing: an empty value is a key that stands alone.
  if (value === '' && separator.trim() === '') return undefined;
  return value.startsWith('[') && value.endsWith(']') ? readList(value) : value;
}

/** Without its quotes, and without a comment behind it. */
function bareValue(written: string): string {
  const quoted = /^(["'])(.+?)?\1(?:\s+[;#].*)?$/.exec(written);
  if (quoted !== null) return quoted[2] ?? '';
  return /^(.+?)(?:\s+[;#].*)?$/.exec(written)?.[1] ?? '';
}

function readList(value: string): readonly string[] {
  try {
    const parsed: unknown = JSON.parse(value);
    if (Array.isArray(parsed)) return parsed.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
  } catch {
    // Words without quotes are no JSON, and as good.
  }
  const inner = value.slice(1, -1);
  return inner.split(',').map((item) => item.trim());
}
