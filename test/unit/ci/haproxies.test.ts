import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { filesThatRunHaproxy, haproxiesToTest } from '../../../.ci/haproxies.js';
import { temporaryDirectory } from '../../support/temporary.js';

const directory = temporaryDirectory();
afterAll(directory.remove);

function file(name: string, text: string, mode = 0o644): string {
  const path = join(directory.path, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode });
  return path;
}
const program = (name: string, says: string): string => file(name, `#!/bin/sh\nprintf '%s\\n' "${says}"\n`, 0o755);
const version = (number: string): string => `HAProxy version ${number} 2026/10/14 - https://haproxy.org/`;

describe('haproxiesToTest', () => {
  it('names each by the version that it says it has', () => {
    const [older, newer] = [
      program('2.4/haproxy', `HA-Proxy version 2.4.0`),
      program('a/haproxy', version('3.2.26-1')),
    ];
    expect(haproxiesToTest(`${older}:${newer}:`)).toEqual([
      { name: 'haproxy-2.4.0', bin: older },
      { name: 'haproxy-3.2.26', bin: newer },
    ]);
    expect(haproxiesToTest(relative(process.cwd(), newer))).toEqual([{ name: 'haproxy-3.2.26', bin: newer }]);
    expect(haproxiesToTest('')).toEqual([]);
  });

  it('tells two of one version apart', () => {
    const [one, two] = [program('one/haproxy', version('3.0.1')), program('two/haproxy', version('3.0.1'))];
    const names = haproxiesToTest(`${one}:${two}`).map(({ name }) => name);
    expect(names).toEqual([`haproxy-3.0.1 ${one}`, `haproxy-3.0.1 ${two}`]);
  });

  it.each([
    ['is not there', () => join(directory.path, 'missing')],
    ['is not executable', () => file('plain', '')],
    ['is a directory', () => directory.path],
    ['is another program', () => program('other', 'nginx version: nginx/1.22.1')],
    ['fails', () => file('failing', '#!/bin/sh\nexit 1\n', 0o755)],
  ])('refuses a program that %s, and names it', (_, make) => {
    const sound = program('sound/haproxy', version('3.0.1'));
    const bad = make();
    expect(() => haproxiesToTest(`${sound}:${bad}`)).toThrow(bad);
  });
});

describe('filesThatRunHaproxy', () => {
  it('follows what test files import to where HAProxy is started, in circles too', () => {
    const root = join(directory.path, 'project');
    const test = (name: string, ...imports: readonly string[]): string =>
      file(`project/test/${name}`, imports.map((path) => `import { x } from '${path}';\n`).join(''));
    test('support/haproxy.ts', 'node:fs', './child.js');
    test('support/child.ts');
    test('support/stage.ts', './haproxy.js', './circle.js');
    test('support/circle.ts', './stage.js');
    test('integration/itself.test.ts', '../support/haproxy.js');
    test('integration/by-another.test.ts', 'vitest', '../support/child.js', '../support/circle.js');
    test('integration/never.test.ts', '../support/child.js', '../../src-node/haproxy.js');
    file('project/test/integration/type.test.ts', "import type { X } from '../support/stage.js';\n");
    expect(filesThatRunHaproxy(root).sort()).toEqual([
      'test/integration/by-another.test.ts',
      'test/integration/itself.test.ts',
      'test/integration/type.test.ts',
    ]);
  });

  it('finds them in this project', () => {
    const files = filesThatRunHaproxy(resolve(import.meta.dirname, '../../..'));
    for (const name of ['integration/deployment', 'integration/lua-service', 'unit/haproxy/process'])
      expect(files).toContain(`test/${name}.test.ts`);
    expect(files).not.toContain('test/unit/ci/haproxies.test.ts');
  });
});
