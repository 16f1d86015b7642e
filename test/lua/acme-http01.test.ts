import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtLua, packageVersion } from '../support/built-lua.js';
import { challengeDirectory, clock, request, runLua, tasks, type Answer, type LuaRun } from '../support/lua-service.js';
import { temporaryDirectory } from '../support/temporary.js';

const prefix = '/.well-known/acme-challenge/';
const token = 'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0';
const thumbprint = '9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI';

let built: { file: string; remove: () => void };
beforeAll(async () => {
  built = await builtLua();
});
afterAll(() => built.remove());

describe('the built file', () => {
  it('says its name, version and licence at the top and asks for no other file', () => {
    const code = readFileSync(built.file, 'utf8');
    const top = code.split('\n').slice(0, 3).join('\n');
    expect(top).toContain(`acme-http01 ${packageVersion}`);
    expect(top).toContain('MIT');
    expect(code).not.toMatch(/\brequire\b|__TS__/);
  });
});

describe.each(['lua5.3', 'lua5.4'])('under %s', (interpreter) => {
  const load = async (env: Record<string, string>, commands: string[] = [], thread = 0): Promise<LuaRun> =>
    await runLua({ interpreter, built: built.file, env, thread }, commands);

  const ask = async (env: Record<string, string>, paths: readonly (string | undefined)[]): Promise<readonly Answer[]> =>
    (
      await load(
        env,
        paths.map((path) => request('GET', path)),
      )
    ).answers;

  const withFiles = async (
    prepare: (directory: string) => void,
    use: (root: string) => Promise<void>,
  ): Promise<void> => {
    const root = temporaryDirectory();
    try {
      mkdirSync(challengeDirectory(root.path), { recursive: true });
      prepare(challengeDirectory(root.path));
      await use(root.path);
    } finally {
      root.remove();
    }
  };

  const withMap = async (entries: Record<string, string>, use: (path: string) => Promise<void>): Promise<void> => {
    const root = temporaryDirectory();
    try {
      const lines = Object.entries(entries).map(([key, value]) => `${key} ${Buffer.from(value).toString('hex')}\n`);
      writeFileSync(join(root.path, 'tokens.map'), lines.join(''));
      await use(join(root.path, 'tokens.map'));
    } finally {
      root.remove();
    }
  };

  it('leaves no global behind', async () => {
    const { globals, code } = await load({ ACME_THUMBPRINT: thumbprint }, [request('GET', prefix + token)]);
    expect({ code, globals }).toEqual({ code: 0, globals: [] });
  });

  it('answers a challenge by the key authorization alone', async () => {
    const [answer] = await ask({ ACME_THUMBPRINT: thumbprint }, [prefix + token]);
    const body = `${token}.${thumbprint}`;
    expect(answer).toEqual({
      status: 200,
      headers: { 'content-type': 'text/plain', 'content-length': String(body.length) },
      body,
    });
  });

  it('answers HEAD by the same headers without a body', async () => {
    const { answers } = await load({ ACME_THUMBPRINT: thumbprint }, [
      request('GET', prefix + token),
      request('HEAD', prefix + token),
      request('HEAD', prefix),
    ]);
    expect(answers[1]).toEqual({ ...answers[0], body: '' });
    expect(answers[2]).toMatchObject({ status: 404, body: '' });
  });

  it.each(['a', '-', '_', '-_-', 'A9z', '0'.repeat(128), token])('takes %s as a token', async (good) => {
    const [answer] = await ask({ ACME_THUMBPRINT: thumbprint }, [prefix + good]);
    expect(answer).toMatchObject({ status: 200, body: `${good}.${thumbprint}` });
  });

  it('answers 404 to everything that is not exactly a challenge path, and never echoes it', async () => {
    const bad = [
      ...['', '/', '*', prefix, prefix.slice(0, -1), `/x${prefix}${token}`, `/${prefix}${token}`],
      ...[
        `${prefix}/${token}`,
        `${prefix}${token}/`,
        `${prefix}${token}/x`,
        `${prefix}x/${token}`,
        `${prefix}./${token}`,
      ],
      ...[`${prefix}..`, `${prefix}.`, `${prefix}../${token}`, `${prefix}../../etc/passwd`, `${prefix}..%2fx`],
      ...[`${prefix}%2e%2e`, `${prefix}${token}%00`, `${prefix}${token}\0`, `${prefix}\0`, `${prefix}${token}\n`],
      ...[`${prefix}${token}.`, `${prefix}${token}.txt`, `${prefix}${token}.${thumbprint}`, `${prefix}${token}=`],
      ...[
        `${prefix}a+b`,
        `${prefix}a b`,
        `${prefix}a~b`,
        `${prefix}a%b`,
        `${prefix}a?b`,
        `${prefix}a#b`,
        `${prefix}a;b`,
      ],
      ...[
        `${prefix}a\u00e9`,
        `${prefix}\u00ff`,
        `${prefix}<script>`,
        `${prefix}[a-z]`,
        `${prefix}(.*)`,
        `${prefix}a\\b`,
      ],
      ...['/.WELL-KNOWN/acme-challenge/a', '/xwell-known/acme-challenge/a', '/.well-known/acme.challenge/a'],
      ...['/.well-known/acme-challenges/a', '/.well-known//acme-challenge/a', '.well-known/acme-challenge/a'],
      ...[prefix + 'a'.repeat(129), prefix + 'a'.repeat(17_000), prefix + 'a'.repeat(16_000) + '!'],
    ];
    const answers = await ask({ ACME_THUMBPRINT: thumbprint }, [...bad, undefined]);
    expect(answers.length).toBe(bad.length + 1);
    const unexpected = answers.filter((answer) => answer.status !== 404 || answer.body !== 'Not Found\n');
    expect(unexpected).toEqual([]);
    expect(answers[0]?.headers).toEqual({
      'cache-control': 'no-store',
      'content-type': 'text/plain',
      'content-length': '10',
    });
  });

  it('answers another method by 405 with Allow under the challenge path and by 404 elsewhere', async () => {
    const methods = ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'CONNECT', 'get', 'PROPFIND', 'GETX'];
    const { answers } = await load({ ACME_THUMBPRINT: thumbprint }, [
      ...methods.map((method) => request(method, prefix + token)),
      request('POST', `${prefix}../x`),
      request('POST', '/elsewhere'),
      request('OPTIONS', undefined),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([...methods.map(() => 405), 405, 404, 404]);
    expect(new Set(answers.map(({ headers }) => headers['allow']))).toEqual(new Set(['GET, HEAD', undefined]));
    expect(answers[0]?.headers['allow']).toBe('GET, HEAD');
    expect(answers.at(-1)?.headers['allow']).toBeUndefined();
  });

  it('serves no value of a map but a key authorization of its token', async () => {
    const longest = `long.${'x'.repeat(1024 - 5)}`;
    const entries = {
      good: `good.${thumbprint}`,
      'a-b_c': 'a-b_c.x',
      long: longest,
      long2: `long2.${'x'.repeat(1025 - 6)}`,
      empty: '',
      alone: 'alone',
      dot: 'dot.',
      other: `good.${thumbprint}`,
      longer: `longer2.${thumbprint}`,
      short: `shor.${thumbprint}`,
      before: ` before.${thumbprint}`,
      after: `after.${thumbprint} `,
      newline: `newline.${thumbprint}\n`,
      twice: `twice.a.b`,
      tag: 'tag.<b>',
      nul: 'nul.a\0',
      // The token stands in the value, but behind the dot.
      ab: 'xy.ab',
    };
    await withMap(entries, async (path) => {
      const keys = Object.keys(entries);
      const answers = await ask(
        { ACME_MAP: path },
        keys.map((key) => prefix + key),
      );
      const served = keys.filter((_key, index) => answers[index]?.status === 200);
      expect(served).toEqual(['good', 'a-b_c', 'long']);
      expect(answers[keys.indexOf('long')]?.body).toBe(longest);
    });
  });

  it('serves files of the webroot without their line end, and nothing that is not a key authorization', async () => {
    const prepare = (directory: string): void => {
      const write = (name: string, content: string): void => writeFileSync(join(directory, name), content);
      write('good', `good.${thumbprint}`);
      write('unix', `unix.${thumbprint}\n`);
      write('dos', `dos.${thumbprint}\r\n`);
      write('full', `full.${'x'.repeat(1024 - 5)}`);
      write('over', `over.${'x'.repeat(1025 - 5)}`);
      write('newlines', `newlines.${thumbprint}${'\n'.repeat(2000)}`);
      write('empty', '');
      write('newline', '\n');
      write('lines', `lines.${thumbprint}\nlines.${thumbprint}\n`);
      write('other', `good.${thumbprint}`);
      write('secret', 'root:x:0:0:root:/root:/bin/bash\n');
      write('key', '-----BEGIN PRIVATE KEY-----\n');
      mkdirSync(join(directory, 'directory'));
      symlinkSync('good', join(directory, 'link'));
      symlinkSync('/etc/passwd', join(directory, 'passwd'));
      symlinkSync('/dev/zero', join(directory, 'zero'));
      symlinkSync('nowhere', join(directory, 'dangling'));
      symlinkSync('loop', join(directory, 'loop'));
    };
    const names = ['good', 'unix', 'dos', 'full', 'over', 'newlines', 'empty', 'newline', 'lines', 'other'];
    names.push('secret', 'key', 'directory', 'link', 'passwd', 'zero', 'dangling', 'loop', 'absent');
    await withFiles(prepare, async (root) => {
      const answers = await ask(
        { ACME_WEBROOT: root },
        names.map((name) => prefix + name),
      );
      const served = names.filter((_name, index) => answers[index]?.status === 200);
      expect(served).toEqual(['good', 'unix', 'dos', 'full']);
      expect(answers[1]?.body).toBe(`unix.${thumbprint}`);
      expect(answers[2]?.body).toBe(`dos.${thumbprint}`);
    });
  });

  it('asks the map, then the webroot, then the thumbprint, and passes over what it may not serve', async () => {
    const prepare = (directory: string): void => {
      for (const name of ['all', 'file', 'badmap']) writeFileSync(join(directory, name), `${name}.webroot`);
      writeFileSync(join(directory, 'badfile'), 'nonsense');
    };
    await withFiles(prepare, async (root) => {
      await withMap({ all: 'all.map', badmap: 'nonsense', badfile: '' }, async (map) => {
        const env = { ACME_MAP: map, ACME_WEBROOT: `${root}//`, ACME_THUMBPRINT: thumbprint };
        const { answers, logs } = await load(
          env,
          ['all', 'file', 'badmap', 'badfile', 'none'].map((name) => request('GET', prefix + name)),
        );
        const bodies = ['all.map', 'file.webroot', 'badmap.webroot', `badfile.${thumbprint}`, `none.${thumbprint}`];
        expect(answers.map(({ body }) => body)).toEqual(bodies);
        const sources = logs.slice(1).map((line) => /map|webroot|thumbprint/.exec(line)?.[0]);
        expect(sources).toEqual(['map', 'webroot', 'webroot', 'thumbprint', 'thumbprint']);
      });
    });
  });

  it('refuses to load without a source or with a setting that cannot work, and names the setting', async () => {
    const cases: [Record<string, string>, RegExp][] = [
      [{}, /ACME_WEBROOT, ACME_MAP or ACME_THUMBPRINT/],
      [{ ACME_MAP: '/nonexistent/tokens.map' }, /ACME_MAP.*'\/nonexistent\/tokens\.map'/],
      [{ ACME_MAP: '' }, /ACME_MAP/],
      [{ ACME_WEBROOT: '' }, /ACME_WEBROOT/],
      [{ ACME_WEBROOT: 'var/www' }, /ACME_WEBROOT.*'var\/www'/],
      [{ ACME_WEBROOT: './www', ACME_THUMBPRINT: thumbprint }, /ACME_WEBROOT/],
      [{ ACME_THUMBPRINT: '' }, /ACME_THUMBPRINT/],
      [{ ACME_THUMBPRINT: thumbprint.slice(1) }, /ACME_THUMBPRINT/],
      [{ ACME_THUMBPRINT: `${thumbprint}A` }, /ACME_THUMBPRINT/],
      [{ ACME_THUMBPRINT: `${thumbprint.slice(1)}=` }, /ACME_THUMBPRINT/],
    ];
    for (const [env, words] of cases) {
      const { code, stderr } = await load(env);
      expect({ env, code }).toEqual({ env, code: 1 });
      expect(stderr).toMatch(words);
      expect(stderr.trim().split('\n').length).toBe(1);
      expect(stderr).not.toMatch(/lua:\d+/);
    }
  });

  it('says its version and sources in one line, on one thread', async () => {
    for (const [thread, lines] of [
      [0, 1],
      [1, 1],
      [2, 0],
      [64, 0],
    ] as const) {
      const { logs } = await load({ ACME_WEBROOT: '/srv/www', ACME_THUMBPRINT: thumbprint }, [], thread);
      expect({ thread, lines: logs.length }).toEqual({ thread, lines });
      if (lines === 1) expect(logs[0]).toMatch(/^info acme-http01 \d+\.\d+\.\d+.* webroot \/srv\/www, .*thumbprint/);
      expect(logs.join()).not.toContain(thumbprint);
    }
  });

  it('warns once of a webroot that the running process does not find', async () => {
    await withFiles(
      (directory) => writeFileSync(join(directory, 'file'), ''),
      async (root) => {
        const warnings = async (webroot: string, thread: number): Promise<number> =>
          (await load({ ACME_WEBROOT: webroot }, [tasks], thread)).logs.filter((line) => line.startsWith('warning'))
            .length;
        expect(await warnings(root, 1)).toBe(0);
        expect(await warnings(join(root, 'absent'), 1)).toBe(1);
        expect(await warnings(join(challengeDirectory(root), 'file'), 1)).toBe(1);
        expect(await warnings(join(root, 'absent'), 2)).toBe(0);
      },
    );
  });

  it('logs nothing of bad requests and a bounded number of served ones, with a count of the rest', async () => {
    const flood = Array.from({ length: 500 }, (_, index) => request('GET', `${prefix}t${index}`));
    const bad = Array.from({ length: 500 }, (_, index) => request('GET', `${prefix}bad.${index}`));
    const { answers, logs } = await load({ ACME_THUMBPRINT: thumbprint }, [
      ...[...bad, ...flood, clock(1_000_059), ...flood, clock(1_000_060), request('GET', `${prefix}later`)],
    ]);
    expect(answers.filter(({ status }) => status === 200).length).toBe(1001);
    expect(logs.length).toBe(1 + 10 + 2);
    expect(logs[11]).toContain('990');
    expect(logs[12]).toContain('later');
  });

  it('tells of a file that it may not open, with a bound', async () => {
    const prepare = (directory: string): void => symlinkSync('loop', join(directory, 'loop'));
    await withFiles(prepare, async (root) => {
      const commands = Array.from({ length: 100 }, () => request('GET', `${prefix}loop`));
      const { answers, logs } = await load({ ACME_WEBROOT: root }, commands);
      expect(answers.every(({ status }) => status === 404)).toBe(true);
      expect(logs.filter((line) => line.startsWith('warning')).length).toBe(10);
    });
  });
});
