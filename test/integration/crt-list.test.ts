import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { haproxyHas } from '../support/haproxy.js';
import { errorCodes, jsonReport } from '../support/report.js';
import { runtimeCommand } from '../support/runtime-socket.js';
import { selfSigned } from '../support/self-signed.js';
import { stageConfig, startStage, type Stage, type StageOptions } from '../support/stage.js';
import { temporaryDirectory } from '../support/temporary.js';

const name = 'shop.test';
const directory = temporaryDirectory();
let stage: Stage;
afterEach(async () => await stage.stop());
afterAll(() => directory.remove());

/** A bind with default.pem and a crt-list of these lines. */
async function startListed(lines: string, options: StageOptions = {}): Promise<{ list: string }> {
  const list = join(directory.path, `list-${Math.trunc(performance.now())}`);
  writeFileSync(list, lines, { mode: 0o640 });
  stage = await startStage({
    ...options,
    config: (paths) => stageConfig(paths).replace(`crt ${paths.certDir} `, `crt-list ${list} `),
  });
  return { list };
}

describe.each(['runtime', 'reload'] as const)('a crt-list, by %s', (deploy) => {
  it("gets a line for a new certificate, which is served; the user's lines stay as they are", async () => {
    const own = (await selfSigned(directory.path, 'own', ['DNS:own.test'])).bundleFile;
    const lines = `# mine\n${own} [alpn h2,http/1.1] own.test !x.own.test   \n`;
    const { list } = await startListed(lines, { deploy });
    const result = await stage.order([name], ['--haproxy-crt-list', list, '--json']);
    expect(result, result.stdout).toMatchObject({ code: 0 });
    expect(jsonReport(result).reloads).toHaveLength(deploy === 'reload' ? 1 : 0);
    expect(await stage.served(name)).toBe(stage.stored(name));
    const expected = `${lines}${stage.bundle(name)}\n`;
    expect(readFileSync(list, 'utf8')).toBe(expected);
    const renewed = await stage.command(['renew', '--force-renewal']);
    expect(renewed, renewed.stderr).toMatchObject({ code: 0 });
    expect(readFileSync(list, 'utf8')).toBe(expected);
    expect(await stage.served(name)).toBe(stage.stored(name));
    expect(await runtimeCommand(stage.socket, `show ssl crt-list ${list}`)).toContain(stage.bundle(name));
    const reloaded = await stage.command(['deploy', '--haproxy-deploy', 'reload']);
    expect(reloaded, reloaded.stderr).toMatchObject({ code: 0 });
    expect((await stage.command(['verify'])).code).toBe(0);
  });

  it('keeps a line for the bundle with its options and filters, and looks at the names that these let pass', async () => {
    const own = (await selfSigned(directory.path, 'own', ['DNS:own.test'])).bundleFile;
    const { list } = await startListed(`${own}\n`, { deploy });
    const line = `${stage.bundle(name)} [alpn http/1.1] ${name} !www.${name}`;
    writeFileSync(list, `${own}\n${line}\n`);
    const result = await stage.order([name, `www.${name}`], ['--haproxy-crt-list', list, '--json']);
    expect(result, result.stdout).toMatchObject({ code: 0 });
    expect(readFileSync(list, 'utf8')).toBe(`${own}\n${line}\n`);
    expect(await stage.served(name)).toBe(stage.stored(name));
    expect(await stage.served(`www.${name}`)).not.toBe(stage.stored(name));
    expect(await runtimeCommand(stage.socket, `show ssl crt-list ${list}`)).toContain('alpn http/1.1');
  });

  it('loses its line again where the certificate is not served', async () => {
    const own = (await selfSigned(directory.path, 'own', [`DNS:${name}`])).bundleFile;
    const { list } = await startListed(`${own}\n`, { deploy });
    const result = await stage.order([name], ['--haproxy-crt-list', list, '--json']);
    expect(jsonReport(result).outcomes[0]?.kind).toBe('rolled-back');
    expect(readFileSync(list, 'utf8')).toBe(`${own}\n`);
    expect(existsSync(stage.bundle(name))).toBe(false);
    expect(await runtimeCommand(stage.socket, `show ssl crt-list ${list}`)).not.toContain(stage.bundle(name));
  });
});

describe('a crt-list that cannot be used', () => {
  it('is told before anything is ordered', async () => {
    const { list } = await startListed('');
    const codes = async (file: string): Promise<readonly string[]> =>
      errorCodes(await stage.order([name], ['--haproxy-crt-list', file]));
    writeFileSync(list, '/a.pem [alpn h2\n');
    expect(await codes(list)).toEqual(['crt-list-invalid']);
    rmSync(list);
    expect(await codes(list)).toEqual(['crt-list-missing']);
    expect(stage.orders()).toBe(0);
  });
});

describe.each(haproxyHas('3.0') ? ['a crt-store'] : [])('%s', () => {
  /** The bundle's own file, which a store loads under an alias, has to be there when HAProxy starts. */
  async function startStored(key: string): Promise<void> {
    const first = readFileSync((await selfSigned(directory.path, 'first', [`DNS:${name}`])).bundleFile);
    stage = await startStage({
      config: (paths) => {
        writeFileSync(join(paths.certDir, `${name}.pem`), first, { mode: 0o600 });
        writeFileSync(paths.at('apart.key'), first, { mode: 0o600 });
        const store = `crt-store web\n  crt-base ${paths.certDir}\n  load crt ${name}.pem${key} alias shop\n`;
        return stageConfig(paths)
          .replace(`crt ${paths.certDir} `, 'crt @web/shop ')
          .replace('\ndefaults', `\n${store}defaults`);
      },
    });
  }

  it('has its certificate replaced under its alias, without a reload', async () => {
    await startStored('');
    const result = await stage.order([name], ['--json']);
    expect(result, result.stdout).toMatchObject({ code: 0 });
    expect(jsonReport(result)).toMatchObject({ reloads: [], sockets: [stage.socket] });
    expect(await stage.served(name)).toBe(stage.stored(name));
    expect((await stage.command(['verify'])).code).toBe(0);
  });

  it('that takes the key from another file is refused before anything is ordered', async () => {
    await startStored(` key ${directory.path}/first.key`);
    expect(errorCodes(await stage.order([name]))).toEqual(['key-apart']);
    expect(stage.orders()).toBe(0);
  });
});
