import { DeployError } from './deploy-error.js';

/** A line of a crt-list (configuration manual, "crt-list"): `FILE [OPTION ...] [!]NAME ...`. */
export interface CrtListEntry {
  /** From 1. */
  readonly line: number;
  /** As written: HAProxy knows neither quotes nor escapes here. */
  readonly certificate: string;
  /** What stands behind the certificate, verbatim, such as ' [alpn h2] shop.test !x.shop.test'. */
  readonly rest: string;
}

/** @throws DeployError `crt-list-invalid` with the number of a line that HAProxy does not take, or takes for another. */
export function readCrtList(text: string, file: string): readonly CrtListEntry[] {
  return splitLines(text).flatMap((content, index) => {
    const found = readLine(content);
    if (found === undefined) return [];
    const line = index + 1;
    if ('problem' in found) {
      throw new DeployError('crt-list-invalid', `Line ${line} of the crt-list ${file} ${found.problem}.`);
    }
    return [{ line, ...found }];
  });
}

/**
 * The text with a line for the certificate at its end; the same text where an entry names it already. The user's lines
 * stay as they are, but HAProxy rejects a last line without an end, so that it is given one.
 * @param sameFile whether a name in the list means the certificate's file.
 * @throws DeployError `crt-list-invalid` for a file name that no crt-list can hold.
 */
export function withCertificate(
  text: string,
  entry: Pick<CrtListEntry, 'certificate' | 'rest'>,
  sameFile: (certificate: string) => boolean,
): string {
  if (splitLines(text).some((line) => names(line, sameFile))) return text;
  const { certificate } = entry;
  if (certificate === '' || /^#|[ \t\v\f\r\n[\]]/.test(certificate)) {
    const reason = 'has a blank, a bracket or a leading #, which HAProxy does not take there';
    throw new DeployError('crt-list-invalid', `The file name ${JSON.stringify(certificate)} ${reason}.`);
  }
  const end = /\r\n/.test(text) ? '\r\n' : '\n';
  const before = text === '' || text.endsWith('\n') ? text : text + end;
  const rest = /^(?:[ \t[]|$)/.test(entry.rest) ? entry.rest : ` ${entry.rest}`;
  return before + certificate + rest + end;
}

/** The text without the lines that name the certificate: the way back of one that was added. */
export function withoutCertificate(text: string, sameFile: (certificate: string) => boolean): string {
  return splitLines(text)
    .filter((line) => !names(line, sameFile))
    .join('');
}

/** With their ends, CRLF or LF. */
function splitLines(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function names(line: string, sameFile: (certificate: string) => boolean): boolean {
  const found = readLine(line);
  return found !== undefined && 'certificate' in found && sameFile(found.certificate);
}

type Line = Pick<CrtListEntry, 'certificate' | 'rest'> | { readonly problem: string };

/** Undefined for a comment, which has its # in the first column, and for a line of blanks. */
function readLine(line: string): Line | undefined {
  const content = line.replace(/\r?\n$/, '');
  if (content.startsWith('#') || /^[ \t\v\f\r]*$/.test(content)) return undefined;
  const [, certificate = '', rest = ''] = /^[ \t\v\f\r]*([^ \t\v\f\r[\]]*)(.*)$/s.exec(content) ?? [];
  if (certificate === '') return { problem: 'begins with a bracket where a certificate belongs' };
  if (/^[^[\]]*(?:\[[^[\]]*\][^[\]]*)?$/.test(rest)) return { certificate, rest };
  const brackets = rest.replace(/[^[\]]/g, '');
  if (brackets === '[') return { problem: "has a '[' that is not closed" };
  return { problem: "has more than one pair of brackets, or a ']' without '['" };
}
