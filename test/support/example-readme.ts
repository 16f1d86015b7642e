import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { movedBelow, replaced, shippedExample } from './example-files.js';
import { endHaproxy, type Machine } from './example-machine.js';
import { readmeCommands } from './readme-commands.js';

/** A text of the commands and what stands for it, which may be known later only; the text has to be there. */
export type CommandChange = readonly [text: string, replacement: string | (() => string)];

/** The commands of an example's README, performed one after the other. */
export interface Readme {
  /** Goes on up to the first command that has `text` in it, and answers with what that has said. */
  readonly to: (text: string, machine?: Machine) => Promise<string>;
  /** Goes on to the end. */
  readonly toEnd: (machine?: Machine) => Promise<void>;
}

/** systemd's haproxy.service starts it so, but for -Ws, which needs systemd. */
const service = 'set -a; . /etc/default/haproxy; haproxy -W -D -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid';
/** How programs are installed, which are here already; the package's own test installs it. */
const installation = /^(?:apt-get install [a-z0-9. -]+|npm install && npm run build && npm install -g .*)$/;
/** What systemd is told of the timer; the command of the unit is performed by the test. */
const timer = /^systemctl (?:daemon-reload|enable --now haproxy-acme-renew\.timer)$/;

export function openReadme(name: string, first: Machine, changes: readonly CommandChange[]): Readme {
  const left = [...readmeCommands(join(shippedExample(name), 'README.md'))];
  const unused = new Set(changes.map(([text]) => text));
  const perform = async (written: string, machine: Machine): Promise<string> => {
    if (installation.test(written) || timer.test(written)) return '';
    const isRestart = written === 'systemctl restart haproxy';
    if (isRestart) await endHaproxy(machine);
    let command = isRestart ? service : written;
    for (const [text, to] of changes.filter(([changed]) => command.includes(changed))) {
      command = replaced(command, text, typeof to === 'string' ? to : to());
      unused.delete(text);
    }
    const { code, stdout, stderr } = await machine.shell(movedBelow(machine.root, command));
    if (code !== 0) throw new Error(`'${written}' exited ${String(code)}: ${stderr}${stdout}`);
    return stdout;
  };
  return {
    to: async (text, machine = first) => {
      for (;;) {
        const command = left.shift();
        if (command === undefined) throw new Error(`${name}/README.md has no command with '${text}' any more`);
        const said = await perform(command, machine);
        if (command.includes(text)) return said;
      }
    },
    toEnd: async (machine = first) => {
      for (const command of left.splice(0)) await perform(command, machine);
      if (unused.size > 0) throw new Error(`${name}/README.md has no command with '${[...unused].join("', '")}'`);
    },
  };
}

/** The command of the cron line or the systemd service that is installed on a machine. */
export function scheduledCommand({ root }: Machine): string {
  const files = ['etc/cron.d/haproxy-acme', 'etc/systemd/system/haproxy-acme-renew.service'];
  const file = files.map((path) => join(root, path)).find((path) => existsSync(path));
  const command = /haproxy-acme renew[^;}\n]*/.exec(file === undefined ? '' : readFileSync(file, 'utf8'))?.[0];
  if (command === undefined) throw new Error(`none of these has a renewal: ${files.join(', ')}`);
  return command;
}
