import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Challenge, ChallengePublisher, ChallengeType } from '../../../src-node/challenge/challenge-publisher.js';
import { manualPublisher, type ManualSettings } from '../../../src-node/challenge/manual.js';
import { runShell } from '../../../src-node/platform/run-shell.js';
import { until } from '../../support/child.js';
import { temporaryDirectory } from '../../support/temporary.js';

let directory: ReturnType<typeof temporaryDirectory>;
let log: string;
let warnings: string[];
let outputs: { hook: string; stdout: string; stderr: string }[];
let controller: AbortController;
beforeEach(() => {
  directory = temporaryDirectory();
  log = join(directory.path, 'log');
  [warnings, outputs] = [[], []];
  controller = new AbortController();
});
afterEach(() => directory.remove());

const code = (wanted: string): unknown => expect.objectContaining({ name: 'ChallengeError', code: wanted });
const challenge = (type: ChallengeType, name: string, token: string): Challenge => ({
  ...{ type, name, token, keyAuthorization: `${token}.thumbprint` },
  validation: type === 'http-01' ? `${token}.thumbprint` : `digest-of-${token}`,
});
const web = challenge('http-01', 'a.example', 'token-of-a');
const record = challenge('dns-01', 'b.example', 'token-of-b');
const second = challenge('dns-01', 'b.example', 'token-of-wildcard');

interface Terminal {
  readonly input: PassThrough;
  readonly shown: () => string;
}

function manual(
  settings: Partial<ManualSettings>,
  terminal?: PassThrough,
  inherited = {},
): [ChallengePublisher, Terminal] {
  let shown = '';
  const input = terminal ?? new PassThrough();
  const publisher = manualPublisher(
    { challenges: [], authHook: undefined, cleanupHook: undefined, ...settings },
    {
      runHook: async (command, env, signal) =>
        await runShell(command, { env: { ...process.env, LOG: log, ...inherited, ...env }, signal }),
      terminal: terminal === undefined ? undefined : { input, output: { write: (text) => (shown += text) } },
      signal: controller.signal,
      warn: (sentence) => warnings.push(sentence),
      onOutput: (output) => outputs.push(output),
    },
  );
  return [publisher, { input, shown: () => shown }];
}

/** Hooks that write down what they are told, a JSON object a line. */
function recording(kind: string, more = ''): string {
  const script = `const e = process.env; require("fs").appendFileSync(e.LOG, JSON.stringify(["${kind}",
    Object.fromEntries(Object.entries(e).filter(([n]) => n.startsWith("CERTBOT_")))]) + "\\n")`;
  return `${process.execPath} -e '${script}' && ${more === '' ? 'true' : more}`;
}
const told = (): [string, Record<string, string>][] =>
  existsSync(log)
    ? readFileSync(log, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as [string, Record<string, string>])
    : [];

describe('hooks', () => {
  const hooks = {
    authHook: recording('auth', 'echo "  made for $CERTBOT_DOMAIN "'),
    cleanupHook: recording('cleanup'),
  };

  it('are told of each challenge in turn, as certbot tells them', async () => {
    const [publisher] = manual(hooks);
    await publisher.publish([web, record, second]);
    await publisher.withdraw([web, record, second]);
    const all = {
      CERTBOT_ALL_DOMAINS: 'a.example,b.example,b.example',
      CERTBOT_ALL_IDENTIFIERS: 'a.example,b.example,b.example',
    };
    const b = { ...all, CERTBOT_DOMAIN: 'b.example', CERTBOT_IDENTIFIER: 'b.example' };
    const auth = [
      {
        ...{ ...all, CERTBOT_DOMAIN: 'a.example', CERTBOT_IDENTIFIER: 'a.example', CERTBOT_REMAINING_CHALLENGES: '2' },
        ...{ CERTBOT_TOKEN: 'token-of-a', CERTBOT_VALIDATION: 'token-of-a.thumbprint' },
      },
      { ...b, CERTBOT_REMAINING_CHALLENGES: '1', CERTBOT_VALIDATION: 'digest-of-token-of-b' },
      { ...b, CERTBOT_REMAINING_CHALLENGES: '0', CERTBOT_VALIDATION: 'digest-of-token-of-wildcard' },
    ];
    const cleanup = auth.map((env) => ({ ...env, CERTBOT_AUTH_OUTPUT: `made for ${env.CERTBOT_DOMAIN}` }));
    expect(told()).toEqual([...auth.map((env) => ['auth', env]), ...cleanup.map((env) => ['cleanup', env])]);
    expect(warnings).toEqual([]);
  });

  it('do not see what an outer run was told', async () => {
    const [publisher] = manual(hooks, undefined, { CERTBOT_TOKEN: 'old', CERTBOT_AUTH_OUTPUT: 'old' });
    await publisher.publish([record]);
    expect(Object.keys(told()[0]?.[1] ?? {})).not.toContain('CERTBOT_TOKEN');
    expect(Object.keys(told()[0]?.[1] ?? {})).not.toContain('CERTBOT_AUTH_OUTPUT');
  });

  it('clean up once, and only what was published', async () => {
    const [publisher] = manual(hooks);
    await publisher.withdraw([web]);
    await publisher.publish([web]);
    await publisher.withdraw([record]);
    await publisher.withdraw([web]);
    await publisher.withdraw([web]);
    expect(told().map(([kind]) => kind)).toEqual(['auth', 'cleanup']);
    await publisher.publish([]);
    expect(told()).toHaveLength(2);
  });

  it('need no cleanup hook', async () => {
    const [publisher] = manual({ authHook: hooks.authHook });
    await publisher.publish([web]);
    await publisher.withdraw([web]);
    expect(told().map(([kind]) => kind)).toEqual(['auth']);
  });

  it('that fail are warnings with their own words, and the others run', async () => {
    const [publisher] = manual({
      authHook: recording('auth', '{ echo out; echo "no such zone" >&2; exit 3; }'),
      cleanupHook: recording('cleanup', 'kill -9 $$'),
    });
    await publisher.publish([web, record]);
    await publisher.withdraw([web, record]);
    expect(told().map(([kind]) => kind)).toEqual(['auth', 'auth', 'cleanup', 'cleanup']);
    expect(told()[2]?.[1]['CERTBOT_AUTH_OUTPUT']).toBe('out');
    expect(warnings).toHaveLength(4);
    expect(warnings[0]).toMatch(/a\.example.* 3:\n {2}no such zone$/);
    expect(warnings[2]).toMatch(/a\.example.* SIGKILL\.$/);
  });

  it('that cannot be started, or put a zero byte out, are no end either', async () => {
    const zeroes = manual({ authHook: 'printf "a\\000b"', cleanupHook: recording('cleanup') })[0];
    await zeroes.publish([web]);
    await zeroes.withdraw([web]);
    expect(told()[0]?.[1]['CERTBOT_AUTH_OUTPUT']).toBe('ab');
    const tooLong = manual({ authHook: `true ${'x'.repeat(200_000)}` })[0];
    await tooLong.publish([web]);
    expect(warnings[0]).toContain('E2BIG');
  });

  it('show no key authorization in what is told of them', async () => {
    const [publisher] = manual({ authHook: 'env; env >&2; exit 1', cleanupHook: 'env; env >&2' });
    await publisher.publish([web]);
    await publisher.withdraw([web]);
    const all = JSON.stringify([warnings, outputs]);
    expect(all).toContain('CERTBOT_VALIDATION');
    expect(all).not.toContain('token-of-a');
    expect(outputs.map(({ hook }) => hook)).toEqual(['manual-auth-hook', 'manual-cleanup-hook']);
  });

  it('are ended by an abort, and what was begun is cleaned up before publish rejects', async () => {
    const [publisher] = manual({ authHook: recording('auth', 'exec sleep 60'), cleanupHook: recording('cleanup') });
    const publishing = publisher.publish([web, record]);
    await until('the hook runs', () => told().length === 1);
    controller.abort(new Error('enough'));
    await expect(publishing).rejects.toThrow('enough');
    expect(told().map(([kind, env]) => [kind, env['CERTBOT_DOMAIN']])).toEqual([
      ['auth', 'a.example'],
      ['cleanup', 'a.example'],
    ]);
    await publisher.withdraw([web, record]);
    expect(told()).toHaveLength(2);
  });
});

describe('the kinds it answers', () => {
  it('are those wished, else http-01 first', () => {
    expect(manual({})[0].types).toEqual(['http-01', 'dns-01']);
    expect(manual({ challenges: ['dns-01'] })[0].types).toEqual(['dns-01']);
    expect(manual({ challenges: ['dns-01', 'http-01'] })[0].types).toEqual(['dns-01', 'http-01']);
  });

  it('are enough for a wildcard, unless dns-01 is not among them', async () => {
    await manual({ authHook: 'true' })[0].check(['*.a.example', '192.0.2.7']);
    const http = manual({ authHook: 'true', challenges: ['http-01'] })[0];
    await http.check(['a.example']);
    await expect(http.check(['*.a.example'])).rejects.toThrow(code('wildcard-needs-dns'));
  });
});

describe('without an auth hook', () => {
  it('nothing is possible where nobody can be asked', async () => {
    const [publisher] = manual({});
    await expect(publisher.check(['a.example'])).rejects.toThrow(code('manual-not-interactive'));
    await expect(publisher.publish([web])).rejects.toThrow(code('manual-not-interactive'));
    await publisher.withdraw([web]);
  });

  it('the user is told of all at once, and Enter is waited for', async () => {
    const [publisher, { input, shown }] = manual({}, new PassThrough());
    await publisher.check(['a.example']);
    let isDone = false;
    const address = challenge('http-01', '2001:db8::7', 'token-of-address');
    const publishing = publisher.publish([web, record, second, address]).then(() => (isDone = true));
    await until('the user is asked', () => shown().includes('Enter'));
    for (const text of [
      'http://a.example/.well-known/acme-challenge/token-of-a\n      token-of-a.thumbprint\n',
      'http://[2001:db8::7]/.well-known/acme-challenge/token-of-address\n',
      '_acme-challenge.b.example.\n      digest-of-token-of-b\n      digest-of-token-of-wildcard\n',
      'several values',
    ]) {
      expect(shown()).toContain(text);
    }
    expect(shown().match(/Enter/g)).toHaveLength(1);
    input.write('\n');
    await publishing;
    expect(isDone).toBe(true);
    await publisher.publish([]);
    const before = shown().length;
    await publisher.withdraw([web, record, second, address]);
    expect(
      shown()
        .slice(before)
        .match(/_acme-challenge\.b\.example\./g),
    ).toHaveLength(1);
    await publisher.withdraw([web]);
  });

  it('does not speak of several values where there is one for each name', async () => {
    const [publisher, { input, shown }] = manual({}, new PassThrough());
    const publishing = publisher.publish([record]);
    input.write('\n');
    await publishing;
    expect(shown()).not.toContain('several');
    expect(shown()).not.toContain('http');
  });

  it('may ask again for another order', async () => {
    const [publisher, { input, shown }] = manual({}, new PassThrough());
    for (const order of [web, record]) {
      const publishing = publisher.publish([order]);
      await until('the user is asked', () => shown().includes(order.validation));
      input.write('\n');
      await publishing;
    }
  });

  it('the end of the input is an error', async () => {
    const [publisher, { input }] = manual({}, new PassThrough());
    const publishing = publisher.publish([web]);
    input.end();
    await expect(publishing).rejects.toThrow(code('manual-not-interactive'));
    await expect(publisher.publish([web])).rejects.toThrow(code('manual-not-interactive'));
  });

  it('the waiting ends with an abort', async () => {
    const [publisher, { shown }] = manual({}, new PassThrough());
    const publishing = publisher.publish([web]);
    await until('the user is asked', () => shown().includes('Enter'));
    controller.abort(new Error('enough'));
    await expect(publishing).rejects.toThrow('enough');
    await expect(publisher.publish([web])).rejects.toThrow('enough');
  });

  it('a cleanup hook alone is run all the same', async () => {
    const [publisher, { input }] = manual({ cleanupHook: recording('cleanup') }, new PassThrough());
    const publishing = publisher.publish([web]);
    input.write('\n');
    await publishing;
    await publisher.withdraw([web]);
    expect(told()).toMatchObject([['cleanup', { CERTBOT_DOMAIN: 'a.example', CERTBOT_AUTH_OUTPUT: '' }]]);
  });
});
