import { foreignOptions, foreignVerbs } from '../../src-node/cli/options/foreign-options.js';
import { groups, optionEntries, type AnyOption, type OptionGroup } from '../../src-node/cli/options/option-table.js';
import { groupTopics, verbTopics } from '../../src-node/cli/options/topics.js';
import type { RawOptions } from '../../src-node/config/raw-options.js';
import { keptOptions } from './kept-options.js';
import { code, table } from './markdown.js';

const head = `# The command line

    haproxy-acme COMMAND [FLAGS]

Written by \`npm run docs\` from the tables that the command is made of. [docs/certbot.md](certbot.md) says where it differs from certbot.

The command may stand anywhere, every flag goes with every command, and a long flag may be cut short while it is unambiguous. \`--flag value\`
and \`--flag=value\` are the same, and so are \`-n -q\` and \`-nq\`. Of a flag that is given twice the last one counts; a list grows. Relative paths are
those of the working directory. \`--help\`, \`--help COMMAND\` and \`--help TOPIC\` show parts of this page.

The exit code is 0 where all went well or nothing was due, 1 where something failed, 2 for a wrong command line, which does nothing, and 130 or 143
after SIGINT or SIGTERM.`;

const settings = `## Files of settings

\`/etc/letsencrypt/cli.ini\`, then \`~/.config/letsencrypt/cli.ini\` (\`$XDG_CONFIG_HOME/letsencrypt/cli.ini\` where that is set), then the file of \`-c\`
are read where they exist, and the command line after them: of a flag that is in several the last one counts, and a list does not grow from one to the
next. A line is a long flag without its dashes and its value:

    # a comment, as is what begins with ;, and [a line like this]
    email = admin@example.com
    agree-tos = true
    webroot-path = /var/www/acme
    post-hook = "systemctl start varnish"     # a comment
    haproxy-cfg = [/etc/haproxy/haproxy.cfg, /etc/haproxy/site.cfg]

\`key: value\`, \`key value\` and a switch's \`key\` alone are taken as well. A switch is true, yes or 1; false, no or 0 is as if it were not said, but
switches off what is on by itself. Of a key that is given twice the last one counts. Names (\`domains\`, \`ip-address\`) are not for \`renew\` and
\`reconfigure\`, which leave them out; ways to answer (\`standalone\`, \`webroot-path\`) are not for \`adopt\`. \`help\`, \`version\`, \`config\` and commands belong on the command line. A line that is wrong ends the command with
exit code 2, the file and the line.

certbot reads the first two places as well, and refuses keys that it does not know: keep those of haproxy-acme alone (\`haproxy-...\`, \`json\`,
\`lock-wait\`) in a file for \`-c\`, or on the command line, from where a lineage keeps them.

Environment: \`REQUESTS_CA_BUNDLE\` and \`NODE_EXTRA_CA_CERTS\` name files of CA certificates to trust, \`HOME\` and \`XDG_CONFIG_HOME\` the user's
cli.ini, \`PATH\` the programs of hooks and HAProxy.`;

/** docs/cli.md, whatever it is now. */
export function cliPage(): string {
  const verbs = Object.values(verbTopics).map(({ usage, about }) => [code(usage), about]);
  return [
    head,
    '## Commands',
    table(['Command', ''], verbs),
    '## Flags',
    "Kept: the key under which a lineage's renewal configuration keeps it, so that renewals need not say it again.",
    ...groups.flatMap((group) => [`### ${groupTopics[group]}`, groupTable(group)]),
    settings,
    "## certbot's other flags and commands",
    'Ignored: a note on stderr says so (in `--json` among `warnings`; with `-q` there is none). Refused: exit code 2, nothing is done, because without it something else would be done than what is asked for.',
    table(
      ['Flag', '', ''],
      foreignOptions.map(({ flags, value, fate, text }) => [names(flags, value), fate, text]),
    ),
    table(
      ['Command', '', ''],
      [...foreignVerbs].map(([verb, why]) => [code(verb), 'refused', why]),
    ),
  ].join('\n\n');
}

function groupTable(group: OptionGroup): string {
  const rows = optionEntries
    .filter(([, spec]) => spec.group === group)
    .map(([key, spec]) => [
      names([...spec.flags, ...spec.off], spec.value),
      spec.help,
      defaultOf(spec),
      iniKey(key, spec),
      kept(key),
    ]);
  return table(['Flag', '', 'Default', 'cli.ini', 'Kept'], rows);
}

function names(flags: readonly string[], value: string | undefined): string {
  const all = flags.map(code).join(', ');
  return value === undefined ? all : `${all} ${value}`;
}

/** The help has it in its own sentence. */
function defaultOf(spec: AnyOption): string {
  if (spec.kind === 'switch') return spec.initially ? 'on' : '';
  const named = /\(default: ([^);]+)/.exec(spec.help)?.[1] ?? /'?([\w-]+)'? \(default\)/.exec(spec.help)?.[1];
  return named ?? '';
}

function iniKey(key: keyof RawOptions, { flags }: AnyOption): string {
  if (['help', 'version', 'configFile'].includes(key)) return '';
  return code((flags.find((flag) => flag.startsWith('--')) ?? '').slice(2));
}

function kept(key: keyof RawOptions): string {
  const place = keptOptions[key];
  return place === undefined ? '' : code(place);
}
