import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort, loopback } from '../support/loopback.js';
import { jsonReport } from '../support/report.js';
import { runtimeCommand } from '../support/runtime-socket.js';
import { selfSigned } from '../support/self-signed.js';
import { stageConfig, startStage, type Stage } from '../support/stage.js';
import { temporaryDirectory } from '../support/temporary.js';

const name = 'shop.test';
const directory = temporaryDirectory();
let own: string;
let other: number;
let stage: Stage;

beforeAll(async () => {
  own = (await selfSigned(directory.path, 'own', [`DNS:${name}`])).bundleFile;
  other = await freePort();
});
afterAll(() => directory.remove());
afterEach(async () => await stage.stop());

/** The user's own certificate for the same name is asked for first. */
const shadowed = async (deploy: 'runtime' | 'reload'): Promise<Stage> =>
  await startStage({ deploy, config: (paths) => stageConfig(paths).replace('ssl crt', `ssl crt ${own} crt`) });

interface State {
  readonly files: readonly (readonly [name: string, content: string])[];
  readonly memory: string;
  readonly served: string;
}

async function state(): Promise<State> {
  return {
    files: readdirSync(stage.certDir).map((file) => [file, readFileSync(`${stage.certDir}/${file}`, 'utf8')]),
    memory: await runtimeCommand(stage.socket, `show ssl cert ${stage.bundle(name)}`),
    served: await stage.served(name),
  };
}

describe.each(['runtime', 'reload'] as const)('a first certificate by %s that another one is served for', (way) => {
  it('is taken back everywhere, stays stored, and is deployed without an order once nothing is in its way', async () => {
    stage = await shadowed(way);
    const before = await state();
    const result = await stage.order([name], ['--json']);
    expect(result.code).toBe(1);
    const [outcome] = jsonReport(result).outcomes;
    expect([outcome?.kind, outcome?.error?.code]).toEqual(['rolled-back', 'not-served']);
    expect(outcome?.error?.message).toContain(`${loopback}:${stage.httpsPort}`);
    expect(outcome?.error?.message).toContain('own');
    expect(await state()).toEqual(before);
    expect(stage.version(name)).toBe(1);
    expect((await stage.command(['verify'])).code).toBe(1);

    writeFileSync(stage.cfg, readFileSync(stage.cfg, 'utf8').replace(`crt ${own} `, ''));
    const [orders, again] = [stage.orders(), await stage.command(['deploy', '--haproxy-deploy', 'reload'])];
    expect(again, again.stderr).toMatchObject({ code: 0 });
    expect(await stage.served(name)).toBe(stage.stored(name));
    expect(stage.orders()).toBe(orders);
    expect((await stage.command(['verify'])).code).toBe(0);
  });
});

describe.each(['runtime', 'reload'] as const)(
  'a renewed certificate by %s that is not served at every place',
  (way) => {
    it('gives way to the one before, in file and memory', async () => {
      const sections = `frontend other\n  bind ${loopback}:${other} ssl crt ${own}\n`;
      stage = await startStage({ deploy: way, pebble: { authzReuse: 100 }, sections });
      await stage.ordered([name]);
      const before = await state();
      const places = [stage.httpsPort, other].flatMap((port) => ['--haproxy-verify', `${loopback}:${port}`]);
      const result = await stage.command(['renew', '--force-renewal', '--json', ...places]);
      expect(result.code).toBe(1);
      const [outcome] = jsonReport(result).outcomes;
      expect([outcome?.kind, outcome?.error?.code]).toEqual(['rolled-back', 'not-served']);
      expect(await state()).toEqual(before);
      expect(stage.version(name)).toBe(2);

      const [orders, again] = [stage.orders(), await stage.command(['renew', '--haproxy-verify', 'none', '--json'])];
      expect(jsonReport(again).outcomes[0]?.kind).toBe('rolled-back');
      const last = await stage.command(['deploy', '--haproxy-verify', 'none']);
      expect(last, last.stderr).toMatchObject({ code: 0 });
      expect(await stage.served(name)).toBe(stage.stored(name));
      expect(stage.orders()).toBe(orders);
    });
  },
);

describe('a name of two lineages', () => {
  it('may be served by the certificate of either, which is told', async () => {
    stage = await startStage({ pebble: { authzReuse: 100 } });
    await stage.ordered([name, 'www.shop.test']);
    const result = await stage.order(['late.test', name], ['--json']);
    expect(result, result.stdout).toMatchObject({ code: 0 });
    const { outcomes, notes } = jsonReport(result);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['issued']);
    expect(notes.join()).toContain(`'${name}'`);
    expect(await stage.served('late.test')).toBe(stage.stored('late.test'));
    expect(await stage.served(name)).toBe(stage.stored(name));
  });
});
