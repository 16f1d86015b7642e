import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startHaproxy } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { challengeDirectory } from '../support/lua-service.js';

export const challengePath = '/.well-known/acme-challenge/';
const token = 'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA';
/** RFC 8555 section 8.1, as long as a real one. */
export const keyAuthorization: string = `${token}.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI`;
const luaFile = resolve(import.meta.dirname, '../../dist/acme-http01.lua');

export const variantNames = ['fixed', 'native-map', 'ours-map', 'ours-file'] as const;
export type VariantName = (typeof variantNames)[number];

/** A way to answer challenges, running. */
export interface Variant {
  readonly name: VariantName;
  readonly threads: number;
  readonly pid: number;
  readonly url: string;
  readonly stop: () => Promise<void>;
}

interface Configuration {
  /** Lines of the global section. */
  readonly global: readonly string[];
  /** What answers a challenge. */
  readonly action: string;
}

/** The files that the variants answer from, with one challenge in each. */
export interface Sources {
  readonly map: string;
  readonly webroot: string;
}

export function writeSources(directory: string): Sources {
  const sources = { map: join(directory, 'acme.map'), webroot: join(directory, 'webroot') };
  writeFileSync(sources.map, `${token} ${keyAuthorization}\n`);
  mkdirSync(challengeDirectory(sources.webroot), { recursive: true });
  writeFileSync(join(challengeDirectory(sources.webroot), token), keyAuthorization);
  return sources;
}

function configurationOf(name: VariantName, { map, webroot }: Sources): Configuration {
  const returned = 'return status 200 content-type text/plain';
  const lua = (setting: string): Configuration => ({
    global: [
      `setenv ${setting}`,
      '.if version_atleast(3.2)',
      'tune.lua.bool-sample-conversion normal',
      '.endif',
      `lua-load-per-thread ${luaFile}`,
    ],
    action: 'use-service lua.acme-http01',
  });
  const configurations: Record<VariantName, Configuration> = {
    fixed: { global: [], action: `${returned} string "${keyAuthorization}"` },
    'native-map': { global: [], action: `${returned} lf-string "%[path,field(-1,/),map(${map})]"` },
    'ours-map': lua(`ACME_MAP ${map}`),
    'ours-file': lua(`ACME_WEBROOT ${webroot}`),
  };
  return configurations[name];
}

/** Starts HAProxy for one way to answer; it runs until it is stopped. */
export async function startVariant(
  directory: string,
  variant: { readonly name: VariantName; readonly threads: number },
  sources: Sources,
): Promise<Variant> {
  const { name, threads } = variant;
  const own = join(directory, `${name}-${threads}`);
  mkdirSync(own);
  const port = await freePort();
  const { global, action } = configurationOf(name, sources);
  const haproxy = await startHaproxy(
    own,
    `
global
  nbthread ${threads}
${global.map((line) => `  ${line}\n`).join('')}
defaults
  mode http
  timeout client 30s
  timeout connect 5s
  timeout server 30s
frontend http
  bind ${loopback}:${port}
  http-request ${action} if { path_beg ${challengePath} }
`,
  );
  return {
    name,
    threads,
    pid: haproxy.pid(),
    url: `http://${loopback}:${port}${challengePath}${token}`,
    stop: haproxy.stop,
  };
}
