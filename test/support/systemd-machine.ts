import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { run, startDaemon, until, type RunResult } from './child.js';
import { haproxyBin } from './haproxy.js';

const nspawn = ['/usr/bin/systemd-nspawn', '/bin/systemd-nspawn'].find((path) => existsSync(path));

/** Whether a systemd of its own can be started here: that wants root, Debian's systemd-container and control groups. */
export const canBootSystemd: boolean =
  process.getuid?.() === 0 && nspawn !== undefined && ['', 'systemd/', 'unified/'].some(hasGroups);

function hasGroups(hierarchy: string): boolean {
  return existsSync(`/sys/fs/cgroup/${hierarchy}cgroup.procs`);
}

/** A container that runs this machine's own systemd, with its programs and network, and nothing else of it. */
export interface SystemdMachine {
  readonly run: (program: string, args: readonly string[]) => Promise<RunResult>;
  readonly stop: () => Promise<void>;
}

/**
 * @param directory is there too, under the same path.
 * @param units files of `directory` that are units.
 */
export async function bootSystemd(directory: string, units: readonly string[]): Promise<SystemdMachine> {
  const programs = [haproxyBin, process.execPath]
    .map((path) => realpathSync(path))
    .filter((path) => !/^\/usr\/s?bin\//.test(path));
  // With the libraries that may lie beside them.
  const shared = new Set(programs.map((path) => path.split('/').slice(0, 4).join('/')));
  const daemon = startDaemon(nspawn ?? '', [
    ...['--boot', '--register=no', '--keep-unit', '--directory=/', '--volatile=yes', '--console=pipe'],
    ...[`--machine=haproxy-acme-${process.pid}`, `--bind=${directory}`],
    ...[...shared].map((path) => `--bind-ro=${path}`),
    ...units.map((unit) => `--bind-ro=${join(directory, unit)}:/run/systemd/system/${unit}`),
    ...['systemd.unit=basic.target', 'systemd.firstboot=off'],
  ]);
  try {
    const leader = await until('systemd is started', () => {
      if (daemon.exited()) throw new Error(`systemd-nspawn exited: ${daemon.output()}`);
      return childOf(daemon.pid);
    });
    const enter = async (program: string, args: readonly string[]): Promise<RunResult> =>
      await run('nsenter', ['--target', String(leader), '--mount', '--pid', '--uts', '--ipc', program, ...args]);
    await until('systemd has started what it wants', async () => {
      const { stdout } = await enter('systemctl', ['is-system-running']);
      return /^(?:running|degraded)$/.test(stdout.trim());
    });
    return { run: enter, stop: daemon.stop };
  } catch (error) {
    await daemon.stop();
    throw new Error(`systemd did not start: ${daemon.output()}`, { cause: error });
  }
}

function childOf(pid: number): number | undefined {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  // systemd-nspawn's own child is systemd once it has become it.
  const found = children.map(Number).find((child) => child > 0 && nameOf(child) === 'systemd');
  return found;
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Writes a program that reloads by the JSON of a target that it is given, and prints its report or its error as JSON. */
export async function buildReloader(file: string): Promise<void> {
  await build({
    stdin: {
      resolveDir: resolve(import.meta.dirname, '../../src-node'),
      loader: 'ts',
      contents: `
        import { reloadHaproxy } from './haproxy/reload.js';
        import { systemClock } from './platform/clock.js';
        const target = {
          ...{ sockets: [], masterSocket: undefined, command: undefined, hardStopAfter: true, loadTime: 0 },
          ...{ clock: systemClock, context: { cwd: undefined, env: undefined, options: [] } },
          ...JSON.parse(process.argv[2]),
        };
        const said = await reloadHaproxy([], target, () => undefined).catch(({ code, details }) => ({ code, details }));
        console.log(JSON.stringify(said));
      `,
    },
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20', outfile: file },
  });
}
