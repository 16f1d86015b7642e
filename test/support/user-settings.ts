import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pebble } from './pebble.js';

/** Flags that let the self-check find the names that Pebble alone knows, at the ports where Pebble looks for them. */
export function selfCheckFlags({ dnsServer, httpPort, tlsPort }: Pebble): readonly string[] {
  const ports = ['--self-check-port', String(httpPort), '--self-check-https-port', String(tlsPort)];
  return ['--self-check-resolver', dnsServer, ...ports];
}

/** These flags as the user's cli.ini, below a directory that is to be given as XDG_CONFIG_HOME. */
export function writeUserSettings(directory: string, flags: readonly string[]): void {
  mkdirSync(join(directory, 'letsencrypt'), { recursive: true });
  const text = flags.join(' ').replace(/ ?--(\S+) /g, '\n$1 = ');
  writeFileSync(join(directory, 'letsencrypt/cli.ini'), `${text.trim()}\n`);
}
