/** The targets of a Link header (RFC 8288) with the relation `alternate`, as absolute URLs. */
export function alternateLinks(header: string, base: string): readonly string[] {
  return [...header.matchAll(/<([^<>]*)>((?:\s*;\s*[\w*-]+\s*(?:=\s*(?:"[^"]*"|[^\s",;]*))?)*)/g)]
    .filter(([, , parameters = '']) => relations(parameters).includes('alternate'))
    .map(([, target = '']) => target)
    .filter((target) => URL.canParse(target, base))
    .map((target) => new URL(target, base).href);
}

/** `rel` holds one relation, or several in quotes with blanks between. */
function relations(parameters: string): readonly string[] {
  const found = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]*))/i.exec(parameters);
  return (found?.[1] ?? found?.[2] ?? '').toLowerCase().split(/\s+/);
}
