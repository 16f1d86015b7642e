import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, until, type RunResult } from '../support/child.js';
import { jsonReport } from '../support/report.js';
import { startStage, type Stage } from '../support/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(async () => await stage.stop());

/** A hook that says that it runs and goes on when it is told to. */
interface Gate {
  readonly hook: string;
  readonly reached: () => Promise<unknown>;
  readonly open: () => void;
}

function gate(name: string): Gate {
  const [reached, open] = [stage.at(`${name}.reached`), stage.at(`${name}.open`)];
  return {
    hook: `touch ${reached}; while [ ! -e ${open} ]; do sleep 0.05; done`,
    reached: async () => await until(`the hook ${name} runs`, () => existsSync(reached)),
    open: () => writeFileSync(open, ''),
  };
}

const certbot = async (name: string, ...extra: readonly string[]): Promise<RunResult> => {
  const directories = ['config', 'work', 'logs'].flatMap((kind) => [`--${kind}-dir`, stage.at(kind)]);
  const order = [
    '-n',
    '--agree-tos',
    '--register-unsafely-without-email',
    '--webroot',
    '-w',
    stage.webroot,
    '-d',
    name,
  ];
  return await run('certbot', ['certonly', '--server', stage.pebble.directoryUrl, ...order, ...directories, ...extra], {
    env: { REQUESTS_CA_BUNDLE: stage.pebble.caFile },
  });
};

/** Starts a run of ours and waits until it says that it waits. */
async function waiting(args: readonly string[]): Promise<{ readonly result: Promise<RunResult>; told: string }> {
  let told = '';
  const result = stage.order(args.slice(0, 1), args.slice(1), {
    onStart: (child) => child.stderr?.on('data', (data: string) => (told += data)),
  });
  await until('it waits', () => told.includes('.certbot.lock'));
  return { result, told };
}

describe('a second run', () => {
  it('waits for the first, sees that its work is done, and orders nothing', async () => {
    const slow = gate('ours');
    const first = stage.order(['both.test'], ['--pre-hook', slow.hook, '--json']);
    await slow.reached();
    const orders = stage.orders();
    const second = await waiting(['both.test']);
    slow.open();
    expect(jsonReport(await first).outcomes.map(({ kind }) => kind)).toEqual(['issued']);
    expect(await second.result).toMatchObject({ code: 0 });
    expect(stage.orders()).toBe(orders + 1);
    expect(stage.version('both.test')).toBe(1);
  });

  it('waits for certbot, having said which process it is, and then works', async () => {
    const slow = gate('certbot');
    const first = certbot('certbot.test', '--pre-hook', slow.hook);
    await slow.reached();
    const second = await waiting(['ours.test']);
    const pid = /Process (\d+) /.exec(second.told)?.[1] ?? '';
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toContain('certbot.test');
    slow.open();
    expect(await first).toMatchObject({ code: 0 });
    const result = await second.result;
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(await stage.served('ours.test')).toBe(stage.stored('ours.test'));
  });

  it('of certbot, which never waits, is kept out by ours', async () => {
    const slow = gate('keep-out');
    const first = stage.order(['first.test'], ['--pre-hook', slow.hook]);
    await slow.reached();
    const orders = stage.orders();
    const refused = await certbot('second.test');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('Another instance of Certbot is already running');
    expect(stage.orders()).toBe(orders);
    slow.open();
    expect(await first).toMatchObject({ code: 0 });
    expect(await certbot('second.test')).toMatchObject({ code: 0 });
  });
});
