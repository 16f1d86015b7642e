import { verbs } from '../config/config.js';
import { usage } from '../config/config-error.js';
import { foreignVerbs } from './options/foreign-options.js';
import type { OptionSpec } from './options/option-spec.js';
import { groups, optionEntries, optionTable } from './options/option-table.js';
import { groupTopics, mostUsed, otherTopics, verbTopics, type Topic } from './options/topics.js';

const head = 'TLS certificates for HAProxy: ordered by ACME, renewed, and put into service by a soft reload.';

const example = `Example:
  haproxy-acme certonly --webroot -w /var/www/acme -d example.com -d www.example.com -m admin@example.com --agree-tos \\
    --haproxy-cert-dir /etc/haproxy/certs --haproxy-cfg /etc/haproxy/haproxy.cfg --haproxy-pidfile /run/haproxy.pid
  haproxy-acme renew -q`;

const exitCodes =
  'Exit code: 0 when all went well or nothing was due, 1 when something failed, 2 for a wrong command line.';

/** certbot's words for the list of commands. */
const listWords = ['commands', 'command', 'subcommands', 'subcommand', 'verbs'];

/**
 * The help, made from the option table: the short one, or that of a topic.
 * @throws ConfigError `usage` where there is no such topic.
 */
export function helpText(topic: string | undefined): string {
  return `${sections(topic).join('\n\n')}\n`;
}

function sections(topic: string | undefined): readonly string[] {
  if (topic === undefined) return shortHelp();
  if (topic === 'all') return fullHelp();
  if (listWords.includes(topic)) return [commandList()];
  const verb = verbs.find((known) => known === topic) ?? (topic === 'auth' ? 'certonly' : undefined);
  if (verb !== undefined) return [`Usage: haproxy-acme ${verbTopics[verb].usage}`, ...topicHelp(verbTopics[verb])];
  const group = groups.find((known) => known === topic);
  if (group !== undefined) return optionSections([...optionEntries.filter(([, spec]) => spec.group === group)]);
  const other = new Map(Object.entries(otherTopics)).get(topic);
  if (other !== undefined) return topicHelp(other);
  const reason = foreignVerbs.get(topic);
  if (reason !== undefined) throw usage(`haproxy-acme has no '${topic}': ${reason}`);
  throw usage(`There is no help on '${topic.slice(0, 80)}'; there is on: ${topicNames().join(', ')}.`);
}

function topicNames(): readonly string[] {
  return ['all', 'commands', ...verbs, ...groups, ...Object.keys(otherTopics)];
}

function shortHelp(): readonly string[] {
  const topics = wrap([...groups, ...Object.keys(otherTopics), 'commands'].join(', '), 76).map((line) => `  ${line}`);
  return [
    head,
    'Usage: haproxy-acme COMMAND [FLAGS]',
    commandList(),
    ['Flags that are used most:', ...mostUsed.flatMap((key) => optionLines(optionTable[key]))].join('\n'),
    ["More: 'haproxy-acme --help TOPIC', where TOPIC is all, a command, or one of", ...topics].join('\n'),
    example,
    exitCodes,
  ];
}

function fullHelp(): readonly string[] {
  return [
    head,
    'Usage: haproxy-acme COMMAND [FLAGS]',
    commandList(),
    ...optionSections(optionEntries),
    example,
    exitCodes,
  ];
}

function commandList(): string {
  const lines = Object.entries(verbTopics).map(([verb, { about }]) => `  ${verb.padEnd(16)}${about}`);
  return ['Commands:', ...lines].join('\n');
}

function topicHelp(topic: Topic): readonly string[] {
  const meant = optionEntries.filter(([key, { group }]) => topic.groups.includes(group) || topic.options.includes(key));
  return [topic.about, ...optionSections(meant), "All flags go with every command: 'haproxy-acme --help all'."];
}

/** Below the heading of each group. */
function optionSections(entries: typeof optionEntries): readonly string[] {
  return groups
    .map((group) => ({ group, specs: entries.map(([, spec]) => spec).filter((spec) => spec.group === group) }))
    .filter(({ specs }) => specs.length > 0)
    .map(({ group, specs }) => [`${groupTopics[group]}:`, ...specs.flatMap(optionLines)].join('\n'));
}

function optionLines(spec: OptionSpec<unknown>): readonly string[] {
  const flags = `  ${[...spec.flags, ...spec.off].join(', ')}${spec.value === undefined ? '' : ` ${spec.value}`}`;
  return [flags, ...wrap(spec.help, 70).map((line) => `        ${line}`)];
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
