import { nextSteps, type NextStep } from '../../adoption/next-steps.js';
import { isAdopted, type AdoptionPlan, type PlannedSchedule } from '../../adoption/plan-adoption.js';
import type { PlannedHook } from '../../adoption/plan-hooks.js';
import type { PlannedLineage } from '../../adoption/plan-lineages.js';
import { recordDirectory } from '../../adoption/record.js';
import { bundlePath } from '../../haproxy/bundle-directory.js';
import type { AdoptReport } from '../commands/adopt.js';
import {
  blockerTexts,
  describeHook,
  describeSchedule,
  leftTexts,
  placeOfHook,
  placeOfSchedule,
  stepTexts,
} from './adoption-words.js';
import { table } from './table.js';
import { errorText } from './text.js';

/** An adoption for stdout. @param shipped the directory haproxy/ of this package. */
export function adoptionText(report: AdoptReport, shipped: string): string {
  if (report.kind === 'undone') return undoneText(report);
  const { plan } = report;
  const { configDir } = plan.survey;
  if (plan.lineages.length === 0 && plan.survey.broken.length === 0) return `There is no lineage in ${configDir}.\n`;
  const steps = nextSteps(plan, shipped, report.kind === 'adopted').map(stepText);
  return [`certbot's installation in ${configDir}:\n`, ...planTables(plan), conclusion(report), ...steps].join('\n');
}

/** What needs attention, for stderr; it is shown with -q too. */
export function adoptionFailures(report: AdoptReport): string {
  if (report.kind === 'planned') return '';
  if (report.kind === 'adopted') return report.error === undefined ? '' : errorText(report.error);
  return report.results.map((result) => (result.kind === 'left' ? errorText(result.error) : '')).join('');
}

function conclusion(report: Exclude<AdoptReport, { kind: 'undone' }>): string {
  if (report.kind === 'adopted') {
    if (report.made.length === 0) return 'There is nothing to do: it is adopted.\n';
    const record = recordDirectory(report.plan.survey.configDir);
    return `Adopted. 'haproxy-acme adopt --undo' puts everything back; what was changed is kept in ${record}.\n`;
  }
  return isAdopted(report.plan) ? 'There is nothing to change.\n' : 'Nothing is changed yet.\n';
}

function planTables({ lineages, hooks, schedules, survey }: AdoptionPlan): readonly string[] {
  const tables = [
    table(['LINEAGE', 'NAMES', 'EXPIRES', 'ANSWERED BY', 'ADOPTION'], lineages.map(lineageRow)),
    ...(hooks.length === 0
      ? []
      : [
          table(
            ['HOOK', 'WHEN', 'WHAT IT DOES', 'ADOPTION'],
            hooks.map((hook) => hookRow(hook, survey.configDir)),
          ),
        ]),
    ...(schedules.length === 0 ? [] : [table(['SCHEDULE', 'WHAT IT DOES', 'ADOPTION'], schedules.map(scheduleRow))]),
  ];
  const broken = survey.broken.map(({ certName, reason }) => `  ${certName} is broken: ${reason}\n`).join('');
  const unread = survey.unread.map((entry) => `  not read: ${entry}\n`).join('');
  return [...tables, broken, unread].filter((text) => text !== '');
}

function lineageRow({ found, haproxy, renewal, meant, changesHaproxy }: PlannedLineage): readonly string[] {
  const { lineage, names, notAfter } = found;
  const [first = '', ...more] = names;
  const bundle = bundlePath(haproxy, lineage.certName);
  const given = bundle === undefined ? 'no directory of HAProxy is known' : `HAProxy gets ${bundle}`;
  const said = changesHaproxy || renewal.kind !== 'as-is' || bundle === undefined ? given : `${given} already`;
  const how = { 'as-is': '', changed: `${changedText(renewal)}; `, blocked: `${blockedText(renewal)}; ` }[renewal.kind];
  return [
    lineage.certName,
    more.length === 0 ? first : `${first} and ${more.length} more`,
    new Date(notAfter).toISOString().slice(0, 10),
    answeredBy(found),
    meant ? `${how}${said}` : 'not meant by --cert-name',
  ];
}

function answeredBy({ lineage, http01Port }: PlannedLineage['found']): string {
  const { authenticator, webrootMap, webrootDefault } = lineage.settings;
  if (authenticator === 'standalone') return `standalone, port ${http01Port}`;
  if (authenticator !== 'webroot') return authenticator;
  const paths = new Set([...Object.values(webrootMap), ...(webrootDefault === undefined ? [] : [webrootDefault])]);
  return `webroot ${[...paths].join(', ')}`.trimEnd();
}

function changedText(renewal: PlannedLineage['renewal']): string {
  if (renewal.kind !== 'changed') return '';
  return renewal.to.kind === 'webroot' ? `answered from ${renewal.to.path}` : `standalone on port ${renewal.to.port}`;
}

function blockedText(renewal: PlannedLineage['renewal']): string {
  return renewal.kind === 'blocked' ? blockerTexts[renewal.by] : '';
}

function hookRow({ hook, left }: PlannedHook, configDir: string): readonly string[] {
  const { file } = hook.place;
  const shown = file.startsWith(`${configDir}/`) ? file.slice(configDir.length + 1) : file;
  const fate = left === undefined ? 'taken away' : leftTexts[left];
  return [placeOfHook(hook, shown), hook.occasion, describeHook(hook.class), fate];
}

function scheduleRow({ schedule, left }: PlannedSchedule): readonly string[] {
  const { place } = schedule;
  return [placeOfSchedule(place), describeSchedule(schedule), left === undefined ? 'disabled' : leftTexts[left]];
}

function stepText(step: NextStep): string {
  const commands = step.commands.map((command) => `    ${command}\n`).join('');
  return `${stepTexts[step.kind](step.about)}\n${commands}`;
}

function undoneText({ results, renewsByOurs }: Extract<AdoptReport, { kind: 'undone' }>): string {
  if (results.length === 0) return 'There is no adoption to undo.\n';
  const lines = results
    .filter(({ kind }) => kind === 'undone')
    .map(({ change }) => `  ${change.kind === 'timer' ? change.unit : change.path} is as it was.\n`);
  const head = results.some(({ kind }) => kind === 'left')
    ? 'The adoption is undone, but for what was changed since.\n'
    : 'The adoption is undone.\n';
  const ours = renewsByOurs
    ? "haproxy-acme still renews by a timer or a cron line: 'systemctl disable --now haproxy-acme-renew.timer', or remove /etc/cron.d/haproxy-acme.\n"
    : '';
  return [...lines, head, ours].join('');
}
