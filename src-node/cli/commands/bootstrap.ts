import type { Config } from '../../config/config.js';
import { bootstrap } from '../../haproxy/bootstrap.js';
import type { Clock } from '../../platform/clock.js';
import type { CliContext } from '../context.js';
import type { ExitCode } from '../exit-code.js';
import { bootstrapJson, bootstrapText } from '../render/bootstrap.js';

/**
 * `bootstrap`: what HAProxy needs to start before there is a certificate. It takes no lock, because it writes nothing that
 * another run changes.
 */
export async function runBootstrap(config: Config, { stdout }: CliContext, clock: Clock): Promise<ExitCode> {
  const { output, notes } = config;
  const report = await bootstrap({ ...config.bootstrap, crtList: config.haproxy.crtList }, clock.now());
  if (output.json) stdout.write(bootstrapJson(report, notes));
  else if (!output.quiet) stdout.write(bootstrapText(report));
  return 0;
}
