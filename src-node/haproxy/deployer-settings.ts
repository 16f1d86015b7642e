import type { DeployMode } from '../lineage/haproxy-settings.js';
import type { Clock } from '../platform/clock.js';
import type { ReloadTarget } from './reload-target.js';

/** Which HAProxy is meant, and how it is told. */
export interface DeployerSettings {
  readonly mode: DeployMode;
  readonly cfg: readonly string[];
  readonly pidfile: string;
  readonly bin: string | undefined;
  /** As the user named them; empty: those of `cfg`. */
  readonly sockets: readonly string[];
  readonly reloadCommand: string | undefined;
  readonly unit: string | undefined;
  /** host:port, or `none` alone; empty: the binds of `cfg`. */
  readonly verify: readonly string[];
  /** The directories to look for HAProxy in, as in PATH. */
  readonly searchPath: string;
  readonly kill: ReloadTarget['kill'];
  readonly runShell: ReloadTarget['runShell'];
  /** The lineage that a certificate is of, by its SHA-256: two may share a name, of which HAProxy serves one. */
  readonly ownerOf: (fingerprint: string) => Promise<string | undefined>;
  readonly clock: Clock;
}

/** Whether there is a way to reload. */
export function canReload({ mode, cfg, reloadCommand, unit }: DeployerSettings): boolean {
  return (
    (mode === 'auto' || mode === 'reload') && (cfg.length > 0 || reloadCommand !== undefined || unit !== undefined)
  );
}
