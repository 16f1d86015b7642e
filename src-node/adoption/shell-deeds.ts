import { posix } from 'node:path';
import {
  certbotRun,
  haproxyAct,
  isHarmless,
  unwrap,
  unknown,
  type CertbotRun,
  type HaproxyAct,
} from './command-roles.js';
import { evaluateAll, evaluateWord, type Variables } from './shell-values.js';
import { parseShell, type ShellCommand, type ShellWord } from './shell-syntax.js';

/** A file into which a certificate and its key are put together; `*` stands for what is not known before it runs. */
export interface WrittenBundle {
  readonly path: string;
  /** The directory that the key comes from. */
  readonly source: string;
}

/** What a shell text could do, whichever way it takes. */
export interface Deeds {
  readonly bundles: readonly WrittenBundle[];
  readonly haproxy: ReadonlySet<HaproxyAct>;
  readonly certbot: readonly CertbotRun[];
  /** Its first command ends it where systemd runs, as Debian's cron line for certbot does. */
  readonly idleUnderSystemd: boolean;
  /** Programs by which it does more, or what of the text is not understood. */
  readonly others: readonly string[];
}

/** Texts of scripts, by the word that calls them. */
export type Scripts = ReadonlyMap<string, string>;

/** Reads what a text could do. Pure: a script that it calls is looked into where `scripts` has it. */
export function deedsOf(text: string, scripts: Scripts, variables: Variables = new Map()): Deeds {
  const walk: Walk = {
    scripts,
    ...{ bundles: [], formerNames: new Set(), operands: [] },
    ...{ haproxy: new Set(), certbot: [], others: [], guarded: false },
  };
  walkText(text, { walk, variables: new Map(variables), depth: 0 });
  const { bundles, haproxy, certbot, guarded } = walk;
  const untidy = walk.operands.filter(({ path }) => !belongsTo(path, walk)).map(({ program }) => program);
  return { bundles, haproxy, certbot, idleUnderSystemd: guarded, others: [...new Set([...walk.others, ...untidy])] };
}

/** What is found so far; filled by the functions below. */
interface Walk {
  readonly scripts: Scripts;
  readonly bundles: WrittenBundle[];
  /** Names under which bundles were made first. */
  readonly formerNames: Set<string>;
  /** What modes, owners and directories are changed of, which is a part of bundling where it is about the bundles. */
  readonly operands: { readonly program: string; readonly path: string }[];
  readonly haproxy: Set<HaproxyAct>;
  readonly certbot: CertbotRun[];
  readonly others: string[];
  guarded: boolean;
}

interface Place {
  readonly walk: Walk;
  readonly variables: Map<string, string>;
  /** Scripts and shells within one another. */
  readonly depth: number;
}

const notUnderstood = 'a part of it that is not understood';
const deepest = 8;

function walkText(text: string, place: Place): void {
  const commands = place.depth > deepest ? undefined : parseShell(text);
  if (commands === undefined) {
    place.walk.others.push(notUnderstood);
    return;
  }
  let piped: string | undefined;
  for (const [index, command] of commands.entries()) {
    for (const inner of substitutions(command)) {
      walkText(inner, { ...place, variables: new Map(place.variables), depth: place.depth + 1 });
    }
    const invoked = invocation(command, place);
    if (invoked === undefined) continue;
    if (index === 0 && place.depth === 0 && isSystemdGuard(invoked)) place.walk.guarded = true;
    piped = judge(invoked, command.piped ? piped : undefined, place);
  }
}

function substitutions({ words, assignments, redirects }: ShellCommand): readonly string[] {
  const all: readonly ShellWord[] = [
    ...words,
    ...assignments.map(({ value }) => value),
    ...redirects.map(({ target }) => target),
  ];
  return all.flat().flatMap((part) => (part.kind === 'substitution' ? [part.text] : []));
}

/** A command with its words evaluated, freed of what only starts it. */
interface Invocation {
  readonly program: string;
  readonly args: readonly string[];
  /** Files that its output goes to. */
  readonly outputs: readonly string[];
  readonly variables: Map<string, string>;
}

/** Undefined where nothing is run: variables are set then. */
function invocation(command: ShellCommand, { walk, variables }: Place): Invocation | undefined {
  const own = new Map(variables);
  for (const { name, value } of command.assignments) {
    const text = evaluateWord(value, own).join(' ');
    own.set(name, text);
    if (command.words.length === 0) assign(variables, name, text);
  }
  const outputs = command.redirects
    .filter(({ operator }) => operator.includes('>'))
    .map(({ target }) => evaluateWord(target, own).join(' '))
    .filter((target) => !isNowhere(target));
  const words = evaluateAll(command.words, variables);
  const [first = '', name = ''] = words;
  if (first === '') {
    if (outputs.length > 0) walk.others.push(notUnderstood);
    return undefined;
  }
  if (first === 'for') {
    assign(variables, name, words.length === 4 ? (words[3] ?? unknown) : unknown);
    return undefined;
  }
  if (first === 'command' && /^-[vV]$/.test(name)) return undefined;
  const { words: rest, assignments } = unwrap(words);
  for (const text of assignments) own.set(text.replace(/=.*$/s, ''), text.replace(/^[^=]*=/, ''));
  if (['export', 'local', 'readonly', 'declare'].includes(first)) exportAll(words, variables);
  if (first === 'read') for (const word of words.slice(1)) variables.set(word, unknown);
  return { program: rest[0] ?? '', args: rest.slice(1), outputs, variables: own };
}

function exportAll(words: readonly string[], variables: Map<string, string>): void {
  for (const word of words.slice(1)) {
    const match = /^([A-Za-z_]\w*)=(.*)$/s.exec(word);
    if (match !== null) assign(variables, match[1] ?? '', match[2] ?? '');
  }
}

/** A second value makes it unknown, because the order in which a text runs is not followed. */
function assign(variables: Map<string, string>, name: string, value: string): void {
  const old = variables.get(name);
  variables.set(name, old === undefined || old === value ? value : unknown);
}

/** Where output is thrown away, goes to where it would go, or into a log. */
function isNowhere(target: string): boolean {
  return /^(?:[12-]|\/dev\/(?:null|std(?:out|err))|\/var\/log\/[\w./-]+)$/.test(target) && !target.includes('..');
}

function isSystemdGuard({ program, args }: Invocation): boolean {
  return (program === 'test' || program === '[') && args.join(' ').includes('! -d /run/systemd/system');
}

/** @returns where the key of a bundle comes from that is written to the output, for the command after a pipe. */
function judge(invoked: Invocation, piped: string | undefined, place: Place): string | undefined {
  const { program, args, outputs } = invoked;
  const { walk } = place;
  const name = posix.basename(program);
  const source = name === 'cat' ? bundleSource(args) : undefined;
  if (source !== undefined) {
    walk.bundles.push(...outputs.map((path) => ({ path, source })));
    return outputs.length === 0 ? source : undefined;
  }
  if (name === 'tee' && piped !== undefined) {
    const targets = operandsOf(args).filter((target) => !isNowhere(target));
    walk.bundles.push(...targets.map((path) => ({ path, source: piped })));
    return undefined;
  }
  if (outputs.length > 0) walk.others.push(name);
  else if (!isMove(invoked, walk) && !isTidying(invoked, walk) && !runsText(invoked, place)) {
    judgeProgram(invoked, walk);
  }
  return undefined;
}

function judgeProgram({ program, args }: Invocation, walk: Walk): void {
  const act = haproxyAct(program, args);
  const certbot = certbotRun(program, args);
  if (act !== undefined) {
    if (act !== 'nothing') walk.haproxy.add(act);
  } else if (certbot !== undefined) {
    if (certbot !== 'nothing') walk.certbot.push(certbot);
  } else if (!isHarmless(program, args)) {
    walk.others.push(program === '' ? notUnderstood : program);
  }
}

/** A shell with its text, a script, or certbot with hooks on its command line: looked into. */
function runsText({ program, args, variables }: Invocation, place: Place): boolean {
  const deeper = { ...place, variables, depth: place.depth + 1 };
  const certbot = certbotRun(program, args);
  if (typeof certbot === 'object') for (const hook of certbot.hooks) walkText(hook, deeper);
  const script = place.walk.scripts.get(program);
  if (script !== undefined) {
    walkText(script, deeper);
    return true;
  }
  if (!/^(?:ba|da|k|z)?sh$/.test(posix.basename(program))) return false;
  const at = args.findIndex((arg) => /^-\w*c$/.test(arg));
  const [file = ''] = operandsOf(args);
  const text = at === -1 ? place.walk.scripts.get(file) : args[at + 1];
  if (text === undefined) place.walk.others.push(file === '' ? program : file);
  else walkText(text, deeper);
  return true;
}

/**
 * The directory of the key where certbot's files are put together, certificate and key among them. DH parameters, say,
 * are more than a bundle of ours holds.
 */
function bundleSource(args: readonly string[]): string | undefined {
  const files = operandsOf(args).flatMap(braces);
  const names = files.map((path) => posix.basename(path).replace(/\d*\.pem$/, ''));
  const known = names.every((name) => ['cert', 'chain', 'fullchain', 'privkey'].includes(name));
  if (!known || !(names.includes('fullchain') || names.includes('cert'))) return undefined;
  const key = files[names.indexOf('privkey')];
  return key === undefined ? undefined : posix.dirname(key);
}

/** `a{b,c}` is `ab` and `ac`. */
function braces(word: string): readonly string[] {
  const match = /^(.*)\{([\w,.]+)\}(.*)$/s.exec(word);
  return match === null
    ? [word]
    : (match[2] ?? '').split(',').map((item) => `${match[1] ?? ''}${item}${match[3] ?? ''}`);
}

/** A bundle made under another name first. */
function isMove({ program, args }: Invocation, walk: Walk): boolean {
  const name = posix.basename(program);
  const [from = '', to = '', ...more] = operandsOf(args);
  const at = walk.bundles.findIndex(({ path }) => path === from);
  const made = walk.bundles[at];
  if (!['mv', 'cp'].includes(name) || made === undefined || to === '' || more.length > 0) return false;
  const moved = { ...made, path: to.endsWith('/') ? to + posix.basename(from) : to };
  if (name === 'mv') walk.bundles[at] = moved;
  else walk.bundles.push(moved);
  walk.formerNames.add(from);
  return true;
}

function isTidying({ program, args }: Invocation, walk: Walk): boolean {
  const name = posix.basename(program);
  if (!['chmod', 'chown', 'chgrp', 'mkdir', 'rm'].includes(name)) return false;
  const operands = operandsOf(args).slice(name.startsWith('ch') ? 1 : 0);
  if (name === 'rm' && args.some((arg) => /^-\w*[rR]/.test(arg))) walk.others.push(name);
  for (const path of operands) walk.operands.push({ program: name, path });
  return true;
}

function operandsOf(args: readonly string[]): readonly string[] {
  return args.filter((arg) => !arg.startsWith('-'));
}

function belongsTo(path: string, { bundles, formerNames }: Walk): boolean {
  if (path === unknown) return false;
  const plain = path.replace(/(.)\/+$/, '$1');
  return formerNames.has(plain) || bundles.some((made) => made.path === plain || posix.dirname(made.path) === plain);
}
