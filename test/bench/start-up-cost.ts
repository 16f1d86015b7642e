import { resolve } from 'node:path';
import { startStage } from '../support/stage.js';
import { timeOfCommand } from './cpu-time.js';
import { spread, type Spread } from './figures.js';

export interface StartUpCost {
  /** Milliseconds of CPU, user and system, of `node -e 0`. */
  readonly node: Spread;
  /** The same of `haproxy-acme renew` with one certificate that is not due. */
  readonly renew: Spread;
  /** `renew` over the `node` just before it. */
  readonly ratio: Spread;
  readonly runs: number;
}

const executable = resolve(import.meta.dirname, '../../dist/haproxy-acme.js');

/** Has a certificate issued and given to HAProxy, and measures runs that find nothing due. */
export async function measureStartUp(runs: number, progress: (text: string) => void): Promise<StartUpCost> {
  progress('start-up: a certificate is issued');
  const stage = await startStage();
  try {
    await stage.ordered(['bench.test']);
    const directories = ['config', 'work', 'logs'].flatMap((kind) => [`--${kind}-dir`, stage.at(kind)]);
    const renewCommand = [process.execPath, executable, 'renew', ...directories];
    const measured: { node: number; renew: number }[] = [];
    for (let number = 0; number <= runs; number += 1) {
      progress(`start-up, run ${number} of ${runs}`);
      const { cpu: node } = await timeOfCommand([process.execPath, '-e', '0']);
      const { cpu: renew } = await timeOfCommand(renewCommand);
      // The first pair brings the files into the page cache.
      if (number > 0) measured.push({ node, renew });
    }
    return {
      node: spread(measured.map(({ node }) => node)),
      renew: spread(measured.map(({ renew }) => renew)),
      ratio: spread(measured.map(({ node, renew }) => renew / node)),
      runs,
    };
  } finally {
    await stage.stop();
  }
}
