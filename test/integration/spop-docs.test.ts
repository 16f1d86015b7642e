import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../src-node/spoe/agent-limits.js';
import { spopStatuses } from '../../src-node/spoe/spop-error.js';
import { startDaemon, until } from '../support/child.js';
import { documentedBlocks } from '../support/documented.js';
import { haproxyHas, rawHttp, startHaproxy } from '../support/haproxy.js';
import { freePort, loopback } from '../support/loopback.js';
import { temporaryDirectory } from '../support/temporary.js';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/spop.md'), 'utf8');
const spoeFile = '/etc/haproxy/spoe-count.conf';

/** The rows of the table whose first cells are these. */
function rows(...names: readonly string[]): readonly (readonly string[])[] {
  const cells = [...page.matchAll(/^\| (.*) \|$/gm)].map(([, row = '']) =>
    row.split(' | ').map((cell) => cell.replaceAll('`', '').trim()),
  );
  return cells.filter(([first = '']) => names.includes(first));
}

describe('docs/spop.md', () => {
  it.each(haproxyHas('3.1') ? ['tcp', 'spop'] : ['tcp'])(
    'has an agent and a configuration of mode %s that work',
    async (mode) => {
      const directory = temporaryDirectory();
      mkdirSync(join(directory.path, 'node_modules'));
      symlinkSync(root, join(directory.path, 'node_modules/haproxy-acme'));
      const ports = { web: await freePort(), agent: await freePort() };
      const moved = (text = ''): string =>
        text
          .replaceAll('12345', String(ports.agent))
          .replaceAll('127.0.0.1', loopback)
          .replace(' :80', ` ${loopback}:${ports.web}`)
          .replace('mode tcp', `mode ${mode}`)
          .replace(spoeFile, join(directory.path, 'spoe.conf'));
      const [spoe, config] = documentedBlocks('spop.md').map(({ config: block }) => moved(block));
      writeFileSync(join(directory.path, 'spoe.conf'), spoe ?? '');
      writeFileSync(join(directory.path, 'agent.mjs'), moved(/^```js\n([^]*?)^```$/m.exec(page)?.[1]));
      const agent = startDaemon(process.execPath, [join(directory.path, 'agent.mjs')]);
      const haproxy = await startHaproxy(directory.path, config ?? '');
      const ask = async (): Promise<string> =>
        await rawHttp(loopback, ports.web, 'GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n');
      try {
        await until('the agent answers', async () => / \d+$/.test(await ask()), 30_000);
        const first = Number(/ (\d+)$/.exec(await ask())?.[1]);
        expect(await ask()).toMatch(new RegExp(`^HTTP/1.1 200 [^]*request ${first + 1}$`));
        for (let count = first + 1; count < 100; count += 1) await ask();
        expect(await ask()).toMatch(/^HTTP\/1.1 429 /);
        await agent.stop();
        expect(agent.output()).toBe('');
        await until('requests go on without it', async () => (await ask()).endsWith('request '));
      } finally {
        await agent.stop();
        await haproxy.stop();
        directory.remove();
      }
    },
  );

  it('has every code with its status', () => {
    const codes = Object.entries(spopStatuses);
    expect(rows(...Object.keys(spopStatuses)).map(([code, status]) => [code, Number(status)])).toEqual(codes);
  });

  it('has every limit with its default', () => {
    const limits = Object.entries(defaultLimits);
    expect(rows(...Object.keys(defaultLimits)).map(([name, value]) => [name, Number(value)])).toEqual(limits);
  });
});
