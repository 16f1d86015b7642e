import { cpSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { freePort, loopback } from './loopback.js';
import { isRoot } from './stage.js';

const project = resolve(import.meta.dirname, '../..');

/** What is not as shipped in an example beside its ports and the directory that it is below. */
export interface Changes {
  /** What stands for each address of its haproxy.cfg's server lines. */
  readonly servers: Readonly<Record<string, string>>;
  /** Other texts and what stands for them, by file; each has to be there. */
  readonly texts?: readonly (readonly [file: string, text: string, replacement: string])[];
}

/** The directory of an example as shipped. */
export function shippedExample(name: string): string {
  return join(project, 'haproxy/examples', name);
}

/** Absolute paths of files and commands, moved below a directory; throws where one would be the machine's own. */
export function movedBelow(root: string, text: string): string {
  const moved = text.replace(/(?<=^|[\s=:>"'(])\/(?=(?:etc|usr|var|run)\/)/gm, `${root}/`);
  // The directory of the example may be named; it is no place of the machine.
  const left = /^.*(?<!\w)\/(?:etc|usr|var|run|tmp|root|home)\/.*$/m.exec(moved.replaceAll(dirname(root), ''));
  if (left !== null) throw new Error(`a path of this machine is left: ${left[0]}`);
  return moved;
}

/** `text` with every `from` replaced; throws where there is none. */
export function replaced(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`there is no '${from}' to replace in: ${text}`);
  return text.replaceAll(from, () => to);
}

/**
 * Makes `root/clone`, this checkout as far as the commands of examples need it, with the files of one example changed.
 * @returns the port that stands for each port of its binds.
 */
export async function cloneWithExample(name: string, root: string, changes: Changes): Promise<Map<number, number>> {
  const clone = join(root, 'clone');
  cpSync(join(project, 'haproxy'), join(clone, 'haproxy'), { recursive: true });
  symlinkSync(join(project, 'dist'), join(clone, 'dist'));
  const ports = new Map<number, number>();
  for (const file of readdirSync(shippedExample(name)).filter((entry) => entry !== 'README.md')) {
    let text = readFileSync(join(shippedExample(name), file), 'utf8');
    if (file === 'haproxy.cfg') text = await onFreePorts(withServers(text, changes.servers), ports);
    const texts = (changes.texts ?? []).filter(([wanted]) => wanted === file);
    for (const [, from, to] of texts) text = replaced(text, from, to);
    writeFileSync(join(clone, 'haproxy/examples', name, file), movedBelow(root, text));
  }
  return ports;
}

async function onFreePorts(config: string, ports: Map<number, number>): Promise<string> {
  const bind = /^( +bind )(?:\*|127\.0\.0\.1):(\d+)(?=\s)/gm;
  for (const [, , port] of config.matchAll(bind)) ports.set(Number(port), await freePort());
  const moved = config.replace(bind, (_, word: string, port: string) => {
    return `${word}${loopback}:${ports.get(Number(port)) ?? '?'}`;
  });
  const left = moved.split('\n').filter((line) => /^ +bind (?!\/)/.test(line) && !line.includes(` ${loopback}:`));
  if (ports.size === 0 || left.length > 0) throw new Error(`binds that are not understood: ${left.join('\n')}`);
  // Only root can become another user.
  return isRoot ? moved : moved.replace(/^ +(?:user|group) haproxy\n/gm, '').replaceAll(' user haproxy ', ' ');
}

function withServers(config: string, servers: Changes['servers']): string {
  const unused = new Set(Object.keys(servers));
  const changed = config.replace(/^( +server \S+ )(\S+)/gm, (line: string, start: string, quoted: string) => {
    const address = quoted.replaceAll('"', '');
    // A socket of HAProxy's own is among its files.
    if (address.startsWith('/')) return line;
    const to = servers[address];
    if (to === undefined) throw new Error(`nothing stands for the address of: ${line}`);
    unused.delete(address);
    return `${start}"${to}"`;
  });
  if (unused.size > 0) throw new Error(`no server has the address ${[...unused].join(', ')}`);
  return changed;
}
