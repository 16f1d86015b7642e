import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decide } from '../../src-node/haproxy/config-conditions.js';
import { splitWords } from '../../src-node/haproxy/config-words.js';
import { run } from '../support/child.js';
import { haproxyBin } from '../support/haproxy.js';
import { temporaryDirectory } from '../support/temporary.js';

// HAProxy says by .notice and .if what it makes of words and conditions.

const directory = temporaryDirectory();
afterAll(() => directory.remove());

describe('the words of a line', () => {
  const samples = [
    ...['plain', '"a b"', "'a b'", String.raw`a\ b`, String.raw`\#a`, String.raw`"#a"`, 'a#b', String.raw`a"b"'c'd`],
    ...[
      String.raw`\"a\"`,
      String.raw`\'a\'`,
      String.raw`"\'a\""`,
      String.raw`'\'`,
      String.raw`'a\ b'`,
      String.raw`a\\b`,
    ],
    ...[
      String.raw`\x41\x2fb`,
      String.raw`\xZZ`,
      String.raw`\1\q`,
      String.raw`\$A`,
      String.raw`"\$A"`,
      '$A',
      '"$A"',
      "'$A'",
    ],
    ...['"${A}b"', '"$A-b"', '"${A-b}"', '"${NONE-b c}"', '"x$NONE"', '"${EMPTY-b}x"', '"${A"', '"$1"', '"$"', '"${}"'],
    ...['"${LIST}"', '"${LIST[*]}"', '"x${LIST[1]}"', '"open', "'open", 'a b', 'a "" b', 'a\tb', 'a  b', '"${.LINE}"'],
    ...[
      '"${NONE[*]-a}"',
      'a\r',
      '"a\rb"',
      String.raw`a\tb`,
      '"it\'s"',
      '\'say "x"\'',
      '"${LIST-x}"y',
      String.raw`"a\ b"`,
    ],
  ];
  const env: Readonly<Record<string, string>> = { A: 'one', EMPTY: '', LIST: 'one  two' };

  it.each(samples)('%j is cut as HAProxy cuts it', async (sample) => {
    const file = join(directory.path, 'words.cfg');
    // HAProxy cuts a line again that is the longest so far, and then chokes on a default value.
    writeFileSync(file, `.diag ${'x'.repeat(100)}\n.notice ${sample}\n`);
    const { stderr } = await run(haproxyBin, ['-c', '-f', file], { env: { ...env, NONE: undefined } });
    const unexpected = /Unexpected argument ('.*?') for/.exec(stderr)?.[1];
    const seen = unexpected === undefined ? /words\.cfg:2\]: '(.*)'\.$/m.exec(stderr)?.[1] : { unexpected };
    const words = splitWords(`.notice ${sample}`, (name) => (name === '.LINE' ? '2' : env[name]));
    const [, first = '', second] = words ?? [];
    expect(words === undefined ? undefined : second === undefined ? first : { unexpected: `'${second}'` }).toEqual(
      seen,
    );
  });
});

describe('conditions', () => {
  const samples = [
    ...[
      '',
      '0',
      '1',
      '-1',
      '0x0',
      '010',
      '!0',
      '!!1',
      '! 1',
      'defined(HOME)',
      'defined(NONE)',
      'defined( HOME)',
      '(1)',
    ],
    ...['streq(a,a)', 'streq(a, a)', 'streq(a ,a)', 'streq(,)', String.raw`streq(\"a,b\",\"a,b\")`, 'strneq(a,b)'],
    ...['1 && 0', '1&&!0', '0 || 1', '1 || 1 && 0', '(1 || 1) && 0', '! ( defined(HOME) ) || 0', '0 && feature(X)'],
    ...['1 || feature(X)', 'streq("$HOME",/home/x)', "streq('$HOME',/home/x)", '"$NONE"', '"$HOME" || 1'],
  ];

  it.each(samples)('%j is decided as HAProxy decides it', async (sample) => {
    const file = join(directory.path, 'conditions.cfg');
    writeFileSync(file, `global\n.if ${sample}\n .notice yes\n.else\n .notice no\n.endif\n`);
    const env = { HOME: '/home/x', NONE: undefined };
    const { stderr } = await run(haproxyBin, ['-c', '-f', file], { env });
    const said = /conditions\.cfg:\d\]: '(yes|no)'/.exec(stderr)?.[1];
    const words = splitWords(`.if ${sample}`, (name) => (name === 'HOME' ? env.HOME : undefined)) ?? [];
    const decision = decide(words.slice(1).join(' '), (name) => name === 'HOME');
    // What HAProxy cannot read, we do not decide.
    expect(decision).toBe(said === undefined ? undefined : said === 'yes');
  });
});
