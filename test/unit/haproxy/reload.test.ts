import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { holdsListener, readProcess, startContext } from '../../../src-node/haproxy/process.js';
import { reloadHaproxy } from '../../../src-node/haproxy/reload.js';
import { systemClock } from '../../../src-node/platform/clock.js';
import { runShell } from '../../../src-node/platform/run-shell.js';
import { runOrThrow, until } from '../../support/child.js';
import { alive, haproxyBin } from '../../support/haproxy.js';
import { freePort, loopback } from '../../support/loopback.js';
import { temporaryDirectory } from '../../support/temporary.js';

it("waits for the workers of a successor that is a master by 'master-worker' in its new configuration", async () => {
  const directory = temporaryDirectory();
  const [cfg, pidfile] = [join(directory.path, 'h.cfg'), join(directory.path, 'pid')];
  const timeouts = '  timeout client 1s\n  timeout server 1s\n  timeout connect 1s\n';
  const bind = `  bind ${loopback}:${await freePort()}\n`;
  const config = `defaults\n  mode http\n${timeouts}frontend f\n${bind}`;
  writeFileSync(cfg, config);
  const pid = (): number => Number(readFileSync(pidfile, 'utf8'));
  try {
    await runOrThrow(haproxyBin, ['-D', '-f', cfg, '-p', pidfile]);
    const old = await until('HAProxy runs', async () => await readProcess(pid()));
    await until('it listens', async () => await holdsListener(old.pid));
    writeFileSync(cfg, `global\n  master-worker\n${config}`);
    const report = await reloadHaproxy(
      [old],
      {
        bin: haproxyBin,
        cfg: [cfg],
        pidfile,
        sockets: [],
        masterSocket: undefined,
        command: undefined,
        unit: undefined,
        hardStopAfter: true,
        runShell: async (command) => await runShell(command, { env: process.env }),
        context: await startContext(old.pid),
        loadTime: 0,
        kill: (target, signal) => process.kill(target, signal),
        clock: systemClock,
      },
      () => undefined,
    );
    expect(report).toEqual({ way: 'successor', started: [pid()], draining: [], hints: [] });
    expect(pid()).not.toBe(old.pid);
    expect(alive(old.pid)).toBe(false);
  } finally {
    process.kill(pid(), 'SIGTERM');
    await until('HAProxy is gone', () => !alive(pid()));
    directory.remove();
  }
});
