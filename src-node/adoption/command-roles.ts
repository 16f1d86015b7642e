import { posix } from 'node:path';

/** What is done to HAProxy as a whole. */
export type HaproxyAct = 'reload' | 'stop' | 'start';

/** Stands for what is not known before a text runs; the shell's own mark for anything. */
export const unknown = '*';

/** What `$(cat PIDFILE)` and `$(pidof haproxy)` come to. */
export const haproxyPid = '*pid of haproxy*';

const actOf: Readonly<Record<string, HaproxyAct | 'nothing'>> = {
  reload: 'reload',
  'force-reload': 'reload',
  restart: 'reload',
  'try-restart': 'reload',
  condrestart: 'reload',
  'reload-or-restart': 'reload',
  'try-reload-or-restart': 'reload',
  start: 'start',
  stop: 'stop',
  status: 'nothing',
  check: 'nothing',
  configtest: 'nothing',
  'is-active': 'nothing',
  'is-enabled': 'nothing',
};

/** What a command does to HAProxy; undefined where it is none of the ways known. */
export function haproxyAct(program: string, args: readonly string[]): HaproxyAct | 'nothing' | undefined {
  const name = posix.basename(program);
  const words = args.filter((arg) => !arg.startsWith('-'));
  const [first = '', second = '', ...more] = words;
  const isOne = (unit: string): boolean => more.length === 0 && /^haproxy(?:\.service)?$/.test(unit);
  if (name === 'systemctl') return isOne(second) ? actOf[first] : undefined;
  if (['service', 'rc-service', 'invoke-rc.d'].includes(name)) return isOne(first) ? actOf[second] : undefined;
  if (/^(?:\/etc)?\/(?:init|rc)\.d\/haproxy$/.test(program)) return second === '' ? actOf[first] : undefined;
  if (name === 'haproxy') return haproxyItself(args);
  if (name === 'kill') return signals(args) && words.every((word) => isPidOrSignal(word)) ? 'reload' : undefined;
  if (name === 'pkill' || name === 'killall') return signals(args) && words.at(-1) === 'haproxy' ? 'reload' : undefined;
  return undefined;
}

function haproxyItself(args: readonly string[]): HaproxyAct | 'nothing' {
  if (args.includes('-c') || args.some((arg) => /^-v+$/.test(arg))) return 'nothing';
  return args.some((arg) => /^-[sx][ft]$/.test(arg)) ? 'reload' : 'start';
}

/** SIGUSR2 reloads a master; SIGHUP does so too since 1.8. */
function signals(args: readonly string[]): boolean {
  return args.some((arg) => /^(?:-(?:SIG)?|SIG)?(?:USR2|HUP)$/.test(arg));
}

function isPidOrSignal(word: string): boolean {
  return word === haproxyPid || /^(?:SIG)?(?:USR2|HUP)$/.test(word);
}

/** They look and tell, or only steer the text that they stand in. */
const reading = new Set(
  (
    'true false : exit return set test [ sleep echo printf export local readonly unset declare shift cd pwd umask shopt read ' +
    'wait logger ls cat grep egrep fgrep cut head tail tr wc bc expr basename dirname readlink realpath stat ' +
    'pidof pgrep which type id whoami mktemp seq continue break'
  ).split(' '),
);

/** True where a command leaves everything as it is, apart from where its output goes. */
export function isHarmless(program: string, args: readonly string[]): boolean {
  const name = posix.basename(program);
  if (reading.has(name)) return true;
  if (name === 'date') return !args.some((arg) => /^(?:-s|--set)/.test(arg));
  if (name === 'sort') return !args.some((arg) => /^(?:-\w*o|--output)/.test(arg));
  if (name === 'perl') return isSleep(args, /^sleep\s*\(?\s*int\s*\(\s*rand\s*\(\s*\d+\s*\)\s*\)\s*\)?;?$/);
  if (/^python[23]?$/.test(name)) {
    return isSleep(args, /^import random; ?import time; ?time\.sleep\(random\.random\(\) ?\* ?\d+\)$/);
  }
  if (name === 'sed') return !args.some((arg) => /^-[a-zA-Z]*i|^--in-place|[;}\d/]\s*[wWe](?:\s|$)/.test(arg));
  if (name === 'find') return !args.some((arg) => /^-(?:exec|ok|delete|f(?:print|ls))/.test(arg));
  if (name === 'openssl') return ['x509', 'verify'].includes(args[0] ?? '') && !args.includes('-out');
  return false;
}

function isSleep(args: readonly string[], script: RegExp): boolean {
  return args.length === 2 && /^-[ec]$/.test(args[0] ?? '') && script.test(args[1]?.trim() ?? '');
}

/** A run of certbot that may renew. */
export interface CertbotRun {
  /** `--config-dir`, where it is given. */
  readonly configDir: string | undefined;
  /** Files of `-c`. */
  readonly configFiles: readonly string[];
  /** Texts of the hooks on its command line. */
  readonly hooks: readonly string[];
}

const certbotNames = /^(?:certbot|letsencrypt)(?:-auto|-3)?$/;
const lookingVerbs = ['certificates', 'show_account', 'plugins', 'help'];
const renewingVerbs = ['renew', 'certonly', 'run', 'auth'];

/** `nothing` where it only looks or tries; undefined where it is not certbot, or does another thing. */
export function certbotRun(program: string, args: readonly string[]): CertbotRun | 'nothing' | undefined {
  const name = posix.basename(program);
  const none = { configDir: undefined, configFiles: [], hooks: [] };
  if (name === 'certbot.renew' || (name === 'snap' && args.includes('certbot.renew'))) return none;
  if (!certbotNames.test(name)) return undefined;
  if (args.includes('--dry-run') || args.includes('--version') || args.some((arg) => lookingVerbs.includes(arg))) {
    return 'nothing';
  }
  if (!args.some((arg) => renewingVerbs.includes(arg))) return undefined;
  return {
    configDir: flagValues(args, /^--config-dir$/).at(-1),
    configFiles: flagValues(args, /^(?:-c|--config)$/),
    hooks: flagValues(args, /^--(?:pre|post|deploy|renew)-hook$/),
  };
}

function flagValues(args: readonly string[], flag: RegExp): readonly string[] {
  return args.flatMap((arg, index) => {
    const [name = '', ...rest] = arg.split('=');
    if (!flag.test(name)) return [];
    return [rest.length > 0 ? rest.join('=') : (args[index + 1] ?? '')];
  });
}

interface Wrapper {
  /** Options that take a value. */
  readonly valued: readonly string[];
  /** Words of its own before the command. */
  readonly words: number;
}

const wrappers: Readonly<Record<string, Wrapper>> = {
  sudo: { valued: ['-u', '-g', '-h', '-p', '-C'], words: 0 },
  env: { valued: ['-u', '-C'], words: 0 },
  nice: { valued: ['-n'], words: 0 },
  ionice: { valued: ['-c', '-n'], words: 0 },
  timeout: { valued: ['-k', '-s'], words: 1 },
  flock: { valued: ['-w', '-E'], words: 1 },
  nohup: { valued: [], words: 0 },
  chronic: { valued: [], words: 0 },
  exec: { valued: [], words: 0 },
  command: { valued: [], words: 0 },
};

/** The command that another one starts, such as the one after `sudo -E`, with the assignments between them. */
export function unwrap(words: readonly string[]): { words: readonly string[]; assignments: readonly string[] } {
  const assignments: string[] = [];
  let rest = words;
  for (;;) {
    const wrapper = Object.entries(wrappers).find(([name]) => name === posix.basename(rest[0] ?? ''))?.[1];
    if (wrapper === undefined) return { words: rest, assignments };
    rest = rest.slice(1);
    while (rest[0]?.startsWith('-') === true) rest = rest.slice(wrapper.valued.includes(rest[0]) ? 2 : 1);
    rest = rest.slice(wrapper.words);
    while (/^[A-Za-z_]\w*=/.test(rest[0] ?? '')) {
      assignments.push(rest[0] ?? '');
      rest = rest.slice(1);
    }
  }
}
