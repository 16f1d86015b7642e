import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../support/child.js';
import { errorCodes, jsonReport } from '../support/report.js';
import { startStage, type Stage } from '../support/stage.js';

const name = 'shop.test';
let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
  mkdirSync(stage.at('unserved'));
});
afterAll(async () => await stage.stop());

/** Flags by which an order fails: its challenge is put where nobody looks. */
const failing = (): readonly string[] => ['-w', stage.at('unserved'), '-d', 'lost.test'];

describe('-q', () => {
  it('says nothing when all goes well', async () => {
    expect(await stage.order([name], ['-q'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(await stage.command(['renew', '-q'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(await stage.command(['renew', '-q', '--force-renewal'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it('says what failed', async () => {
    const result = await stage.order(['fails.test'], ['-q', ...failing()]);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(errorCodes(result)).toEqual(['self-check-failed']);
    expect(result.stderr).toContain('lost.test');
  });
});

describe('--json', () => {
  /** Every private key that the stage has written, without the lines around it. */
  function secrets(): readonly string[] {
    const files = readdirSync(stage.configDir, { recursive: true, encoding: 'utf8' });
    const keys = files
      .filter((file) => /privkey\d+\.pem$/.test(file))
      .map((file) => readFileSync(join(stage.configDir, file), 'utf8'));
    const account = files.find((file) => file.endsWith('private_key.json')) ?? '';
    const { d } = JSON.parse(readFileSync(join(stage.configDir, account), 'utf8')) as { d: string };
    return [...keys.map((key) => key.split('\n')[1] ?? ''), d];
  }

  function expectOneDocument(result: RunResult): void {
    expect(result.stderr).toBe('');
    expect(() => jsonReport(result)).not.toThrow();
    for (const secret of secrets()) expect(result.stdout).not.toContain(secret);
    expect(result.stdout).not.toContain('PRIVATE KEY');
    for (const token of tokens()) expect(result.stdout).not.toContain(`${token}.`);
  }

  const tokens = (): readonly string[] =>
    [...stage.pebble.output().matchAll(/acme-challenge\/([A-Za-z0-9_-]+)/g)].map((match) => match[1] ?? '');

  it('is one document without a secret when all goes well', async () => {
    const result = await stage.order(['json.test', 'www.json.test'], ['--json']);
    expect(result.code).toBe(0);
    expectOneDocument(result);
    expect(JSON.parse(result.stdout)).toMatchObject({
      outcomes: [
        {
          kind: 'issued',
          certName: 'json.test',
          names: ['json.test', 'www.json.test'],
          version: 1,
          fingerprint: stage.stored('json.test'),
          deployment: { kind: 'deployed', bundle: stage.bundle('json.test') },
        },
      ],
      reloads: [],
      sockets: [stage.socket],
    });
  });

  it('is one document when something fails', async () => {
    const result = await stage.order(['fails.test'], ['--json', '--self-check', 'off', ...failing()]);
    expect(result.code).toBe(1);
    expectOneDocument(result);
    expect(jsonReport(result).outcomes[0]).toMatchObject({
      kind: 'failed',
      error: { code: 'acme-authorization-failed' },
    });
  });

  it('is one document for a wrong command line', async () => {
    const result = await stage.command(['certonly', '--json', '--webroot', '-d', '*.shop.test']);
    expect(result.code).toBe(2);
    expectOneDocument(result);
    expect(jsonReport(result).error?.code).toBe('name-invalid');
  });

  it('lists the lineages', async () => {
    const result = await stage.command(['certificates', '--json']);
    expect(result.code).toBe(0);
    expectOneDocument(result);
    const { certificates } = JSON.parse(result.stdout) as { certificates: { certName: string; haproxy: object }[] };
    expect(certificates.map(({ certName }) => certName)).toEqual(['json.test', name]);
    expect(certificates[1]?.haproxy).toEqual({ bundle: stage.bundle(name), inService: true });
  });
});

describe('progress', () => {
  it('is plain lines without a terminal', async () => {
    const result = await stage.order(['plain.test', 'www.plain.test']);
    expect(result.code).toBe(0);
    expect(result.stdout + result.stderr).not.toContain('\u001b');
    for (const line of ['plain.test: validated', 'www.plain.test: validated']) {
      expect(result.stderr.split('\n')).toContain(line);
    }
  });

  /** Gives the command a terminal of this size by script(1), whose output is then that of the terminal. */
  const onTerminal = (size: string): readonly string[] => {
    const inside = `stty ${size}; exec env --split-string "$LINE"`;
    return ['sh', '-c', `LINE="$*"; export LINE; exec script --quiet --return --command '${inside}' /dev/null`, 'sh'];
  };
  const escape = '\u001b[';

  it('is a live line for each name on a terminal, and the report comes after it', async () => {
    const by = onTerminal('rows 24 cols 100');
    const { code, stdout } = await stage.order(['live.test', 'www.live.test'], [], { by, env: { TERM: 'xterm' } });
    expect(code, stdout).toBe(0);
    // Both lines are drawn together when a step is that of the order; a name's own step rewrites its line alone.
    expect(stdout).toMatch(/live\.test +ordered\r?\nwww\.live\.test +ordered\r?\n/);
    for (const line of [/[^.]live\.test +validated/, /www\.live\.test +validated/]) expect(stdout).toMatch(line);
    expect(stdout).toContain(escape);
    const report = stdout.slice(stdout.indexOf('is issued'));
    expect(report).toContain(stage.bundle('live.test'));
    expect(report).not.toContain('validated');
  });

  it('leaves what a hook says standing above the live lines', async () => {
    const by = onTerminal('rows 24 cols 100');
    const hooks = ['--deploy-hook', 'id', '--renew-hook', 'id'];
    const { code, stdout } = await stage.order(['spoken.test'], hooks, { by, env: { TERM: 'xterm' } });
    expect(code, stdout).toBe(0);
    const end = stdout.indexOf('deploy-hook: uid=');
    // The live line is erased, and drawn again below.
    expect(stdout.slice(0, end)).toMatch(/spoken\.test +stored\r?\n[^\n]*$/);
    expect(stdout.slice(end - 20, end)).toContain(`${escape}2K${escape}G`);
    expect(stdout.slice(end)).toMatch(/^deploy-hook: uid=[^\n]*\n[^]*spoken\.test +stored/);
  });

  it('is plain lines on a terminal that does not know its size', async () => {
    const by = onTerminal('rows 0 cols 0');
    const { code, stdout } = await stage.order(['blind.test'], [], { by, env: { TERM: 'xterm' } });
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/^blind\.test: validated\r?$/m);
    expect(stdout).not.toContain(escape);
  });
});

describe('output that cannot be written', () => {
  const to = (redirection: string): readonly string[] => ['sh', '-c', `"$@" ${redirection}`, 'sh'];

  it('since its disk is full does not end the run halfway, and is told by the exit code', async () => {
    const version = stage.version(name);
    const result = await stage.command(['renew', '--force-renewal'], { by: to('>/dev/full 2>&1') });
    expect(result.code).toBe(1);
    expect(stage.version(name)).toBe(version + 1);
    expect(await stage.served(name)).toBe(stage.stored(name));
    expect(await stage.command(['renew'])).toMatchObject({ code: 0 });
  });

  it('since nobody reads it does not end the run halfway', async () => {
    const version = stage.version(name);
    const result = await stage.command(['renew', '--force-renewal'], { by: to('2>&1 | true') });
    expect(result.stderr).toBe('');
    expect(stage.version(name)).toBe(version + 1);
    expect(await stage.served(name)).toBe(stage.stored(name));
  });
});

describe("the CA's own certificate", () => {
  const untrusting = { NODE_EXTRA_CA_CERTS: undefined };

  it('is trusted by REQUESTS_CA_BUNDLE', async () => {
    const result = await stage.order(['bundle.test'], [], {
      env: { ...untrusting, REQUESTS_CA_BUNDLE: stage.pebble.caFile },
    });
    expect(result, result.stderr).toMatchObject({ code: 0 });
  });

  it('is trusted by NODE_EXTRA_CA_CERTS still, when REQUESTS_CA_BUNDLE names others', async () => {
    writeFileSync(stage.at('others.pem'), await stage.pebble.management('/roots/0'));
    const result = await stage.order(['both.test'], [], { env: { REQUESTS_CA_BUNDLE: stage.at('others.pem') } });
    expect(result, result.stderr).toMatchObject({ code: 0 });
  });

  it('is not asked for by --no-verify-ssl', async () => {
    const result = await stage.order(['unverified.test'], ['--no-verify-ssl'], { env: untrusting });
    expect(result, result.stderr).toMatchObject({ code: 0 });
  });

  it('in a file that is not there is a clear failure', async () => {
    const orders = stage.orders();
    const env = { ...untrusting, REQUESTS_CA_BUNDLE: stage.at('nowhere.pem') };
    const result = await stage.order(['nowhere.test'], [], { env });
    expect(result.code).toBeGreaterThan(0);
    expect(result.stderr).toContain(stage.at('nowhere.pem'));
    expect(errorCodes(result)).not.toContain('internal');
    expect(stage.orders()).toBe(orders);
  });
});

it('a run that comes to no end, since something never answers, has not succeeded', async () => {
  const silent = stage.at('silent.cjs');
  writeFileSync(silent, "const fs = require('node:fs/promises'); fs.readdir = () => new Promise(() => {});");
  const result = await stage.command(['certificates'], { env: { NODE_OPTIONS: `--require ${silent}` } });
  expect(result).toMatchObject({ code: 1 });
  expect(errorCodes(result)).toEqual(['internal']);
});
