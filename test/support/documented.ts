import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { commandsOf } from './readme-commands.js';

/** A configuration that a page shows. */
export interface DocumentedBlock {
  /** The heading of the second level that it stands below. */
  readonly title: string;
  readonly config: string;
  /** The shell commands below that heading. */
  readonly commands: readonly string[];
}

/** Every ```haproxy block of a page of docs/. */
export function documentedBlocks(page: string): readonly DocumentedBlock[] {
  const text = readFileSync(resolve(import.meta.dirname, '../../docs', page), 'utf8');
  return text.split(/^## /m).flatMap((section) => {
    const [title = ''] = section.split('\n');
    const commands = commandsOf(section);
    return [...section.matchAll(/^```haproxy\n([^]*?)^```$/gm)].map(([, config = '']) => ({ title, config, commands }));
  });
}
