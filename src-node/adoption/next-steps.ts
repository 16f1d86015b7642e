import { join, posix } from 'node:path';
import { isAdopted, type AdoptionPlan } from './plan-adoption.js';

/** Something that is left to the user. */
export interface NextStep {
  readonly kind: 'choose-directory' | 'choose-authenticator' | 'adopt' | 'schedule' | 'writable' | 'deploy';
  /** Lineages or paths that it is about. */
  readonly about: readonly string[];
  /** What to type, as root. */
  readonly commands: readonly string[];
}

/** The writable paths of the service that the package brings. */
const writablePaths = ['/etc/letsencrypt', '/var/lib/letsencrypt', '/var/log/letsencrypt'].concat([
  ...['/etc/haproxy', '/var/www/acme', '/var/lib/haproxy'],
]);

/**
 * What the user does next, in order.
 * @param shipped the directory haproxy/ of this package.
 * @param adopted the plan's changes are made.
 */
export function nextSteps(plan: AdoptionPlan, shipped: string, adopted: boolean): readonly NextStep[] {
  if (plan.lineages.length === 0) return [];
  const { survey } = plan;
  const steps: NextStep[] = [];
  const own = survey.configDir === '/etc/letsencrypt' ? '' : ` --config-dir ${quoted(survey.configDir)}`;
  const directory = plan.withoutCertDir.length === 0 ? '' : ` --haproxy-cert-dir ${plan.suggestedCertDir ?? 'DIR'}`;
  if (plan.withoutCertDir.length > 0) {
    const command = `haproxy-acme adopt${own}${directory} --haproxy-cfg /etc/haproxy/haproxy.cfg`;
    steps.push({ kind: 'choose-directory', about: plan.withoutCertDir, commands: [command] });
  }
  const blocked = plan.lineages.filter(({ renewal }) => renewal.kind === 'blocked');
  if (blocked.length > 0) {
    const about = blocked.map(({ found }) => found.lineage.certName);
    const commands = [`haproxy-acme adopt${own}${directory} --yes --webroot -w DIR`];
    const onPort = blocked.some(({ renewal }) => renewal.kind === 'blocked' && renewal.by === 'port');
    if (onPort) commands.push(`haproxy-acme adopt${own}${directory} --yes --standalone --http-01-port PORT`);
    steps.push({ kind: 'choose-authenticator', about, commands });
  }
  if (!adopted && plan.withoutCertDir.length === 0 && !isAdopted(plan)) {
    steps.push({ kind: 'adopt', about: [], commands: [] });
  }
  if (!survey.renewsByOurs) steps.push({ kind: 'schedule', about: [], commands: scheduleCommands(plan, shipped) });
  const closed = survey.systemdRuns ? pathsOutside(plan) : [];
  if (closed.length > 0) {
    const commands = ['systemctl edit haproxy-acme-renew.service', `ReadWritePaths=${closed.join(' ')}`];
    steps.push({ kind: 'writable', about: closed, commands });
  }
  const undeployed = plan.lineages.some(({ found: { lineage }, haproxy, changesHaproxy }) => {
    return haproxy.certDir !== undefined && (changesHaproxy || lineage.deployedVersion !== lineage.version);
  });
  if (adopted && undeployed) steps.push({ kind: 'deploy', about: [], commands: [`haproxy-acme renew${own}`] });
  return steps;
}

function scheduleCommands({ survey }: AdoptionPlan, shipped: string): readonly string[] {
  if (!survey.systemdRuns) return [`install -m 644 ${join(shipped, 'cron.d/haproxy-acme')} /etc/cron.d/haproxy-acme`];
  return [
    `cp ${join(shipped, 'systemd')}/haproxy-acme-renew.* /etc/systemd/system/`,
    'systemctl daemon-reload',
    'systemctl enable --now haproxy-acme-renew.timer',
  ];
}

/** Where renewals write to and the confined service may not. */
function pathsOutside({ lineages, survey }: AdoptionPlan): readonly string[] {
  const paths = lineages.flatMap(({ found, haproxy, renewal }) => {
    const { webrootMap, webrootDefault } = found.lineage.settings;
    const webroots =
      renewal.kind === 'changed'
        ? [renewal.to.kind === 'webroot' ? renewal.to.path : undefined]
        : [...Object.values(webrootMap), webrootDefault];
    return [haproxy.certDir, ...webroots].filter((path) => path !== undefined);
  });
  const all = new Set([survey.configDir, ...paths].map((path) => posix.normalize(path).replace(/(.)\/$/, '$1')));
  return [...all].filter((path) => !writablePaths.some((open) => path === open || path.startsWith(`${open}/`)));
}

function quoted(path: string): string {
  return /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
