import { join, resolve } from 'node:path';
import { startDaemon, until, type Daemon } from '../support/child.js';
import { loopback } from '../support/loopback.js';
import type { LoadKeyword } from '../support/service-under-test.js';

export const challengePath = '/.well-known/acme-challenge/';
const thumbprint = '9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI';
export const token = 'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA';
/** RFC 8555 section 8.1, as long as a real one. */
export const keyAuthorization: string = `${token}.${thumbprint}`;

export const variantNames = [
  'fixed',
  'native-map',
  'native-thumbprint',
  'least-service',
  'ours-thumbprint',
  'ours-map',
  'ours-file',
  'file-and-log',
  'spoe',
  'standalone',
] as const;
export type VariantName = (typeof variantNames)[number];

/** The files that the variants answer from, with one challenge in each. */
export interface Sources {
  readonly map: string;
  readonly webroot: string;
  /** Where a variant has files of its own. */
  readonly own: string;
  /** A free port, for what runs beside HAProxy. */
  readonly port: number;
}

export interface Configuration {
  /** Lines of the global section. */
  readonly global?: readonly string[];
  /** Lines of the frontend, after the ACL `challenge`. */
  readonly frontend: readonly string[];
  /** Text after the frontend. */
  readonly sections?: string;
  /** What answers HAProxy from another process. */
  readonly startOther?: () => Promise<Daemon>;
}

const root = resolve(import.meta.dirname, '../..');
const service = join(root, 'dist/acme-http01.lua');
const returned = 'http-request return status 200 content-type text/plain';
const wellFormed = 'acl token path -m reg ^/\\.well-known/acme-challenge/[A-Za-z0-9_-]{1,128}$';
const otherwise = 'http-request return status 404 if challenge';

/** How HAProxy is configured for one way to answer: where docs/challenges.md has one, as it is there. */
export function configurationOf(name: VariantName, sources: Sources): Configuration {
  const { map, webroot } = sources;
  const value = `path,field(4,/),map(${map})`;
  const configurations: Record<VariantName, () => Configuration> = {
    fixed: () => ({ frontend: [`${returned} string "${keyAuthorization}" if challenge`] }),
    'native-map': () => ({
      frontend: [
        ...[wellFormed, `acl published ${value} -m found`],
        ...[`${returned} lf-string "%[${value}]" if token published`, otherwise],
      ],
    }),
    'native-thumbprint': () => ({
      frontend: [wellFormed, `${returned} lf-string "%[path,field(4,/)].${thumbprint}" if token`, otherwise],
    }),
    'least-service': () => lua(`ACME_TEXT ${keyAuthorization}`, benchFile('least-service.lua'), 'least-service'),
    'ours-thumbprint': () => lua(`ACME_THUMBPRINT ${thumbprint}`, service, 'acme-http01'),
    'ours-map': () => lua(`ACME_MAP ${map}`, service, 'acme-http01'),
    'ours-file': () => lua(`ACME_WEBROOT ${webroot}`, service, 'acme-http01'),
    'file-and-log': () => lua(`ACME_WEBROOT ${webroot}`, benchFile('file-and-log.lua'), 'file-and-log', 'lua-load'),
    spoe: () => byAgent(sources),
    standalone: () => byServer(sources),
  };
  return configurations[name]();
}

function lua(setting: string, file: string, name: string, load: LoadKeyword = 'lua-load-per-thread'): Configuration {
  const conversion = ['.if version_atleast(3.2)', 'tune.lua.bool-sample-conversion normal', '.endif'];
  return {
    global: [`setenv ${setting}`, ...conversion, `${load} ${file}`],
    frontend: [`http-request use-service lua.${name} if challenge`],
  };
}

const benchFile = (name: string): string => join(import.meta.dirname, name);

function byAgent({ own, port }: Sources): Configuration {
  const key = 'var(txn.acme.key_authorization)';
  const listen = `${loopback}:${port}`;
  return {
    frontend: [
      `filter spoe engine acme config ${join(root, 'haproxy/spoe-acme.conf')}`,
      `${returned} lf-string "%[${key}]" if challenge { ${key} -m found }`,
      otherwise,
    ],
    sections: `backend acme-agent\n  mode tcp\n  timeout server 3m\n  server agent ${listen}\n`,
    startOther: async () => {
      const command = [join(root, 'dist/haproxy-acme.js'), 'spoa', '--listen', listen];
      return await other(
        [...command, '--thumbprint', thumbprint, '--spoe-control', join(own, 'control.sock')],
        'answers',
      );
    },
  };
}

function byServer({ port }: Sources): Configuration {
  return {
    frontend: ['use_backend acme if challenge'],
    sections: `backend acme\n  server acme ${loopback}:${port}\n`,
    startOther: async () => {
      const script = ['--import', 'tsx', benchFile('standalone-server.ts')];
      return await other([...script, loopback, String(port), token, keyAuthorization], 'listens');
    },
  };
}

/** Another process of Node.js, once it has said that it is ready. */
async function other(args: readonly string[], ready: string): Promise<Daemon> {
  const daemon = startDaemon(process.execPath, args);
  try {
    await until('the process beside HAProxy is ready', () => {
      if (daemon.exited()) throw new Error('it has ended');
      return daemon.output().includes(ready);
    });
  } catch (error) {
    await daemon.stop();
    throw new Error(`${args.join(' ')} does not answer HAProxy: ${daemon.output()}`, { cause: error });
  }
  return daemon;
}
