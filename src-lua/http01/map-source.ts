import type { ChallengeSource } from './challenge-source';
import { refuse } from './settings';

/**
 * Answers from a HAProxy map that all threads share, so that `add map` of the Runtime API is seen at once by each.
 * Call it while the file is loaded: HAProxy makes no map later.
 */
export function mapSource(path: string): ChallengeSource {
  const [loaded, map] = pcall(HaproxyMap.new, path, HaproxyMap._str);
  if (!loaded) {
    refuse(
      `ACME_MAP is '${path}', which HAProxy cannot load (${map}): create the file, which may be empty, or set ACME_MAP to one that exists`,
    );
  }
  return { name: 'map', lookup: (token) => map.lookup(token) };
}
