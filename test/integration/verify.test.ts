import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/child.js';
import { alive } from '../support/haproxy.js';
import { loopback } from '../support/loopback.js';
import { errorCodes } from '../support/report.js';
import { startHaproxy, startStage, type Stage } from '../support/stage.js';

interface Place {
  readonly place: string;
  readonly name?: string;
  readonly same: boolean;
}
interface Verified {
  readonly certificates: readonly {
    readonly certName: string;
    readonly disk: readonly Place[];
    readonly memory: readonly Place[];
    readonly served: readonly Place[];
  }[];
}

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ pebble: { authzReuse: 100 } });
  await stage.ordered(['a.test', 'www.a.test']);
  await stage.ordered(['b.test']);
});
afterAll(async () => await stage.stop());

async function verified(...args: readonly string[]): Promise<{ code: number | null; same: Record<string, boolean[]> }> {
  const { code, stdout } = await stage.command(['verify', '--json', ...args]);
  const { certificates } = JSON.parse(stdout) as Verified;
  const same = certificates.map(({ certName, disk, memory, served }): [string, boolean[]] => [
    certName,
    [...disk, ...memory, ...served].map((place) => place.same),
  ]);
  return { code, same: Object.fromEntries(same) };
}

describe('verify', () => {
  it('finds every certificate in its file, in memory and served for each name', async () => {
    expect(await verified()).toEqual({
      code: 0,
      same: { 'a.test': [true, true, true, true], 'b.test': [true, true, true] },
    });
    const { stdout, code } = await stage.command(['verify', '--cert-name', 'a.test']);
    expect(code).toBe(0);
    for (const seen of [stage.bundle('a.test'), stage.socket, `${loopback}:${stage.httpsPort}`, 'www.a.test']) {
      expect(stdout).toContain(seen);
    }
    expect(stdout).not.toContain('b.test');
    expect((await stage.command(['verify', '-q'])).stdout).toBe('');
  });

  it('exits 1 where a file is another one', async () => {
    const bundle = readFileSync(stage.bundle('a.test'));
    writeFileSync(stage.bundle('a.test'), readFileSync(stage.bundle('b.test')));
    expect(await verified()).toEqual({
      code: 1,
      same: { 'a.test': [false, true, true, true], 'b.test': [true, true, true] },
    });
    rmSync(stage.bundle('a.test'));
    expect((await verified('--cert-name', 'a.test')).same).toEqual({ 'a.test': [false, true, true, true] });
    writeFileSync(stage.bundle('a.test'), bundle);
    expect((await verified()).code).toBe(0);
  });

  it('exits 1 where HAProxy has not been given what is stored, until deploy has', async () => {
    await stage.command(['renew', '--force-renewal', '--cert-name', 'b.test', '-i', 'null']);
    expect((await verified()).same).toEqual({ 'a.test': [true, true, true, true], 'b.test': [false, false, false] });
    const deployed = await stage.command(['deploy', '--cert-name', 'b.test']);
    expect(deployed, deployed.stderr).toMatchObject({ code: 0 });
    expect((await verified()).code).toBe(0);
  });

  it('exits 1 where HAProxy does not run, and where a socket that is named does not answer', async () => {
    const pid = stage.pid();
    process.kill(pid);
    await until('HAProxy is gone', () => !alive(pid));
    expect((await verified()).same).toEqual({ 'a.test': [true, false, false], 'b.test': [true, false] });
    const named = await verified('--haproxy-socket', stage.at('none.sock'), '--haproxy-verify', 'none');
    expect(named).toEqual({ code: 1, same: { 'a.test': [true, false], 'b.test': [true, false] } });
    await startHaproxy(stage.cfg, stage.pidfile);
    await until('HAProxy serves', async () => (await verified()).code === 0);
  });

  it('says what it cannot look at', async () => {
    const unknown = await stage.command(['verify', '--cert-name', 'none.test']);
    expect([unknown.code, errorCodes(unknown)]).toEqual([1, ['no-such-lineage']]);
    const config = readFileSync(stage.cfg, 'utf8');
    rmSync(stage.cfg);
    const missing = await stage.command(['verify']);
    writeFileSync(stage.cfg, config);
    expect([missing.code, errorCodes(missing)]).toEqual([1, ['haproxy-config-missing']]);
  });
});
