import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLog } from '../../../src-node/cli/log-file.js';
import { systemClock } from '../../../src-node/platform/clock.js';
import { run } from '../../support/child.js';
import { temporaryDirectory } from '../../support/temporary.js';

let directory: ReturnType<typeof temporaryDirectory>;
let logs: string;
beforeEach(() => {
  directory = temporaryDirectory();
  logs = join(directory.path, 'logs');
});
afterEach(() => directory.remove());

const at = (name: string): string => join(logs, name);
const text = (name = 'letsencrypt.log'): string => readFileSync(at(name), 'utf8');

/** One run that logs `words`. */
function runOnce(words: string, backups = 1000): void {
  const warn = (error: Error): void => {
    throw error;
  };
  const stderr = { write: () => undefined };
  const log = openLog({ directory: logs, backups, clock: systemClock, verbosity: 0, stderr, warn });
  log.info(words);
  log.close();
}

/** Files whose content is their name. */
function write(...names: readonly string[]): void {
  mkdirSync(logs, { recursive: true });
  for (const name of names) writeFileSync(at(name), name);
}

/** The content of each file. */
const contents = (path = logs): Record<string, string> =>
  Object.fromEntries(
    readdirSync(path).map((name) => {
      const file = join(path, name);
      return [name, statSync(file).isFile() ? readFileSync(file, 'utf8') : ''];
    }),
  );

describe('rotation', () => {
  const last = (count: number): string[] => Array.from({ length: count }, (_, index) => `letsencrypt.log.${index + 1}`);

  it.each([1, 3, 1000])('keeps %i old logs', (backups) => {
    const runs = Math.min(backups, 5) + 2;
    for (let turn = 1; turn <= runs; turn += 1) runOnce(`run ${turn}`, backups);
    const kept = Math.min(backups, runs - 1);
    expect(readdirSync(logs).sort()).toEqual(['letsencrypt.log', ...last(kept)].sort());
    expect(text()).toContain(`:run ${runs}\n`);
    for (const [index, name] of last(kept).entries()) expect(text(name)).toContain(`:run ${runs - 1 - index}\n`);
    expect(statSync(at('letsencrypt.log.1')).mode & 0o777).toBe(0o600);
  });

  it('goes on in one file with 0, and leaves the numbers beside it', () => {
    write('letsencrypt.log.1', 'letsencrypt.log.2.gz');
    for (let turn = 1; turn <= 3; turn += 1) runOnce(`run ${turn}`, 0);
    expect(text().match(/run \d/g)).toEqual(['run 1', 'run 2', 'run 3']);
    expect(readdirSync(logs)).toHaveLength(3);
    expect(text('letsencrypt.log.1')).toBe('letsencrypt.log.1');
  });

  it('moves a thousand, and the oldest goes', () => {
    write('letsencrypt.log', ...last(1000));
    runOnce('new');
    const found = contents();
    expect(Object.keys(found)).toHaveLength(1001);
    expect(found['letsencrypt.log']).toContain(':new\n');
    expect(found['letsencrypt.log.1']).toBe('letsencrypt.log');
    for (let number = 2; number <= 1000; number += 1) {
      expect(found[`letsencrypt.log.${number}`]).toBe(`letsencrypt.log.${number - 1}`);
    }
  });

  it('removes what is beyond a number that was lowered', () => {
    write('letsencrypt.log', ...last(20));
    runOnce('new', 2);
    expect({ ...contents(), 'letsencrypt.log': '' }).toEqual({
      'letsencrypt.log': '',
      'letsencrypt.log.1': 'letsencrypt.log',
      'letsencrypt.log.2': 'letsencrypt.log.1',
    });
  });

  it('keeps gaps, as certbot does', () => {
    write('letsencrypt.log', 'letsencrypt.log.2', 'letsencrypt.log.7', 'letsencrypt.log.10');
    runOnce('new', 10);
    expect({ ...contents(), 'letsencrypt.log': '' }).toEqual({
      'letsencrypt.log': '',
      'letsencrypt.log.1': 'letsencrypt.log',
      'letsencrypt.log.3': 'letsencrypt.log.2',
      'letsencrypt.log.8': 'letsencrypt.log.7',
    });
  });

  it('moves as Python does, which certbot leaves it to', async () => {
    write('letsencrypt.log', ...last(5), 'letsencrypt.log.8');
    const python = `import logging.handlers, sys
logging.handlers.RotatingFileHandler(sys.argv[1], maxBytes=2**20, backupCount=5).doRollover()`;
    const theirs = join(directory.path, 'theirs');
    cpSync(logs, theirs, { recursive: true });
    const result = await run('python3', ['-c', python, join(theirs, 'letsencrypt.log')]);
    expect(result.stderr).toBe('');
    runOnce('new', 5);
    // Python leaves what is beyond.
    rmSync(join(theirs, 'letsencrypt.log.8'));
    expect({ ...contents(), 'letsencrypt.log': '' }).toEqual(contents(theirs));
  });

  it('leaves files that are not its own, and passes by a directory that has its name', () => {
    const foreign = [
      'letsencrypt.log.01',
      'letsencrypt.log.0',
      'letsencrypt.log.1.gz',
      'letsencrypt.log.20261121',
      'letsencrypt.log-2',
      'xletsencrypt.log.2',
      'letsencrypt.log.-1',
      'letsencryptxlog.3',
      '.certbot.lock',
    ];
    write('letsencrypt.log', 'letsencrypt.log.1', ...foreign);
    mkdirSync(at('letsencrypt.log.2'));
    runOnce('new', 3);
    const found = contents();
    for (const name of foreign) expect(found[name]).toBe(name);
    expect(found).toMatchObject({ 'letsencrypt.log.1': 'letsencrypt.log', 'letsencrypt.log.3': 'letsencrypt.log.1' });
    expect(Object.keys(found)).toHaveLength(foreign.length + 4);
  });

  it('has nothing to move where there is no log', () => {
    write('letsencrypt.log.1', 'letsencrypt.log.5');
    runOnce('new', 3);
    expect(contents()).toMatchObject({
      'letsencrypt.log.1': 'letsencrypt.log.1',
      'letsencrypt.log.5': 'letsencrypt.log.5',
    });
  });
});
