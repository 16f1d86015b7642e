import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alertLines, checkConfig, configArgs, findHaproxy, lacksLua } from '../../../src-node/haproxy/config-check.js';
import { haproxyBin } from '../../support/haproxy.js';
import { temporaryDirectory } from '../../support/temporary.js';

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

const at = (name: string): string => join(directory.path, name);
const code = (wanted: string): unknown => expect.objectContaining({ name: 'DeployError', code: wanted });
const context = { cwd: undefined, env: undefined, options: [] };
const head = 'defaults\n  mode http\n  timeout client 1s\n  timeout server 1s\n  timeout connect 1s\n';

async function alerts(config: string): Promise<readonly string[]> {
  writeFileSync(at('h.cfg'), config);
  const result = await checkConfig(haproxyBin, [at('h.cfg')], context);
  if (result.valid) throw new Error('HAProxy takes it');
  expect(result.lacksLua).toBe(false);
  return result.alerts;
}

describe('checkConfig', () => {
  it('takes a valid configuration, of several files too, and one with warnings', async () => {
    writeFileSync(at('1.cfg'), head);
    writeFileSync(at('2.cfg'), 'frontend f\n  bind 127.0.0.1:1\n');
    writeFileSync(at('warning.cfg'), 'frontend f\n  mode http\n  bind 127.0.0.1:1\n');
    expect(await checkConfig(haproxyBin, [at('1.cfg'), at('2.cfg')], context)).toEqual({ valid: true });
    expect(await checkConfig(haproxyBin, [at('warning.cfg')], context)).toEqual({ valid: true });
  });

  it('runs in the directory, with the environment and by the options of the running process', async () => {
    writeFileSync(at('relative.cfg'), `${head}frontend f\n  bind "\${ADDRESS}"\n`);
    const where = { cwd: directory.path, env: { ADDRESS: '127.0.0.1:1' }, options: [] };
    expect(await checkConfig(haproxyBin, ['relative.cfg'], where)).toEqual({ valid: true });
    expect(await checkConfig(haproxyBin, [at('relative.cfg')], { ...where, env: {} })).toMatchObject({ valid: false });
    const moved = { cwd: '/', env: where.env, options: ['-C', directory.path] };
    expect(await checkConfig(haproxyBin, ['relative.cfg'], moved)).toEqual({ valid: true });
  });

  it.each<[string, string, RegExp]>([
    ['an unknown keyword', `${head}frontend f\n  nonsense here\n`, /h\.cfg:7\].*nonsense/],
    ['a missing certificate', `${head}frontend f\n  bind 127.0.0.1:1 ssl crt /nowhere/a.pem\n`, /\/nowhere\/a\.pem/],
    ['a missing backend', `${head}frontend f\n  bind 127.0.0.1:1\n  default_backend gone\n`, /gone/],
    ['a proxy without a name', `${head}frontend\n`, /h\.cfg:6\]/],
  ])("gives HAProxy's words of %s, without time and pid", async (_, config, words) => {
    const lines = await alerts(config);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThanOrEqual(5);
    expect(lines.join('\n')).toMatch(words);
    for (const line of lines) expect(line).not.toMatch(/^\[ALERT\]|\(\d{2,}\) :|Fatal errors found|Error\(s\) found/);
  });

  it('gives five lines at most, none of them endless', async () => {
    const lines = await alerts(`${head}frontend f\n${'  nonsense\n'.repeat(50)}  ${'x'.repeat(1_500)}\n`);
    expect(lines).toHaveLength(5);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(400);
  });

  it('gives an answer for a file that is missing, a directory, and no file at all', async () => {
    mkdirSync(at('empty'));
    for (const cfg of [[at('missing.cfg')], [at('empty')], []]) {
      const result = await checkConfig(haproxyBin, cfg, context);
      expect(result.valid).toBe(false);
      if (!result.valid) expect(result.alerts.length).toBeGreaterThan(0);
    }
  });

  it('says that there is no such program, or that it may not be run', async () => {
    await expect(checkConfig(at('haproxy'), [], context)).rejects.toThrow(code('haproxy-not-found'));
    writeFileSync(at('haproxy'), '', { mode: 0o644 });
    await expect(checkConfig(at('haproxy'), [], context)).rejects.toThrow(code('haproxy-not-found'));
  });

  it('sees that a HAProxy was built without Lua', async () => {
    const complaint =
      "[ALERT]    (7) : config : parsing [x:2] : unknown keyword 'lua-load-per-thread' in 'global' section";
    writeFileSync(at('haproxy'), `#!/bin/sh\ncat <<'END' >&2\n${complaint}\nEND\nexit 1\n`, { mode: 0o755 });
    const result = await checkConfig(at('haproxy'), ['x'], context);
    expect(result).toEqual({
      valid: false,
      alerts: ["config : parsing [x:2] : unknown keyword 'lua-load-per-thread' in 'global' section"],
      lacksLua: true,
    });
  });
});

describe('alertLines', () => {
  it('reads the lines of HAProxy 2.4, too, and keeps the words of a program that has none such', () => {
    const old =
      '[ALERT] 324/101112 (4242) : parsing [/h.cfg:2] : unknown keyword\n[ALERT] 324/101112 (4242) : Fatal errors found in configuration.\n';
    expect(alertLines(old)).toEqual(['parsing [/h.cfg:2] : unknown keyword']);
    expect(alertLines('Segmentation fault\n\nat somewhere\n')).toEqual(['Segmentation fault', 'at somewhere']);
    expect(alertLines('')).toEqual([]);
  });
});

describe('lacksLua', () => {
  it('is of the keywords of Lua alone', () => {
    for (const word of ['lua-load', 'lua-load-per-thread', 'lua-prepend-path']) {
      expect(lacksLua(`unknown keyword '${word}' in 'global' section`)).toBe(true);
    }
    expect(lacksLua("unknown keyword 'lua-nonsense' in 'global' section")).toBe(false);
    expect(lacksLua("file '/x.lua' of lua-load cannot be opened")).toBe(false);
  });
});

describe('findHaproxy', () => {
  it('takes a path as it is given, and a bare name from PATH, first come', async () => {
    for (const name of ['one', 'two']) {
      mkdirSync(at(name));
      writeFileSync(at(`${name}/haproxy-test`), '', { mode: 0o755 });
    }
    expect(await findHaproxy(at('two/haproxy-test'), '')).toBe(at('two/haproxy-test'));
    expect(await findHaproxy('haproxy-test', `${at('none')}:${at('one')}:${at('two')}`)).toBe(at('one/haproxy-test'));
    chmodSync(at('one/haproxy-test'), 0o644);
    expect(await findHaproxy('haproxy-test', `${at('one')}:${at('two')}`)).toBe(at('two/haproxy-test'));
  });

  it.runIf(existsSync('/usr/sbin/haproxy'))("finds HAProxy with cron's PATH and with none", async () => {
    expect(await findHaproxy(undefined, '/usr/bin:/bin')).toMatch(/^\/usr\/(?:local\/)?sbin\/haproxy$/);
    expect(await findHaproxy(undefined, '')).toMatch(/^\/usr\/(?:local\/)?sbin\/haproxy$/);
  });

  it('says that there is none', async () => {
    await expect(findHaproxy('no-such-haproxy', '/usr/bin')).rejects.toThrow(code('haproxy-not-found'));
    await expect(findHaproxy(at('missing'), '/usr/bin')).rejects.toThrow(code('haproxy-not-found'));
    writeFileSync(at('plain'), '', { mode: 0o644 });
    await expect(findHaproxy(at('plain'), '/usr/bin')).rejects.toThrow(code('haproxy-not-found'));
  });
});

describe('configArgs', () => {
  it('keeps the order', () => {
    expect(configArgs(['a', 'b'])).toEqual(['-f', 'a', '-f', 'b']);
    expect(configArgs([])).toEqual([]);
  });
});
