import { readStatements } from './config-lines.js';
import type { ConfigFile, ConfigSurroundings, HaproxyConfig, TlsBind } from './config-model.js';
import { takeStatement } from './config-sections.js';
import { beginReading, enterDirectory, sectionName } from './config-state.js';

export type { BindEndpoint, ConfigFile, ConfigSurroundings, HaproxyConfig, TlsBind } from './config-model.js';

/**
 * Reads configuration files in their order, as HAProxy does (configuration manual, section 2). It judges nothing: what
 * HAProxy rejects is passed over.
 */
export function readHaproxyConfig(files: readonly ConfigFile[], surroundings: ConfigSurroundings): HaproxyConfig {
  const state = beginReading(surroundings);
  for (const file of files) {
    // A section ends where its file ends.
    state.section = undefined;
    enterDirectory(state, file.path);
    const statements = readStatements(file, state.env, () => sectionName(state.section));
    for (const statement of statements) takeStatement(state, statement);
  }
  const { servers, statsSockets, storedCertificates, crtBase, hardStopAfter, bufsize, chroot, masterWorker } = state;
  const tlsBinds = state.binds.map(({ disabled, strictSni, ...bind }): TlsBind => ({
    ...bind,
    endpoints: disabled.now ? [] : bind.endpoints,
    strictSni: strictSni ?? state.strictSni,
  }));
  return { tlsBinds, servers, statsSockets, storedCertificates, crtBase, hardStopAfter, bufsize, chroot, masterWorker };
}
