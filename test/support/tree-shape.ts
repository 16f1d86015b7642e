import { createPrivateKey } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What differs from run to run, or from program to program by right, as pattern and what stands for it. */
export type Disregard = readonly (readonly [pattern: RegExp, instead: string])[];

/**
 * Everything below a directory by its path: kind, mode, owner, the target of a link, and of a file what it is made of (the
 * blocks of a PEM file, the keys of a JSON file, the lines of a configuration by their section in any order).
 */
export function treeShape(root: string, disregard: Disregard): Readonly<Record<string, string>> {
  const plain = (text: string): string => {
    let result = text.replaceAll(root, 'ROOT');
    for (const [pattern, instead] of disregard) result = result.replace(pattern, instead);
    return result;
  };
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).map((path) => join(root, path));
  return Object.fromEntries(
    paths
      .map((path) => [plain(relative(root, path)), plain(describeEntry(path))] as const)
      .filter(([path]) => path !== ''),
  );
}

function describeEntry(path: string): string {
  const stats = lstatSync(path);
  const access = `${stats.mode.toString(8)} ${stats.uid}:${stats.gid}`;
  if (stats.isSymbolicLink()) return `${access} -> ${readlinkSync(path)}`;
  return stats.isFile() ? `${access}\n${describeContent(path, readFileSync(path, 'utf8'))}` : access;
}

function describeContent(path: string, text: string): string {
  if (path.endsWith('.pem')) return describePem(text);
  if (path.endsWith('.json'))
    return Object.keys(JSON.parse(text) as object)
      .sort()
      .join('\n');
  return path.endsWith('.conf') ? describeConf(text) : '';
}

function describePem(text: string): string {
  const labels = [...text.matchAll(/^-----BEGIN (.*)-----\n(?:[\w+/=]{1,64}\n)+-----END \1-----\n/gm)];
  const between = text.length - labels.reduce((sum, [block]) => sum + block.length, 0);
  const key = text.includes('PRIVATE KEY')
    ? JSON.stringify(createPrivateKey(text).asymmetricKeyDetails, keyDetail)
    : '';
  return `${labels.map(([, label]) => label).join(', ')}, ${between} between ${key}`;
}

function keyDetail(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function describeConf(text: string): string {
  const lines: string[] = [];
  let section = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('[')) section = line;
    else if (line !== '' && !line.startsWith('#')) lines.push(`${section} ${line}`.trim());
  }
  return lines.sort().join('\n');
}
