import { describe, expect, it } from 'vitest';
import { expandAddress, splitWords } from '../../../src-node/haproxy/config-words.js';

const variables: Readonly<Record<string, string>> = { A: 'one', LIST: 'one  two', EMPTY: '', '.LINE': '7' };
const words = (line: string): readonly string[] | undefined => splitWords(line, (name) => variables[name]);

describe('splitWords', () => {
  it.each<[string, readonly string[]]>([
    ['bind :443 ssl', ['bind', ':443', 'ssl']],
    [' \tbind\t :443  ', ['bind', ':443']],
    ['bind :443 ssl\r', ['bind', ':443', 'ssl']],
    ['global#this is the global section', ['global']],
    ['# a comment', []],
    ['', []],
    [String.raw`a\ b \# c`, ['a b', '#', 'c']],
    [String.raw`"a b"' c'\ d`, ['a b c d']],
    [String.raw`"it's # no comment" '"\n$A'`, ["it's # no comment", String.raw`"\n$A`]],
    [String.raw`\'a\' \"b\" "\"c\"" '\'`, ["'a'", '"b"', '"c"', '\\']],
    [String.raw`\t\n\r \x41\x2f \\ \1 \$A`, ['\t\n\r', 'A/', '\\', String.raw`\1`, String.raw`\$A`]],
    [String.raw`"$A" "${'${A}'}b" $A "\$A"`, ['one', 'oneb', '$A', '$A']],
    [String.raw`"${'${NONE-a b}'}" "${'${EMPTY-x}'}." "$NONE."`, ['a b', '.', '.']],
    ['a "${LIST}" "${LIST[*]}" "x${LIST[*]}y"', ['a', 'one  two', 'one', 'two', 'xone', 'twoy']],
    ['"${.LINE}" "$A-b"', ['7', 'one-b']],
    ['bind "$NONE" ssl', ['bind']],
  ])('cuts %j', (line, expected) => {
    expect(words(line)).toEqual(expected);
  });

  it.each(['"open', "'open", String.raw`\xZZ`, '"${A"', '"$1"', '"${A[1]}"', '"a$"'])('rejects %j', (line) => {
    expect(words(line)).toBeUndefined();
  });
});

describe('expandAddress', () => {
  it('replaces variables without quotes, and knows no default', () => {
    expect(expandAddress('$A:443,${A}:${NONE}', (name) => variables[name])).toBe('one:443,one:');
  });
});
