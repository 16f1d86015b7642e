import { createPrivateKey, X509Certificate } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { run, type RunResult } from './child.js';
import { faultInjection, operationsIn, type FaultMode } from './fault-injection.js';
import { haproxyBin } from './haproxy.js';
import type { Stage } from './stage.js';

/** The lineage that each scene is about. */
export const sceneName = 'scene.test';

/** Directories of its own for one disturbed run beside others, at one stage's CA and webroot. */
export interface Scene {
  readonly path: string;
  readonly flags: readonly string[];
  /** Runs the built command on the scene's directories. */
  readonly command: (args: readonly string[], fault?: SceneFault) => Promise<RunResult>;
  /** As `command` with the flags of a first issuance. */
  readonly certonly: (extra?: readonly string[], fault?: SceneFault) => Promise<RunResult>;
  /** Evaluates an expression in which `store` is the scene's store, in a process of its own. */
  readonly onStore: (expression: string, fault?: SceneFault) => Promise<RunResult>;
  /** Runs real certbot on them; of its operations those on the configuration directory count. */
  readonly certbot: (args: readonly string[], fault?: SceneFault) => Promise<RunResult>;
  /** The version that live/ holds, whole, 'none', or what is wrong with it. */
  readonly live: () => string;
  /** The names that renewal/ holds a configuration of. */
  readonly names: () => readonly string[];
  /** What `haproxy -c` says against the bundle directory; empty where it loads it. */
  readonly haproxyProblem: () => Promise<string>;
  /** The operations of the disturbed run. */
  readonly operations: () => readonly string[];
}

export interface SceneFault {
  readonly mode: FaultMode;
  readonly at: number;
}

export type Scenes = (name: string, from?: Scene) => Scene;

/** Makes scenes, empty ones or copies of another. */
export async function scenesOf(stage: Stage): Promise<Scenes> {
  const injection = await faultInjection(stage.at(''));
  const cfg = stage.at('bundles.cfg');
  const bind = `bind 127.0.0.1:1 ssl crt ${stage.at('default.pem')} crt "\${CERTS}"`;
  writeFileSync(cfg, `defaults\n timeout client 1s\nfrontend bundles\n mode http\n ${bind}\n`);
  return (name, from) => {
    const path = stage.at(name);
    const at = (part: string): string => join(path, part);
    const [config, log] = [at('config'), stage.at(`${name}.log`)];
    if (from === undefined) mkdirSync(at('certs'), { recursive: true });
    else copyScene(from.path, path);
    // What is logged is no part of what a scene is about: its lines would be half of all operations.
    const logs = ['--logs-dir', stage.at(`${name}-logs`)];
    const flags = ['--config-dir', config, '--work-dir', at('work'), ...logs];
    const faultEnv = (fault: SceneFault | undefined, root = path): Readonly<Record<string, string>> =>
      fault === undefined ? {} : injection.env({ root, log, ...fault });
    const command: Scene['command'] = async (args, fault) =>
      await stage.command([...args, ...flags], { env: faultEnv(fault) });
    const order = ['-n', '--agree-tos', '--server', stage.pebble.directoryUrl, '--webroot', '-w', stage.webroot];
    return {
      path,
      flags,
      command,
      certonly: async (extra = [], fault) =>
        await command(['certonly', ...order, '-d', sceneName, '--haproxy-cert-dir', at('certs'), ...extra], fault),
      onStore: async (expression, fault) => {
        const module = resolve(import.meta.dirname, '../../src-node/lineage/letsencrypt-directory.ts');
        const program = `import { letsencryptStore } from ${JSON.stringify(module)};
const store = letsencryptStore(${JSON.stringify(config)}, '0.0.0');
await ${expression};`;
        const args = ['--import', 'tsx', '--input-type=module', '-e', program];
        return await run(process.execPath, args, { env: faultEnv(fault) });
      },
      certbot: async (args, fault) =>
        await run('certbot', [...args, ...order, '--register-unsafely-without-email', ...flags], {
          env: { REQUESTS_CA_BUNDLE: stage.pebble.caFile, ...faultEnv(fault, config) },
        }),
      live: () => describeLive(join(config, 'live', sceneName)),
      names: () => readdirSync(join(config, 'renewal')).filter((file) => file.endsWith('.conf')),
      haproxyProblem: async () => {
        const checked = await run(haproxyBin, ['-c', '-q', '-f', cfg], { env: { CERTS: at('certs') } });
        return checked.code === 0 ? '' : checked.stderr;
      },
      operations: () => (existsSync(log) ? operationsIn(log) : []),
    };
  };
}

/** A scene's configurations name its directories by absolute paths. */
function copyScene(from: string, to: string): void {
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
  const renewal = join(to, 'config/renewal');
  for (const file of readdirSync(renewal)) {
    const text = readFileSync(join(renewal, file), 'utf8');
    writeFileSync(join(renewal, file), text.replaceAll(`${from}/`, `${to}/`));
  }
}

/** `1` for a whole version 1: the key is the certificate's, fullchain is certificate and chain. */
function describeLive(live: string): string {
  if (!existsSync(live)) return 'none';
  try {
    const [cert, privkey, chain, fullchain] = ['cert', 'privkey', 'chain', 'fullchain'].map((kind) => ({
      text: readFileSync(join(live, `${kind}.pem`), 'utf8'),
      version: /(\d+)\.pem$/.exec(readlinkSync(join(live, `${kind}.pem`)))?.[1],
    }));
    const versions = new Set([cert, privkey, chain, fullchain].map((file) => file?.version));
    if (versions.size !== 1) return `torn: versions ${[...versions].join(', ')}`;
    if (fullchain?.text !== `${cert?.text ?? ''}${chain?.text ?? ''}`) return 'torn: fullchain';
    const certificate = new X509Certificate(cert?.text ?? '');
    if (!certificate.checkPrivateKey(createPrivateKey(privkey?.text ?? ''))) return 'torn: key';
    return [...versions].join();
  } catch (error) {
    return `torn: ${String(error)}`;
  }
}

/**
 * Runs `attempt` for point 1, 2, 3 and so on, some at once, until one reports that its run was not disturbed any more.
 * @returns how many points there were, and what each attempt found wrong.
 */
export async function atEveryPoint(
  attempt: (point: number) => Promise<{ readonly disturbed: boolean; readonly problems: readonly string[] }>,
  lanes = 3,
): Promise<{ readonly points: number; readonly problems: readonly string[] }> {
  const problems: string[] = [];
  let [next, last] = [1, Number.POSITIVE_INFINITY];
  const lane = async (): Promise<void> => {
    while (next < last) {
      const point = next;
      next += 1;
      const found = await attempt(point);
      if (!found.disturbed) last = Math.min(last, point);
      problems.push(...found.problems.map((problem) => `${point}: ${problem}`));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return { points: last - 1, problems };
}

/** Attempts each of these, some at once, and returns what was found wrong. */
export async function inLanes<T>(
  items: readonly T[],
  attempt: (item: T) => Promise<readonly string[]>,
  lanes = 3,
): Promise<readonly string[]> {
  const [rest, problems]: [T[], string[]] = [[...items], []];
  const lane = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) problems.push(...(await attempt(item)));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return problems;
}
