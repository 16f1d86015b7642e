import type { CertbotRun, HaproxyAct } from './command-roles.js';
import { deedsOf, type Deeds, type Scripts, type WrittenBundle } from './shell-deeds.js';

/** What a hook is there for. */
export type HookClass =
  /** Puts certificate and key together for HAProxy, and perhaps reloads it: what haproxy-acme does itself. */
  | {
      readonly kind: 'bundle-and-reload';
      readonly bundles: readonly WrittenBundle[];
      readonly acts: ReadonlySet<HaproxyAct>;
    }
  /** Reloads, stops or starts HAProxy. */
  | { readonly kind: 'haproxy-restart'; readonly acts: ReadonlySet<HaproxyAct> }
  /** Does more, or is not understood; `because` names the programs, and nothing else of the text: it may hold secrets. */
  | { readonly kind: 'other'; readonly because: readonly string[]; readonly touchesHaproxy: boolean };

/** A hook's text, which is a shell command; `other` unless all of it is understood. */
export function classifyHook(text: string, scripts: Scripts): HookClass {
  const deeds = deedsOf(text, scripts);
  const { bundles, haproxy: acts, others, certbot } = deeds;
  if (others.length > 0 || certbot.length > 0) return other([...others, ...certbot.map(() => 'certbot')], deeds);
  if (bundles.length > 0) return { kind: 'bundle-and-reload', bundles, acts };
  if (acts.size > 0) return { kind: 'haproxy-restart', acts };
  return other([], deeds);
}

function other(because: readonly string[], { bundles, haproxy }: Deeds): HookClass {
  return { kind: 'other', because, touchesHaproxy: bundles.length > 0 || haproxy.size > 0 };
}

/** What a cron line or a unit's command is there for. */
export type ScheduleClass =
  /** Renews by certbot, and at most gives HAProxy what was renewed. */
  | {
      readonly kind: 'renewal';
      readonly runs: readonly CertbotRun[];
      readonly bundles: readonly WrittenBundle[];
      readonly acts: ReadonlySet<HaproxyAct>;
      readonly idleUnderSystemd: boolean;
    }
  /** Runs certbot and does more. */
  | { readonly kind: 'mixed'; readonly runs: readonly CertbotRun[]; readonly because: readonly string[] }
  /** Gives HAProxy its certificates without renewing any. */
  | {
      readonly kind: 'haproxy';
      readonly bundles: readonly WrittenBundle[];
      readonly acts: ReadonlySet<HaproxyAct>;
    }
  /** Renews by haproxy-acme. */
  | { readonly kind: 'ours' }
  | { readonly kind: 'unrelated' };

export function classifySchedule(text: string, scripts: Scripts): ScheduleClass {
  const { bundles, haproxy: acts, certbot: runs, others, idleUnderSystemd } = deedsOf(text, scripts);
  if (runs.length > 0) {
    if (others.length > 0) return { kind: 'mixed', runs, because: others };
    return { kind: 'renewal', runs, bundles, acts, idleUnderSystemd };
  }
  if (/(?:^|[\s/;&|])haproxy-acme\s/.test(text)) return { kind: 'ours' };
  if (others.length > 0 && mentionsCertbot(text, scripts)) return { kind: 'mixed', runs, because: others };
  return bundles.length > 0 && others.length === 0 ? { kind: 'haproxy', bundles, acts } : { kind: 'unrelated' };
}

/** A word of its own, not a part of the path of a log or a certificate. */
const certbotWord = /(?:^|[\s;&|"'`(/])(?:certbot|letsencrypt)(?:-auto)?(?:[\s;&|"'`)]|$)/m;

/** Where it is named and yet no run of it was understood, it is the user who has to look. */
function mentionsCertbot(text: string, scripts: Scripts): boolean {
  const code = [text, ...scripts.values()].map((source) => source.replace(/^\s*#.*$/gm, ''));
  return code.some((source) => certbotWord.test(source) && /\b(?:renew|certonly)\b/.test(source));
}
