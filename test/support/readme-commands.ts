import { readFileSync } from 'node:fs';

export function readmeCommands(file: string): readonly string[] {
  return commandsOf(readFileSync(file, 'utf8'));
}

/** The shell commands of a page's indented blocks, in order; what a backslash continues is one command. */
export function commandsOf(page: string): readonly string[] {
  const text = page.replace(/^```[^]*?^```$/gm, '');
  const blocks = [...text.matchAll(/^\n((?: {4}.*\n)+)/gm)].map((match) => (match[1] ?? '').replace(/^ {4}/gm, ''));
  return blocks.flatMap((block) => block.replaceAll(/ *\\\n */g, ' ').split('\n')).filter((line) => line !== '');
}
