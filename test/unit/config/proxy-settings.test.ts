import { describe, expect, it } from 'vitest';
import { proxyFor, readProxySettings } from '../../../src-node/config/proxy-settings.js';
import { runOrThrow } from '../../support/child.js';

const cases: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
  [{}, 'https://ca.example/directory'],
  [{ HTTPS_PROXY: 'http://p:3128' }, 'https://ca.example/directory'],
  [{ HTTPS_PROXY: 'http://p:3128' }, 'http://ca.example/directory'],
  [{ HTTP_PROXY: 'http://p:3128' }, 'http://ca.example/directory'],
  [{ HTTPS_PROXY: 'http://upper:1', https_proxy: 'http://lower:1' }, 'https://ca.example/'],
  [{ HTTPS_PROXY: 'http://upper:1', https_proxy: '' }, 'https://ca.example/'],
  [{ ALL_PROXY: 'http://all:1' }, 'https://ca.example/'],
  [{ ALL_PROXY: 'http://all:1', https_proxy: 'http://own:1' }, 'https://ca.example/'],
  ...(
    [
      ['*', 'https://ca.example/'],
      ['ca.example', 'https://ca.example/'],
      ['CA.example', 'https://ca.example/'],
      ['example', 'https://ca.example/'],
      ['.example', 'https://ca.example/'],
      ['.ca.example', 'https://ca.example/'],
      ['a.example', 'https://ca.example/'],
      ['ca.example:8443', 'https://ca.example:8443/'],
      ['ca.example:8443', 'https://ca.example:9443/'],
      ['other.example, ca.example', 'https://ca.example/'],
      ['other.example', 'https://ca.example/'],
      ['192.0.2.1', 'https://192.0.2.1:14000/dir'],
      ['192.0.2.0/24', 'https://192.0.2.1:14000/dir'],
      ['192.0.2.0/31', 'https://192.0.2.2/'],
      ['2.1', 'https://192.0.2.1/'],
      ['0.0.0.0/0', 'https://192.0.2.1/'],
      ['::1', 'https://[::1]:14000/dir'],
    ] as const
  ).map(([exception, url]) => [{ HTTPS_PROXY: 'http://p:3128', NO_PROXY: exception }, url] as const),
  [{ HTTPS_PROXY: 'http://p:3128', NO_PROXY: 'ca.example', no_proxy: 'other.example' }, 'https://ca.example/'],
  [{ HTTPS_PROXY: 'http://p:3128', NO_PROXY: 'ca.example', no_proxy: '' }, 'https://ca.example/'],
];

describe('proxyFor', () => {
  it("answers as certbot's library does", async () => {
    const script = [
      'import json, os, sys, requests.utils as u',
      'for env, url in json.load(sys.stdin):',
      '    for name in [n for n in os.environ if n.lower().endswith("_proxy")]: del os.environ[name]',
      '    os.environ.update(env)',
      '    print(u.select_proxy(url, u.get_environ_proxies(url)) or "")',
    ].join('\n');
    const printed = await runOrThrow('/usr/bin/python3', ['-c', script], { input: JSON.stringify(cases) });
    const theirs = printed.split('\n').slice(0, cases.length);
    const ours = cases.map(([env, url]) => proxyFor(readProxySettings(env), url) ?? '');
    const table = (answers: readonly string[]): string[] =>
      cases.map(([env, url], index) => `${JSON.stringify(env)} ${url} -> ${answers[index] ?? ''}`);
    expect(table(ours)).toEqual(table(theirs));
    expect(new Set(ours).size).toBeGreaterThan(3);
  });

  it('takes a proxy without scheme as one of http', () => {
    expect(proxyFor(readProxySettings({ https_proxy: 'user:secret@p:3128' }), 'https://ca.example/')).toBe(
      'http://user:secret@p:3128',
    );
  });
});
