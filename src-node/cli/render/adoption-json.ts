import { nextSteps } from '../../adoption/next-steps.js';
import type { AdoptionPlan } from '../../adoption/plan-adoption.js';
import { bundlePath } from '../../haproxy/bundle-directory.js';
import type { ErrorInfo } from '../../platform/coded-error.js';
import type { AdoptReport } from '../commands/adopt.js';
import { describeHook, describeSchedule, placeOfHook, placeOfSchedule } from './adoption-words.js';

/** Places, names and classes; of the hooks' texts no more than the programs that they run. */
export function adoptionJson(report: AdoptReport, shipped: string): string {
  return `${JSON.stringify(document(report, shipped), undefined, 2)}\n`;
}

function document(report: AdoptReport, shipped: string): object {
  if (report.kind === 'undone') {
    const changes = report.results.map((result) => ({
      ...{ kind: result.kind, path: result.change.kind === 'timer' ? result.change.unit : result.change.path },
      ...(result.kind === 'left' ? { error: errorMembers(result.error) } : {}),
    }));
    return { kind: report.kind, changes, renewsByOurs: report.renewsByOurs };
  }
  const { plan } = report;
  const described = {
    kind: report.kind,
    ...planMembers(plan),
    nextSteps: nextSteps(plan, shipped, report.kind === 'adopted'),
  };
  if (report.kind === 'planned') return described;
  const changes = report.made.map((change) => (change.kind === 'timer' ? change.unit : change.path));
  return { ...described, changes, ...(report.error === undefined ? {} : { error: errorMembers(report.error) }) };
}

function planMembers({ survey, lineages, hooks, schedules, suggestedCertDir }: AdoptionPlan): object {
  return {
    configDir: survey.configDir,
    lineages: lineages.map(({ found, renewal, haproxy, meant, changesHaproxy }) => ({
      certName: found.lineage.certName,
      names: found.names,
      notAfter: new Date(found.notAfter).toISOString(),
      authenticator: found.lineage.settings.authenticator,
      meant,
      renewal,
      bundle: bundlePath(haproxy, found.lineage.certName) ?? null,
      haproxyChanges: changesHaproxy,
    })),
    broken: survey.broken.map(({ certName, reason }) => ({ certName, reason })),
    hooks: hooks.map(({ hook, left }) => ({
      place: placeOfHook(hook),
      occasion: hook.occasion,
      class: hook.class.kind,
      does: describeHook(hook.class),
      left: left ?? null,
    })),
    schedules: schedules.map(({ schedule, left }) => ({
      place: placeOfSchedule(schedule.place),
      class: schedule.class.kind,
      does: describeSchedule(schedule),
      left: left ?? null,
    })),
    suggestedCertDir: suggestedCertDir ?? null,
    unread: survey.unread,
  };
}

function errorMembers({ code, message, hint, details }: ErrorInfo): object {
  return { code, message, hint, details };
}
