import { networkInterfaces } from 'node:os';
import type { SelfCheckMode } from '../lineage/challenge-settings.js';
import type { Config } from '../config/config.js';
import type { Dependencies } from '../renewal/dependencies.js';
import { userAgentOf, type NetworkSurroundings } from './compose-network.js';

const defaultMode: SelfCheckMode = 'require';

interface Surroundings extends NetworkSurroundings {
  /** A warning of this run. */
  readonly warn: (sentence: string) => void;
}

/** The look at challenges before the CA's, as each lineage wants it. */
export function composeSelfCheck(
  { network }: Config,
  { logger, signal, warn }: Surroundings,
): Dependencies['selfCheck'] {
  // Where a name is left out, the others are looked at again.
  const told = new Set<string>();
  return (settings) => async (challenges) => {
    const { selfCheck: mode = defaultMode, authenticator } = settings;
    if (mode === 'off') return { passed: [], refusal: undefined };
    const { selfCheck } = await import('../challenge/self-check/self-check.js');
    const machine = {
      addresses: Object.values(networkInterfaces()).flatMap((own = []) => own.map(({ address }) => address)),
    };
    const userAgent = userAgentOf(network);
    const report = await selfCheck(challenges, settings, { mode, authenticator, machine, userAgent, signal });
    for (const sentence of report.warnings.filter((warning) => !told.has(warning))) {
      told.add(sentence);
      logger.debug(sentence);
      warn(sentence);
    }
    return report;
  };
}
