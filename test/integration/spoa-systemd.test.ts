import { chmodSync, cpSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until, type RunResult } from '../support/child.js';
import { freePort } from '../support/loopback.js';
import { bootSystemd, canBootSystemd, type SystemdMachine } from '../support/systemd-machine.js';
import { temporaryDirectory } from '../support/temporary.js';

const project = resolve(import.meta.dirname, '../..');
const unit = 'haproxy-acme-spoa.service';
const control = '/run/haproxy-acme/spoa.sock';

describe.runIf(canBootSystemd)('the shipped service under systemd', () => {
  const directory = temporaryDirectory();
  let machine: SystemdMachine;
  let port: number;
  beforeAll(async () => {
    port = await freePort('127.0.0.1');
    chmodSync(directory.path, 0o755);
    cpSync(join(project, 'dist'), join(directory.path, 'dist'), { recursive: true });
    const shipped = readFileSync(join(project, 'haproxy/systemd', unit), 'utf8');
    const command = `${realpathSync(process.execPath)} ${join(directory.path, 'dist/haproxy-acme.js')} spoa`;
    const text = shipped
      .replace('ExecStart=/usr/bin/env haproxy-acme spoa\n', `ExecStart=${command} --listen 127.0.0.1:${port}\n`)
      // The command is in a directory below /tmp, of which the service has one of its own.
      .replace('Type=exec\n', `Type=exec\nBindReadOnlyPaths=${directory.path}\n`);
    expect(text).toContain(`--listen 127.0.0.1:${port}\n`);
    writeFileSync(join(directory.path, unit), text);
    machine = await bootSystemd(directory.path, [unit]);
    const started = await machine.run('systemctl', ['start', unit]);
    expect(started, started.stderr).toMatchObject({ code: 0 });
  }, 60_000);
  afterAll(async () => {
    await machine.stop();
    directory.remove();
  });

  const node = async (program: string, by: readonly string[] = []): Promise<RunResult> =>
    await machine.run('env', [...by, realpathSync(process.execPath), '-e', program]);
  const hello = `const s = require('net').connect(${JSON.stringify(control)}, () => s.write('{"version":1,"id":1,"command":"hello"}\\n'));
    s.on('error', (e) => console.log(e.code)).on('data', (d) => { console.log(JSON.parse(d).result); s.destroy(); });`;

  it('runs as a user of its own, whose control socket root gets at and nobody else', async () => {
    const listens = async (): Promise<boolean> => (await machine.run('test', ['-S', control])).code === 0;
    await until('the agent listens', listens);
    const shown = await machine.run('systemctl', ['show', '-p', 'MainPID', '--value', unit]);
    const owner = await machine.run('stat', ['-c', '%u', `/proc/${shown.stdout.trim()}`]);
    expect(Number(owner.stdout)).toBeGreaterThan(60_000);
    const modes = await machine.run('stat', ['-c', '%u %a', '/run/haproxy-acme', control]);
    expect(modes.stdout).toBe(`${owner.stdout.trim()} 700\n${owner.stdout.trim()} 600\n`);
    // As the renewal's service lets it: by CAP_DAC_OVERRIDE.
    expect((await node(hello)).stdout).toBe('done\n');
    expect((await node(hello, ['setpriv', '--reuid=65534', '--clear-groups'])).stdout).toBe('EACCES\n');
  });

  it('is reached by HAProxy, which is told that it ends, and ends without a trace', async () => {
    const listening = `const s = require('net').connect(${port}, '127.0.0.1', () => { console.log('connected'); s.destroy(); }).on('error', (e) => console.log(e.code))`;
    expect((await node(listening)).stdout).toBe('connected\n');
    expect(await machine.run('systemctl', ['stop', unit])).toMatchObject({ code: 0 });
    const shown = await machine.run('systemctl', ['show', '-p', 'Result,ExecMainStatus', unit]);
    expect(shown.stdout.split('\n').sort()).toEqual(['', 'ExecMainStatus=0', 'Result=success']);
    expect((await machine.run('test', ['-e', '/run/haproxy-acme'])).code).toBe(1);
  });
});
