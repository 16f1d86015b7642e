import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runShell } from '../../../src-node/platform/run-shell.js';
import { createHooks, type HookOutput, type Hooks, type HookSetup } from '../../../src-node/renewal/hooks.js';
import { until } from '../../support/child.js';
import { temporaryDirectory } from '../../support/temporary.js';

let directory: ReturnType<typeof temporaryDirectory>;
const at = (path: string): string => join(directory.path, path);
beforeEach(() => {
  directory = temporaryDirectory();
  for (const kind of ['pre', 'deploy', 'post']) mkdirSync(at(kind));
});
afterEach(() => directory.remove());

interface Trial {
  readonly hooks: Hooks;
  readonly outputs: HookOutput[];
  readonly log: string[];
  readonly abort: (reason: Error) => void;
}

/** Hooks that real shells run, with a variable to append to a file by. */
function trial(differing: Partial<HookSetup> = {}): Trial {
  const controller = new AbortController();
  const [outputs, log]: [HookOutput[], string[]] = [[], []];
  const env = { PATH: process.env['PATH'], OUT: at('out'), STAYS: 'inherited' };
  const hooks = createHooks({
    run: async (command, added, signal) => await runShell(command, { env: { ...env, ...added }, signal }),
    directory: { pre: at('pre'), deploy: at('deploy'), post: at('post') },
    skipDeploy: false,
    signal: controller.signal,
    logger: { info: (text) => log.push(text), warn: (text) => log.push(text) },
    onOutput: (output) => outputs.push(output),
    ...differing,
  });
  return { hooks, outputs, log, abort: (reason) => controller.abort(reason) };
}

function script(path: string, text = `echo ${path} >> "$OUT"`, mode = 0o755): string {
  writeFileSync(at(path), `#!/bin/sh\n${text}\n`);
  chmodSync(at(path), mode);
  return at(path);
}

const ran = (): string[] => (existsSync(at('out')) ? readFileSync(at('out'), 'utf8').trimEnd().split('\n') : []);
const say = (word: string): string => `echo ${word} >> "$OUT"`;
const version = { domains: ['a.example', 'b.example'], lineageDirectory: '/le/live/a.example' };
const nothing = { renewed: [], failed: [] };

describe('hooks of the directories', () => {
  it('run by name before the command, without what is no program', async () => {
    for (const name of ['20', '10', 'B', 'a', 'old~']) script(`pre/${name}`);
    script('pre/text', 'exit 1', 0o644);
    mkdirSync(at('pre/folder'));
    symlinkSync(at('pre/nowhere'), at('pre/broken'));
    script('elsewhere');
    symlinkSync(at('elsewhere'), at('pre/15'));
    const { hooks } = trial();
    await hooks.pre(say('command'));
    expect(ran()).toEqual(['pre/10', 'elsewhere', 'pre/20', 'pre/B', 'pre/a', 'command']);
    expect(hooks.warnings).toEqual([]);
  });

  it('run whatever their names and places hold', async () => {
    script("pre/it's $HOME; exit", say('odd'));
    const { hooks } = trial();
    await hooks.pre(undefined);
    expect(ran()).toEqual(['odd']);
  });

  it('run once where a command names one of them', async () => {
    const { hooks } = trial();
    await hooks.pre(script('pre/x'));
    await hooks.deploy(script('deploy/x'), version);
    hooks.post(script('post/x'));
    await hooks.finish(nothing);
    expect(ran()).toEqual(['pre/x', 'deploy/x', 'post/x']);
  });

  it('are not looked at where they are switched off', async () => {
    for (const kind of ['pre', 'deploy', 'post']) script(`${kind}/x`);
    const { hooks } = trial({ directory: undefined });
    await hooks.pre(say('pre'));
    await hooks.deploy(say('deploy'), version);
    hooks.post(say('post'));
    await hooks.finish(nothing);
    expect(ran()).toEqual(['pre', 'deploy', 'post']);
  });

  it('may be missing', async () => {
    const { hooks } = trial({ directory: { pre: at('none'), deploy: at('none'), post: at('none') } });
    await hooks.pre(say('pre'));
    await hooks.finish(nothing);
    expect(ran()).toEqual(['pre']);
    expect(hooks.warnings).toEqual([]);
  });

  it('are warned of where they cannot be listed, and the command runs', async () => {
    writeFileSync(at('file'), '');
    const { hooks } = trial({ directory: { pre: at('file'), deploy: at('file'), post: at('file') } });
    await hooks.pre(say('pre'));
    expect(ran()).toEqual(['pre']);
    expect(hooks.warnings).toHaveLength(1);
    expect(hooks.warnings[0]).toContain(at('file'));
  });
});

describe('a command', () => {
  it('runs before the first of the lineages that share it', async () => {
    script('pre/x');
    const { hooks } = trial();
    for (const command of [say('stop'), say('stop'), undefined, say('other'), '', ' ']) await hooks.pre(command);
    expect(ran()).toEqual(['pre/x', 'stop', 'other']);
  });

  it('runs for each version that is deployed, told of its names and place', async () => {
    script('deploy/x', 'echo "dir $RENEWED_DOMAINS $RENEWED_LINEAGE" >> "$OUT"');
    const { hooks } = trial();
    const command = 'echo "$STAYS $RENEWED_DOMAINS $RENEWED_LINEAGE ${FAILED_DOMAINS-unset}" >> "$OUT"';
    await hooks.deploy(command, version);
    await hooks.deploy(command, { domains: ['c.example'], lineageDirectory: '/le/live/c' });
    expect(ran()).toEqual([
      'dir a.example b.example /le/live/a.example',
      'inherited a.example b.example /le/live/a.example unset',
      'dir c.example /le/live/c',
      'inherited c.example /le/live/c unset',
    ]);
  });

  it('of a dry run is not given what there is not', async () => {
    script('deploy/x');
    const { hooks, log } = trial({ skipDeploy: true });
    await hooks.pre(say('pre'));
    await hooks.deploy(say('deploy'), version);
    hooks.post(say('post'));
    await hooks.finish(nothing);
    expect(ran()).toEqual(['pre', 'post']);
    expect(log.filter((line) => line.includes('dry run'))).toHaveLength(2);
    expect(hooks.warnings).toEqual([]);
  });

  it('at the end runs once, after all, told of what was renewed and what was not', async () => {
    script('post/x');
    const command = 'echo "[$RENEWED_DOMAINS] [$FAILED_DOMAINS] ${RENEWED_LINEAGE-unset}" >> "$OUT"';
    const { hooks } = trial();
    await hooks.pre(undefined);
    for (const each of [command, command, undefined, say('other')]) hooks.post(each);
    expect(ran()).toEqual([]);
    await hooks.finish({ renewed: ['a.example', 'b.example'], failed: ['c.example'] });
    expect(ran()).toEqual(['post/x', '[a.example b.example] [c.example] unset', 'other']);
  });

  it('at the end does not run where nothing was begun', async () => {
    script('post/x');
    const { hooks } = trial();
    await hooks.finish(nothing);
    expect(ran()).toEqual([]);
  });

  it('at the end is told of as many names as fit, whole ones', async () => {
    const names = Array.from({ length: 2_000 }, (_, index) => `name-${index}.example`);
    const { hooks } = trial();
    await hooks.pre(undefined);
    hooks.post('printf "%s\\n%s\\n" "$RENEWED_DOMAINS" "$FAILED_DOMAINS" > "$OUT"');
    await hooks.finish({ renewed: names, failed: names.slice(0, 3) });
    const [renewed = '', failed] = ran();
    expect(renewed.length).toBeLessThanOrEqual(16_000);
    expect(renewed.length).toBeGreaterThan(15_900);
    expect(renewed.split(' ')).toEqual(names.slice(0, renewed.split(' ').length));
    expect(failed).toBe('name-0.example name-1.example name-2.example');
    expect(hooks.warnings).toHaveLength(1);
    expect(hooks.warnings[0]).toContain('RENEWED_DOMAINS');
  });
});

describe('what a hook says', () => {
  it('is shown and logged when it has ended', async () => {
    const { hooks, outputs, log } = trial();
    await hooks.pre('echo one; echo two; echo aside >&2');
    expect(outputs).toEqual([{ hook: 'pre-hook', stdout: 'one\ntwo\n', stderr: 'aside\n' }]);
    expect(log.join('\n')).toMatch(/stdout.*\none\ntwo\n(.*\n)*stderr.*\naside/);
    expect(hooks.warnings).toEqual([]);
  });

  it.each([
    ['exit 3', 'exit code 3'],
    ['kill -9 $$', 'SIGKILL'],
    ['/no/such/program', 'exit code 127'],
  ])('of its failure (%s) is a warning, and the next goes on', async (command, words) => {
    const { hooks, outputs, log } = trial();
    await hooks.pre(`echo before; echo reason >&2; ${command}`);
    hooks.post(say('after'));
    await hooks.finish(nothing);
    expect(hooks.warnings).toHaveLength(1);
    expect(hooks.warnings[0]).toContain(words);
    expect(hooks.warnings[0]).toContain('\n  reason');
    expect(log.some((line) => line === hooks.warnings[0])).toBe(true);
    expect(outputs[0]).toEqual({ hook: 'pre-hook', stdout: 'before\n', stderr: '' });
    expect(ran()).toEqual(['after']);
  });

  it('is cut in a warning, and holds no private key there', async () => {
    const { hooks } = trial();
    const key = 'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg';
    writeFileSync(at('key.pem'), `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`);
    await hooks.pre(`(seq 1000; cat ${at('key.pem')}; echo last) >&2; exit 1`);
    const [warning = ''] = hooks.warnings;
    expect(warning.split('\n').slice(1)).toHaveLength(20);
    expect(warning).toMatch(/\n {2}1000\n/);
    expect(warning.endsWith('\n  last')).toBe(true);
    expect(warning).not.toContain(key.slice(0, 16));
  });

  it('matters not where the shell itself cannot be started', async () => {
    const { hooks } = trial();
    // Longer than a system takes as one argument.
    await hooks.pre(`: ${'x'.repeat(4_000_000)}`);
    await hooks.pre(say('next'));
    expect(hooks.warnings).toHaveLength(1);
    expect(hooks.warnings[0]?.length).toBeLessThan(400);
    expect(ran()).toEqual(['next']);
  });
});

describe('an interruption', () => {
  it('ends a pre hook, and leaves the post hooks to run', async () => {
    const { hooks, abort } = trial();
    const pre = hooks.pre(`${say('begun')}; sleep 60; ${say('not reached')}`);
    await until('the hook runs', () => ran().length === 1);
    abort(new Error('stop'));
    await pre;
    hooks.post(say('post'));
    await hooks.finish(nothing);
    expect(ran()).toEqual(['begun', 'post']);
    expect(hooks.warnings).toHaveLength(1);
  });
});
