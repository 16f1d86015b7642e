import type { HookClass } from '../../adoption/classify-hook.js';
import type { HaproxyAct } from '../../adoption/command-roles.js';
import type { NextStep } from '../../adoption/next-steps.js';
import type { ScheduleLeft } from '../../adoption/plan-adoption.js';
import type { Blocker } from '../../adoption/plan-lineages.js';
import type { FoundSchedule, SchedulePlace } from '../../adoption/schedule.js';
import type { FoundHook } from '../../adoption/survey-hooks.js';

export const blockerTexts: Readonly<Record<Blocker, string>> = {
  authenticator: 'needs another authenticator',
  port: "its port is HAProxy's, so that it needs a webroot or another port",
  webroot: 'no webroot is known for some of its names',
  manual: 'no --manual-auth-hook is known',
  wildcard: 'a wildcard needs a DNS challenge',
};

export const leftTexts: Readonly<Record<ScheduleLeft, string>> = {
  'does-more': 'stays: it does more than give HAProxy certificates',
  'other-bundle': 'stays: it writes another file than haproxy-acme would',
  'no-directory': "stays: HAProxy's directory is not known for a lineage",
  'no-cfg': 'stays: without --haproxy-cfg or --haproxy-socket haproxy-acme does not tell HAProxy',
  needed: 'stays: it is needed while certbot renews',
  blocked: 'stays: a lineage would expire without it',
  elsewhere: 'stays: it is about another directory',
  idle: 'stays: it does nothing while systemd runs',
  vendor: "stays: only 'systemctl mask --now' ends it",
  'no-lineage': 'stays: there is no lineage',
};

export const stepTexts: Readonly<Record<NextStep['kind'], (about: readonly string[]) => string>> = {
  'choose-directory': (about) => `Next, name HAProxy's directory of certificates for ${about.join(', ')}:`,
  'choose-authenticator': (about) =>
    `${about.join(', ')}: haproxy-acme cannot answer the CA as certbot did. Choose a webroot that HAProxy's Lua service answers from, or a free port behind a backend of HAProxy:`,
  adopt: () => 'To do it, give --yes to the same command.',
  schedule: () => 'haproxy-acme has no timer or cron line yet, without which nothing renews:',
  writable: (about) => `The confined service may not write to ${about.join(', ')}; allow it below [Service] by:`,
  deploy: () => 'Give HAProxy what is stored, without an order:',
};

const actTexts: Readonly<Record<HaproxyAct, string>> = {
  reload: 'reloads HAProxy',
  stop: 'stops HAProxy',
  start: 'starts HAProxy',
};

export function describeHook(found: HookClass): string {
  if (found.kind === 'other') return found.because.length === 0 ? 'something else' : named(found.because);
  const bundles = 'bundles' in found ? found.bundles.map(({ path }) => `writes ${path}`) : [];
  return [...bundles, ...[...found.acts].map((act) => actTexts[act])].join(', ');
}

/** Programs, and nothing else of what the user wrote. */
function named(programs: readonly string[]): string {
  return `runs ${programs.map((program) => program.slice(0, 40)).join(', ')}`;
}

export function describeSchedule({ class: found, elsewhere }: FoundSchedule): string {
  switch (found.kind) {
    case 'renewal':
    case 'haproxy': {
      const renews = found.kind === 'renewal' ? [`runs certbot${elsewhere ? ' on another directory' : ''}`] : [];
      const bundles = found.bundles.map(({ path }) => `writes ${path}`);
      return [...renews, ...bundles, ...[...found.acts].map((act) => actTexts[act])].join(', ');
    }
    case 'mixed':
      return found.because.length === 0 ? 'runs certbot' : `runs certbot and ${named(found.because)}`;
    case 'ours':
    case 'unrelated':
      return '';
  }
}

/** @param shown how its file is written. */
export function placeOfHook({ place }: FoundHook, shown: string = place.file): string {
  if (place.kind === 'ini') return `${shown}, line ${place.line + 1}`;
  return place.kind === 'conf' ? `${shown}, ${place.key}` : shown;
}

export function placeOfSchedule(place: SchedulePlace): string {
  if (place.kind === 'timer') return place.unit;
  return place.kind === 'cron-line' ? `${place.file}, line ${place.line + 1}` : place.file;
}
