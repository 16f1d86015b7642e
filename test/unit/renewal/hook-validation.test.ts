import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { validateHooks } from '../../../src-node/renewal/hook-validation.js';
import { temporaryDirectory } from '../../support/temporary.js';

const directory = temporaryDirectory();
const at = (name: string): string => join(directory.path, name);
beforeAll(() => {
  for (const name of ['restart', 'with blank', 'data']) writeFileSync(at(name), '#!/bin/sh\n');
  for (const name of ['restart', 'with blank']) chmodSync(at(name), 0o755);
  chmodSync(at('data'), 0o644);
  mkdirSync(at('folder'));
});
afterAll(() => directory.remove());

const looked = async (command: string | undefined): Promise<void> =>
  await validateHooks({ '--post-hook': command }, `/nowhere:${directory.path}`);

describe('a hook given by a flag', () => {
  it.each([
    undefined,
    '',
    '  ',
    'restart',
    '  restart now',
    'restart; anything',
    'restart&&anything',
    'restart>/dev/null',
    `${at('restart')} now`,
    `"${at('with blank')}" now`,
    `'${at('with blank')}'`,
    'LANG=C restart',
    'A=1 B=\'two words\' C="$X" D=\\  restart',
    'ONLY=set',
  ])('is taken where its program is there: %j', async (command) => {
    await expect(looked(command)).resolves.toBeUndefined();
  });

  it.each([
    'if true; then nosuch; fi',
    'cd /tmp && nosuch',
    '. ./nosuch',
    '! nosuch',
    '(nosuch)',
    '{ nosuch; }',
    '$PROGRAM',
    '`nosuch`',
    '~/nosuch',
    '/no*',
    'no\\ such',
    '"$HOME"/nosuch',
    '>file nosuch',
    'A=$(nosuch x) nosuch',
    '# nosuch',
  ])('is taken where only the shell can tell: %j', async (command) => {
    await expect(looked(command)).resolves.toBeUndefined();
  });

  it.each([
    'nosuch',
    ' nosuch x',
    'nosuch|restart',
    'nosuch;restart',
    'LANG=C nosuch',
    "A='1 2' nosuch",
    '"nosuch" x',
    at('nosuch'),
    at('data'),
    at('folder'),
    'data',
    'folder',
    './nosuch',
  ])('is refused where its program is not: %j', async (command) => {
    await expect(looked(command)).rejects.toMatchObject({ code: 'hook-not-found' });
  });

  it('finds what administrators have where PATH is short, as a hook does when it runs', async () => {
    // In /usr/sbin, or in /sbin where that is another name of it.
    await expect(validateHooks({ '--pre-hook': 'ldconfig -p' }, '/nowhere')).resolves.toBeUndefined();
  });

  it('names the flag, the program and the reason', async () => {
    await expect(
      validateHooks({ '--pre-hook': 'restart', '--deploy-hook': at('data') }, directory.path),
    ).rejects.toThrow(/--deploy-hook.*data.*executable/);
  });
});
