import { confValue, renewalParams, rootSection, type RenewalConf } from './renewal-conf.js';

/** What the user has told certbot about a lineage's renewals; read and never written. */
export interface RenewalRules {
  /** `reuse_key`: a new version gets the private key of the last one. */
  readonly reuseKey: boolean;
  /** `autorenew`: false where `renew` is to leave the lineage alone. */
  readonly autorenew: boolean;
  /** `renew_before_expiry` in milliseconds. */
  readonly renewBefore: number | undefined;
  /** Keys that have an effect in certbot and none here. */
  readonly ignored: readonly string[];
}

const ignoredKeys = ['pre_hook', 'post_hook', 'renew_hook', 'preferred_chain'] as const;

export function readRules(conf: RenewalConf): RenewalRules {
  const param = (key: string): string => (confValue(conf, renewalParams, key) ?? '').trim();
  return {
    reuseKey: isOneOf(param('reuse_key'), ['true', 'yes', 'on', '1']),
    autorenew: !isOneOf(param('autorenew'), ['false', 'no', 'off', '0']),
    renewBefore: readInterval(confValue(conf, rootSection, 'renew_before_expiry') ?? ''),
    ignored: ignoredKeys.filter((key) => !['', 'None'].includes(param(key))),
  };
}

/** The words that certbot's library of configurations takes for a boolean. */
function isOneOf(text: string, words: readonly string[]): boolean {
  return words.includes(text.toLowerCase());
}

const units: Readonly<Record<string, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
};

/** `30 days`, `3 days 12 hours`; a number alone is of days, as in certbot. */
function readInterval(text: string): number | undefined {
  const interval = text.trim().toLowerCase();
  if (/^\d{1,6}$/.test(interval)) return Number(interval) * 86_400_000;
  if (!/^(\d{1,6}\s*(minute|hour|day|week)s?(\s+|$))+$/.test(interval)) return undefined;
  return [...interval.matchAll(/(\d+)\s*(minute|hour|day|week)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0),
    0,
  );
}
