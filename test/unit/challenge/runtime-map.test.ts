import { expect, it } from 'vitest';
import type { Challenge } from '../../../src-node/challenge/challenge-publisher.js';
import { runtimeMapPublisher, type TokenMap } from '../../../src-node/challenge/runtime-map.js';
import { systemClock } from '../../../src-node/platform/clock.js';
import { until } from '../../support/child.js';

const challenge: Challenge = {
  ...{ type: 'http-01', name: 'a.example', token: 'token' },
  ...{ keyAuthorization: 'token.thumbprint', validation: 'token.thumbprint' },
};

interface Memory extends TokenMap {
  readonly entries: Map<string, string>;
  /** Answers nothing any more until it is called again. */
  readonly hang: () => () => void;
}

function memory(address: string): Memory {
  const entries = new Map<string, string>();
  let hung: Promise<void> = Promise.resolve();
  return {
    address,
    entries,
    hang: () => {
      let goOn = (): void => undefined;
      hung = new Promise((resolve) => (goOn = resolve));
      return goOn;
    },
    loaded: async () => await Promise.resolve(['acme.map']),
    holds: async (key, value) => await hung.then(() => entries.get(key) === value),
    set: async (key, value) => await hung.then(() => void entries.set(key, value)),
    remove: async (key) => await hung.then(() => void entries.delete(key)),
  };
}

it('a HAProxy that hangs does not keep another one from having its challenge back after a reload', async () => {
  const [good, bad] = [memory('good'), memory('bad')];
  const open = async (): Promise<readonly TokenMap[]> => await Promise.resolve([bad, good]);
  const publisher = runtimeMapPublisher('acme.map', { open, clock: systemClock });
  await publisher.publish([challenge]);
  const goOn = bad.hang();
  // So that the look at the one that hangs has begun.
  for (let reload = 0; reload < 3; reload += 1) {
    good.entries.clear();
    await until('the challenge is there again', () => good.entries.has('token'), 2_000);
  }
  goOn();
  await publisher.withdraw([challenge]);
  expect([good, bad].map(({ entries }) => entries.size)).toEqual([0, 0]);
});
