import type { Spread } from './figures.js';

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

export function ratioText({ median, lowest, highest }: Spread, digits = 2): string {
  return `${median.toFixed(digits)} (${lowest.toFixed(digits)} to ${highest.toFixed(digits)})`;
}

/** A row of the table of aims: what was aimed at, what was measured, and whether it is met as it is printed. */
export function atMost(what: string, most: number, measured: number, digits = 2): readonly string[] {
  const shown = measured.toFixed(digits);
  return [what, `at most ${most}`, shown, Number(shown) <= most ? 'yes' : 'no'];
}

export function atLeast(what: string, least: number, measured: number, digits = 0): readonly string[] {
  const shown = measured.toFixed(digits);
  return [what, `at least ${least}`, shown, Number(shown) >= least ? 'yes' : 'no'];
}
