import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { run, type RunOptions, type RunResult } from './child.js';

const program = resolve(import.meta.dirname, '../../dist/haproxy-acme.js');

/** What `bootstrap --json` prints. */
export interface BootstrapJson {
  readonly certDir: { readonly path: string; readonly made: boolean; readonly files: number };
  readonly defaultCert: {
    readonly path: string;
    readonly made: boolean;
    readonly subject: string;
    readonly fingerprint: string;
    readonly notAfter: string;
  };
  readonly crtList: { readonly path: string; readonly made: boolean; readonly lines: number } | null;
  readonly bind: string;
}

/** A machine's directories of its own, with nothing in them. */
export interface Machine {
  readonly path: string;
  readonly at: (path: string) => string;
  readonly bootstrap: (args?: readonly string[], options?: MachineOptions) => Promise<RunResult>;
  readonly json: (args?: readonly string[]) => Promise<BootstrapJson>;
}

interface MachineOptions extends RunOptions {
  /** What the command is started by. */
  readonly by?: readonly string[];
}

let machines = 0;

/** A new one below a directory. */
export function bareMachine(root: string): Machine {
  machines += 1;
  const path = join(root, `machine-${machines}`);
  mkdirSync(path);
  const at = (below: string): string => join(path, below);
  const places = ['--config-dir', at('le'), '--work-dir', at('work'), '--logs-dir', at('logs')];
  const bootstrap: Machine['bootstrap'] = async (args = [], { by = [], ...options } = {}) => {
    const certDir = args.includes('--haproxy-cert-dir') ? [] : ['--haproxy-cert-dir', at('etc/haproxy/certs')];
    const [first = '', ...rest] = [...by, process.execPath, program, 'bootstrap', ...places, ...certDir, ...args];
    return await run(first, rest, { ...options, env: { HOME: path, ...options.env } });
  };
  const json: Machine['json'] = async (args = []) => {
    const result = await bootstrap([...args, '--json']);
    if (result.code !== 0 || result.stderr !== '')
      throw new Error(`bootstrap exited ${String(result.code)}: ${result.stderr}`);
    return JSON.parse(result.stdout) as BootstrapJson;
  };
  return { path, at, bootstrap, json };
}

/** SHA-256 of the certificate in a file. */
export function fingerprint(file: string): string {
  return new X509Certificate(readFileSync(file)).fingerprint256;
}
