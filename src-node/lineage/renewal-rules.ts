import { confValue, rootSection, type RenewalConf } from './renewal-conf.js';

/** Milliseconds before expiry at which a lineage is due, where its configuration has them (`renew_before_expiry`). */
export function readRenewBefore(conf: RenewalConf): number | undefined {
  return readInterval(confValue(conf, rootSection, 'renew_before_expiry') ?? '');
}

const day = 86_400_000;
const units: Readonly<Record<string, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day,
  week: 7 * day,
  month: 30 * day,
  year: 365 * day,
};

/** `30 days`, `3 days 12 hours`; a number alone is of days, as in certbot. */
function readInterval(text: string): number | undefined {
  const interval = text.trim().toLowerCase();
  if (/^\d{1,6}$/.test(interval)) return Number(interval) * day;
  if (!/^(\d{1,6}\s*(second|minute|hour|day|week|month|year)s?(\s+|$))+$/.test(interval)) return undefined;
  return [...interval.matchAll(/(\d+)\s*([a-z]+?)s?(?=\s|$)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0),
    0,
  );
}
