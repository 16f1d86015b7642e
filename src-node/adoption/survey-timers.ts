import { join, posix } from 'node:path';
import { readSchedule, type FoundSchedule } from './schedule.js';
import type { Systemd } from './systemd.js';
import { linkTarget, type SystemFiles } from './system-files.js';

/** The timers that certbot's packages bring. */
const knownUnits = ['certbot.timer', 'certbot-renew.timer', 'snap.certbot.renew.timer'];
const ourUnit = 'haproxy-acme-renew.timer';

const unitDirectories = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];

/** The timers that are enabled, or running, and run certbot or haproxy-acme. */
export async function surveyTimers(
  files: SystemFiles,
  configDir: string,
  systemd: Systemd | undefined,
): Promise<readonly FoundSchedule[]> {
  const linked = await enabledTimers(files);
  const found: FoundSchedule[] = [];
  for (const unit of new Set([...linked.keys(), ...knownUnits])) {
    const links = linked.get(unit) ?? [];
    const known = knownUnits.includes(unit);
    // Other timers are looked at for what they run; only those are asked after.
    const schedule = unit === ourUnit ? ours : await readSchedule(files, configDir, await command(files, unit, known));
    if (schedule.class.kind === 'unrelated') continue;
    const active = (await systemd?.isActive(unit)) ?? false;
    const enabled = links.length > 0 || ((await systemd?.isEnabled(unit)) ?? false);
    if (active || enabled) found.push({ place: { kind: 'timer', unit, links, active, enabled }, ...schedule });
  }
  return found;
}

const ours: Pick<FoundSchedule, 'class' | 'elsewhere'> = { class: { kind: 'ours' }, elsewhere: false };

type Links = { readonly path: string; readonly target: string }[];

/** `systemctl enable` makes links below TARGET.wants/ or TARGET.requires/. */
async function enabledTimers(files: SystemFiles): Promise<ReadonlyMap<string, Links>> {
  const found = new Map<string, Links>();
  const directory = files.at('/etc/systemd/system');
  for (const name of await files.list(directory)) {
    if (!/\.(?:wants|requires)$/.test(name)) continue;
    for (const unit of await files.list(join(directory, name))) {
      const path = join(directory, name, unit);
      const target = unit.endsWith('.timer') ? await linkTarget(path) : undefined;
      if (target !== undefined) found.set(unit, [...(found.get(unit) ?? []), { path, target }]);
    }
  }
  return found;
}

/** What the service of a timer runs, as one shell text. A known timer whose service cannot be read runs certbot. */
async function command(files: SystemFiles, unit: string, known: boolean): Promise<{ readonly text: string }> {
  const timer = await unitText(files, unit);
  const service = /^\s*Unit\s*=\s*(\S+)/m.exec(timer)?.[1] ?? unit.replace(/\.timer$/, '.service');
  const lines = [
    ...(await unitText(files, service)).matchAll(/^\s*Exec(?:StartPre|Start|StartPost)\s*=[-@:+!|\s]*(.+)$/gm),
  ];
  const text = lines.map(([, line]) => line ?? '').join('\n');
  return { text: text === '' && known ? 'certbot renew' : text };
}

/** A unit's file and its drop-ins; the first directory that has the file wins, as in systemd. */
async function unitText(files: SystemFiles, unit: string): Promise<string> {
  const found = await Promise.all(
    unitDirectories.map(async (directory) => await files.read(posix.join(directory, unit))),
  );
  const texts = [found.find((text) => text !== undefined) ?? ''];
  for (const directory of unitDirectories) {
    const dropIns = files.at(posix.join(directory, `${unit}.d`));
    for (const name of await files.list(dropIns)) {
      if (name.endsWith('.conf')) texts.push((await files.readGiven(join(dropIns, name))) ?? '');
    }
  }
  return texts.join('\n').replaceAll('\\\n', ' ');
}
