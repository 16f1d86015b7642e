import { describe, expect, it } from 'vitest';
import { readIni } from '../../../src-node/cli/ini-dialect.js';
import { certbotPythonJson } from '../../support/configobj.js';

const program = `
import configargparse, io, json, sys
def answer(text):
    try:
        items = configargparse.DefaultConfigFileParser().parse(io.StringIO(text))
        return [[key, [str(item) for item in value] if isinstance(value, list) else value] for key, value in items.items()]
    except configargparse.ConfigFileParserException:
        return None
json.dump([answer(text) for text in json.load(sys.stdin)], sys.stdout)
`;

/** What certbot's own reader makes of a file; it writes a key that stands alone as one that is true. */
function asCertbotTells(text: string): unknown {
  const { entries, unreadable } = readIni(text);
  if (unreadable !== undefined) return null;
  return entries.map(({ key, value }) => [key, value ?? 'true']);
}

const written = [
  ...['email = a@b.test', 'email: a@b.test', 'email a@b.test', '--email a@b.test', 'email=a@b.test', 'email\ta@b.test'],
  ...['agree-tos', 'agree-tos =', 'agree-tos = True', 'agree-tos :', '--agree-tos', 'agree-tos # yes', 'agree-tos ""'],
  ...['[section]', '[section', '---', '--- x', '----', '; c', '# c', '  # c', '', '   '],
  ...['k = "quoted value"', "k = 'quoted value'", 'k = "quoted" # c', 'k = va"lue', 'k = "value', 'k = "a" b "c"'],
  ...["k = ''", `k = "'x'"`, 'k = """', 'k = ""  # x"', 'k = "" "a"', `k = "a'`, 'k = " a "'],
  ...['k = value # c', 'k = value; c', 'k = value ; c', 'k = value#c', 'k = #c', 'k = value ;', 'k = a # b ; c'],
  ...['k = [a, b]', 'k = ["a", "b"]', 'k = [a, b] # c', 'k = []', 'k = [1, 2]', 'k = "[a, b]"', 'k = [a', 'k = [a,,b]'],
  ...['k = a = b', '=v', ':v', 'k==v', 'a:b:c', 'k : = v', 'k = : v', 'k;c', 'k#c', 'k ;c', 'server = https://ca/dir'],
  ...['webroot-map = {"a.test,b.test":"/var/www"}', "post-hook = sh -c 'x; y'", 'post-hook = a ; b', 'k = a\nk = b'],
  ...['a = 1\nb = 2\na = 3', 'a = 1\r\nb = 2', 'a = 1\n;\nb c d\n[x]\ne'],
];

/** Lines of the characters that mean something, in any order. */
function* mixtures(count: number): Generator<string> {
  const pieces = [' ', '=', ':', '#', ';', '"', "'", '[', ']', ',', 'a', 'key', '-', '\t'];
  let state = 20_260_101;
  for (let number = 0; number < count; number += 1) {
    let line = '';
    for (let length = 0; length < 9; length += 1) {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      line += pieces[Math.floor(state / 65_536) % pieces.length] ?? '';
    }
    yield line;
  }
}

describe('a cli.ini', () => {
  it("is read as by certbot's own reader", async () => {
    const files = [...written, ...mixtures(3_000)];
    const answers = (await certbotPythonJson(program, files)) as readonly unknown[];
    expect(answers.filter((answer) => answer === null).length).toBeGreaterThan(100);
    expect(answers.filter((answer) => Array.isArray(answer) && answer.length > 0).length).toBeGreaterThan(500);
    const told = files.map((text, index) => ({ text, read: answers[index] }));
    expect(files.map((text) => ({ text, read: asCertbotTells(text) }))).toEqual(told);
  });

  it('tells the line of each setting, and of what is none', () => {
    expect(readIni('\uFEFF# c\n\na = 1\nb\n').entries).toEqual([
      { key: 'a', value: '1', line: 3 },
      { key: 'b', value: undefined, line: 4 },
    ]);
    expect(readIni('a = 1\n\n= 2').unreadable).toBe(3);
  });
});
