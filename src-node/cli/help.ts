import type { Verb } from '../config/config.js';
import { groups, optionEntries, type OptionGroup } from './options/option-table.js';

const verbHelp: Readonly<Record<Verb, string>> = {
  certonly: 'Order a certificate, store it, and give it to HAProxy where its flags say how.',
  renew: 'Renew what is due, give HAProxy what it lacks, reload it once; for cron and timers.',
  certificates: 'List the lineages.',
  run: 'The same as certonly; so it is done where no command is given.',
  install: 'Give HAProxy the stored certificate of a lineage.',
  revoke: 'Revoke a certificate, and delete its lineage.',
  delete: 'Delete a lineage.',
  register: 'Make an account at the CA.',
  update_account: "Change an account's addresses or its key.",
  unregister: 'Deactivate an account at the CA, and remove it here.',
  show_account: 'Show an account.',
  reconfigure: 'Change how a lineage is renewed, once a dry run has shown that it works.',
  plugins: 'List the ways to answer challenges.',
  adopt: 'Take over an installation of certbot.',
};

const headings: Readonly<Record<OptionGroup, string>> = {
  certificate: 'Certificate',
  account: 'CA and account',
  challenge: 'Challenge',
  key: 'Private key',
  hooks: 'Hooks',
  haproxy: 'HAProxy (kept for the renewals of the lineage)',
  revocation: 'Revocation',
  output: 'Output',
  paths: 'Paths',
};

const example = `Example:
  haproxy-acme certonly --webroot -w /var/www/acme -d example.com -d www.example.com -m admin@example.com --agree-tos \\
    --haproxy-cert-dir /etc/haproxy/certs --haproxy-cfg /etc/haproxy/haproxy.cfg --haproxy-pidfile /run/haproxy.pid
  haproxy-acme renew -q`;

/** The help, made from the option table. */
export function helpText(): string {
  const verbs = Object.entries(verbHelp).map(([verb, text]) => `  ${verb.padEnd(16)}${text}`);
  const sections = groups.map((group) => [`${headings[group]}:`, ...optionLines(group)].join('\n'));
  return [
    'TLS certificates for HAProxy: ordered by ACME, renewed, and put into service by a soft reload.',
    `Usage: haproxy-acme COMMAND [FLAGS]\n\nCommands:\n${verbs.join('\n')}`,
    ...sections,
    example,
    'Exit code: 0 when all went well or nothing was due, 1 when something failed, 2 for a wrong command line.\n',
  ].join('\n\n');
}

function optionLines(group: OptionGroup): readonly string[] {
  return optionEntries
    .filter(([, spec]) => spec.group === group)
    .flatMap(([, spec]) => {
      const flags = `  ${[...spec.flags, ...spec.off].join(', ')}${spec.value === undefined ? '' : ` ${spec.value}`}`;
      return [flags, ...wrap(spec.help, 70).map((line) => `        ${line}`)];
    });
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
