import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { challengeDirectory } from '../support/lua-service.js';
import { startStage, type Stage } from '../support/stage.js';
import { atTerminal, untilShown, type TerminalRun } from '../support/terminal.js';

const program = resolve(import.meta.dirname, '../../dist/haproxy-acme.js');
const prompt = 'Press Enter';
let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
  mkdirSync(challengeDirectory(stage.webroot), { recursive: true });
});
afterAll(async () => await stage.stop());

/** `certonly --manual` as a user types it. */
function manual(names: readonly string[], more: readonly string[] = [], columns = 100): TerminalRun {
  const directories = ['config', 'work', 'logs'].flatMap((kind) => [`--${kind}-dir`, stage.at(kind)]);
  return atTerminal(
    [
      ...[process.execPath, program, 'certonly', '--manual', '--agree-tos', '--server', stage.pebble.directoryUrl],
      ...[...directories, ...stage.haproxyFlags, ...names.flatMap((name) => ['-d', name]), ...more],
    ],
    { columns, env: { NODE_EXTRA_CA_CERTS: stage.pebble.caFile, XDG_CONFIG_HOME: stage.at('settings') } },
  );
}

const isKept = (name: string): boolean => existsSync(stage.renewalConf(name));

describe('--manual at a terminal', () => {
  it('shows URLs and what they have to answer, and goes on by Enter', async () => {
    const terminal = manual(['web.test', 'www.web.test']);
    await untilShown(terminal, prompt);
    const shown = terminal.screen();
    const asked = [...shown.matchAll(/^ *http:\/\/(\S+?)\/\.well-known\/acme-challenge\/(\S+)\n *(\S+)$/gm)];
    expect(asked.map(([, name]) => name).toSorted(), shown).toEqual(['web.test', 'www.web.test']);
    for (const [, , token = '', answer = ''] of asked) {
      expect(answer).toMatch(new RegExp(`^${token}\\.[\\w-]{43}$`));
      writeFileSync(join(challengeDirectory(stage.webroot), token), answer, { mode: 0o644 });
    }
    terminal.type('\r');
    expect(await terminal.ended, terminal.screen()).toBe(0);
    // What was shown is still there, above all that came after it.
    expect(terminal.screen().startsWith(shown.trimEnd().split('\n').slice(0, -1).join('\n')), terminal.screen()).toBe(
      true,
    );
    expect(await stage.served('web.test')).toBe(stage.stored('web.test'));
    expect(readFileSync(stage.renewalConf('web.test'), 'utf8')).not.toContain('manual_auth_hook');
  });

  it('shows the TXT records of a name and its wildcard, in a narrow window too', async () => {
    const terminal = manual(['zone.test', '*.zone.test'], ['--preferred-challenges', 'dns'], 60);
    await untilShown(terminal, prompt);
    const values = [...terminal.screen().matchAll(/^ *([\w-]{43})$/gm)].map(([, value]) => value);
    expect(values, terminal.screen()).toHaveLength(2);
    expect(terminal.screen()).toContain('_acme-challenge.zone.test.\n');
    for (const value of values) {
      const body = JSON.stringify({ host: '_acme-challenge.zone.test.', value });
      await fetch(`${stage.pebble.dnsManagementUrl}/set-txt`, { method: 'POST', body });
    }
    terminal.type('\r');
    expect(await terminal.ended, terminal.screen()).toBe(0);
    expect(await stage.served('any.zone.test')).toBe(stage.stored('zone.test'));
  });

  it.each([
    ['Ctrl-C', '\x03', 130, 'interrupted'],
    ['Ctrl-D', '\x04', 1, 'manual-not-interactive'],
  ])(
    '%s gives up: what was asked for is named as no longer needed, and nothing is kept',
    async (_, key, code, error) => {
      const terminal = manual(['given-up.test']);
      await untilShown(terminal, prompt);
      const url = /http:\/\/given-up\.test\/\S+/.exec(terminal.screen())?.[0] ?? 'no URL';
      // Nobody should have to type where there is no cursor.
      expect(terminal.cursorShown()).toBe(true);
      terminal.type(key);
      expect(await terminal.ended, terminal.screen()).toBe(code);
      const after = terminal.screen().slice(terminal.screen().indexOf(prompt));
      expect(after).toContain(url);
      expect(after).toContain(`[${error}]`);
      expect(isKept('given-up.test')).toBe(false);
      expect(readdirSync(stage.certDir)).not.toContain('given-up.test.pem');
    },
  );
});
