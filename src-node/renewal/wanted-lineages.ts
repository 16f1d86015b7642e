import type { Config, KeyType } from '../config/config.js';
import { pairedFile } from '../haproxy/bundle-pair.js';
import type { RenewalSettings } from '../lineage/lineage.js';
import type { Candidates } from './candidates.js';
import { chooseLineage, companionOf, firstOf, type Choice, type Wish } from './choose-lineage.js';

/** A lineage that an order is about. */
export interface Wanted {
  readonly choice: Choice;
  /** The order as it is for this lineage: of one type of key, with its own bundle. */
  readonly config: Config;
  /** What flags are merged with: the lineage's own settings, or for a new one beside another those of the other. */
  readonly settings: RenewalSettings | undefined;
}

/**
 * The lineage that an order is about, or the two of --key-type both: NAME with an ECDSA key and NAME-rsa, of the same
 * names. Flags that allow to change the names allow it for both.
 * @throws RenewalError `names-differ` or `no-such-lineage`.
 */
export function wantedLineages(
  config: Config,
  { candidates, broken }: Pick<Candidates, 'candidates' | 'broken'>,
): readonly Wanted[] {
  const taken = new Set([
    ...candidates.map(({ lineage }) => lineage.certName),
    ...broken.map(({ certName }) => certName),
  ]);
  const { certName, names, renewal } = config;
  const choose = (differing: Partial<Wish>): Choice =>
    chooseLineage({ certName, names, ...renewal, ...differing }, candidates, taken);
  const chosen = choose({});
  if (config.key.type !== 'both') return [{ choice: chosen, config, settings: settingsOf(chosen) }];
  const first = otherOf(chosen);
  const ecdsa = first === undefined ? chosen : choose({ certName: first, names: chosen.names });
  const rsa = choose({ certName: companionOf(nameOf(ecdsa)), names: ecdsa.names });
  return [half('ecdsa', ecdsa, { config, other: rsa }), half('rsa', rsa, { config, other: ecdsa })];
}

/** The first of the two, where it is the second that was found. */
function otherOf(choice: Choice): string | undefined {
  if (choice.kind === 'new' || choice.candidate.certificate.keyType !== 'rsa') return undefined;
  return firstOf(choice.candidate.lineage.certName);
}

function half(
  type: KeyType,
  choice: Choice,
  { config, other }: { readonly config: Config; readonly other: Choice },
): Wanted {
  const settings = settingsOf(choice) ?? settingsOf(other);
  const { key, haproxy } = config;
  const bundle = haproxy.bundle ?? settings?.haproxy.bundle;
  return {
    choice,
    settings,
    config: {
      ...config,
      key: { ...key, type, ...(type === 'rsa' ? { ellipticCurve: undefined } : { rsaKeySize: undefined }) },
      haproxy: { ...haproxy, bundle: bundle === undefined ? undefined : pairedFile(bundle, type) },
    },
  };
}

function nameOf(choice: Choice): string {
  return choice.kind === 'new' ? choice.certName : choice.candidate.lineage.certName;
}

function settingsOf(choice: Choice): RenewalSettings | undefined {
  return choice.kind === 'new' ? undefined : choice.candidate.lineage.settings;
}
