/**
 * The dialect of certbot's renewal/NAME.conf: `key = value` lines, `[section]` and `[[subsection]]` headings, comments by
 * `#`, lists by commas (`a,` is a list of one). A change touches its own line: comments, order and unknown keys stay.
 */
export interface RenewalConf {
  readonly lines: readonly Line[];
  readonly newline: '\n' | '\r\n';
}

type Line =
  | {
      readonly kind: 'entry';
      readonly section: string;
      readonly key: string;
      /** As it is written, with its quotes. */
      readonly value: string;
      readonly comment: string;
      /** The whole entry as it is written, of several lines where its value is. */
      readonly text: string;
    }
  | { readonly kind: 'heading'; readonly section: string; readonly text: string }
  | { readonly kind: 'other'; readonly section: string; readonly text: string };

/** The part before the first heading. */
export const rootSection = '';
export const renewalParams = 'renewalparams';
export const webrootMapSection = 'renewalparams/webroot_map';
/** Ours: certbot keeps it and does not look at it. */
export const haproxySection = 'haproxy';

export function parseRenewalConf(text: string): RenewalConf {
  const lines: Line[] = [];
  let section = rootSection;
  const parents: string[] = [];
  for (const line of logicalLines(text)) {
    const heading = /^\s*(\[+)\s*([^\]]*?)\s*\]+\s*(?:#.*)?$/.exec(line);
    const entry = entryPattern.exec(line);
    if (heading !== null) {
      const depth = heading[1]?.length ?? 1;
      parents.length = depth - 1;
      parents.push(unquote(heading[2] ?? ''));
      section = parents.join('/');
      lines.push({ kind: 'heading', section, text: line });
    } else if (entry !== null) {
      const [value, comment] = splitComment((entry[2] ?? '').trim());
      lines.push({ kind: 'entry', section, key: unquote(entry[1] ?? ''), value, comment, text: line });
    } else {
      lines.push({ kind: 'other', section, text: line });
    }
  }
  return { lines, newline: text.includes('\r\n') ? '\r\n' : '\n' };
}

const entryPattern = /^\s*("[^"]*"|'[^']*'|[^#=[\s"'][^=]*?)\s*=\s*(.*)$/s;
const tripleQuotes = ['"""', "'''"] as const;

/** The lines of a file, those of a value in triple quotes put together. */
function logicalLines(text: string): readonly string[] {
  const source = text
    .replace(/^\ufeff/, '')
    .replace(/\r\n/g, '\n')
    .replace(/\n$/, '');
  const result: string[] = [];
  let open: string | undefined;
  for (const line of source === '' ? [] : source.split('\n')) {
    if (open !== undefined) {
      result.push(`${result.pop() ?? ''}\n${line}`);
      if (line.includes(open)) open = undefined;
      continue;
    }
    result.push(line);
    const value = entryPattern.exec(line)?.[2] ?? '';
    const quotes = tripleQuotes.find((triple) => value.startsWith(triple));
    if (quotes !== undefined && !value.slice(quotes.length).includes(quotes)) open = quotes;
  }
  return result;
}

/** What nobody has changed comes out as it was read. */
export function serializeRenewalConf(conf: RenewalConf): string {
  return conf.lines
    .map((line) => `${line.text}\n`)
    .join('')
    .replaceAll('\n', conf.newline);
}

/** The value of a key as text, without its quotes. */
export function confValue(conf: RenewalConf, section: string, key: string): string | undefined {
  const found = conf.lines.find((line) => line.kind === 'entry' && line.section === section && line.key === key);
  return found?.kind === 'entry' ? unquote(found.value) : undefined;
}

/** The value of a key as a list; a value without a comma is a list of one. */
export function confList(conf: RenewalConf, section: string, key: string): readonly string[] {
  const found = conf.lines.find((line) => line.kind === 'entry' && line.section === section && line.key === key);
  return found?.kind === 'entry' ? splitList(found.value) : [];
}

/** All keys of a section with their values, in their order. */
export function confSection(conf: RenewalConf, section: string): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  for (const line of conf.lines) {
    if (line.kind === 'entry' && line.section === section) entries.set(line.key, unquote(line.value));
  }
  return entries;
}

/** Sets a key, in its place if it is there, else at the end of its section; `undefined` removes it. */
export function setConfValue(
  conf: RenewalConf,
  section: string,
  key: string,
  value: string | readonly string[] | undefined,
): RenewalConf {
  const lines = [...conf.lines];
  const at = lines.findIndex((line) => line.kind === 'entry' && line.section === section && line.key === key);
  if (value === undefined) return { ...conf, lines: lines.filter((_, index) => index !== at) };
  const written = typeof value === 'string' ? quote(value) : joinList(value);
  const old = lines[at];
  if (old?.kind === 'entry') {
    if (written !== old.value) lines[at] = entryLine({ ...old, value: written });
  } else {
    const entry = entryLine({ section, key, value: written, comment: '' });
    lines.splice(endOfSection(lines, section), 0, entry);
  }
  return { ...conf, lines };
}

/** Replaces a whole section by these entries; an empty map leaves the heading out. */
export function setConfSection(conf: RenewalConf, section: string, entries: ReadonlyMap<string, string>): RenewalConf {
  const lines = conf.lines.filter((line) => line.section !== section || line.kind === 'other');
  let result: RenewalConf = { ...conf, lines };
  for (const [key, value] of entries) result = setConfValue(result, section, key, value);
  return result;
}

/** Where a new entry of `section` goes; makes the heading where there is none. */
function endOfSection(lines: Line[], section: string): number {
  const last = lines.findLastIndex((line) => line.section === section && line.kind !== 'other');
  if (last !== -1) return last + 1;
  if (section === rootSection) return 0;
  const names = section.split('/');
  const depth = names.length;
  const heading: Line = {
    kind: 'heading',
    section,
    text: `${'['.repeat(depth)}${names.at(-1) ?? ''}${']'.repeat(depth)}`,
  };
  // A subsection stands at the end of its parent, before the next section of the parent's depth.
  const parent = names.slice(0, -1).join('/');
  const within = (line: Line): boolean => line.section === parent || line.section.startsWith(`${parent}/`);
  const at = depth === 1 ? lines.length : lines.findLastIndex(within) + 1;
  lines.splice(at, 0, heading);
  return at + 1;
}

function entryLine(entry: Omit<Extract<Line, { kind: 'entry' }>, 'kind' | 'text'>): Line {
  const { key, value, comment } = entry;
  return { ...entry, kind: 'entry', text: `${key} = ${value}${comment === '' ? '' : ` ${comment}`}` };
}

/** An item of a list, or a value that is none; a quote within it is a character like any other. */
const itemPattern = /\s*("[^"]*"|'[^']*'|[^\s,#"'][^,#]*?)\s*(?=[,#]|$)/y;

function splitComment(text: string): [value: string, comment: string] {
  const triple = /^("""|''').*?\1(?=\s*(?:#.*)?$)/s.exec(text);
  const end = triple === null ? endOfItems(text) : triple[0].length;
  const rest = text.slice(end).trimStart();
  return rest === '' || rest.startsWith('#') ? [text.slice(0, end).trimEnd(), rest] : [text, ''];
}

function endOfItems(text: string): number {
  let end = 0;
  for (;;) {
    itemPattern.lastIndex = end;
    if (itemPattern.exec(text) !== null) end = itemPattern.lastIndex;
    if (text[end] !== ',') return end;
    end += 1;
  }
}

function unquote(text: string): string {
  const match = /^("""|'''|"|')(.*)\1$/s.exec(text);
  return match?.[2] ?? text;
}

/** @throws where the dialect has no way to write it. */
function quote(text: string): string {
  if (text !== '' && !/[,#"'\n]|^\s|\s$/.test(text)) return text;
  const single = ['"', "'"].find((mark) => !text.includes(mark) && !text.includes('\n'));
  const mark = single ?? tripleQuotes.find((triple) => !text.includes(triple) && !text.endsWith(triple.charAt(0)));
  if (mark === undefined)
    throw new Error('a renewal configuration cannot hold a value with both kinds of triple quotes');
  return `${mark}${text}${mark}`;
}

function splitList(text: string): readonly string[] {
  const items = [...text.matchAll(new RegExp(itemPattern.source, 'g'))];
  return items.map((item) => unquote(item[1] ?? ''));
}

/** @throws where an item cannot be written: in a list there are no triple quotes. */
function joinList(items: readonly string[]): string {
  const written = items.map(quote);
  if (written.some((item) => tripleQuotes.some((triple) => item.startsWith(triple)))) {
    throw new Error('a list in a renewal configuration cannot hold a line break, or both kinds of quotes at once');
  }
  return written.length === 1 ? `${written.join()},` : written.join(', ');
}
