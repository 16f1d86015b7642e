import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** A configuration that a page shows. */
export interface DocumentedBlock {
  /** The heading of the second level that it stands below. */
  readonly title: string;
  readonly config: string;
}

/** Every ```haproxy block of a page of docs/. */
export function documentedBlocks(page: string): readonly DocumentedBlock[] {
  const text = readFileSync(resolve(import.meta.dirname, '../../docs', page), 'utf8');
  const blocks: DocumentedBlock[] = [];
  let title = '';
  for (const [, heading, config] of text.matchAll(/^## (.+)$|^```haproxy\n([^]*?)^```$/gm)) {
    if (config === undefined) title = heading ?? '';
    else blocks.push({ title, config });
  }
  return blocks;
}
