import { mkdirSync, readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { causes, type Cause } from '../../src-node/challenge/self-check/cause.js';
import type { RunResult } from '../support/child.js';
import { freePort, loopback } from '../support/loopback.js';
import { jsonReport } from '../support/report.js';
import { stageConfig, startStage, type Stage, type StagePaths } from '../support/stage.js';

/** Another address of this process alone, on which nothing listens. */
const elsewhere = loopback.replace(/^127\.(\d+)/, (_, second: string) => `127.${Number(second) + 64}`);

/** Another thumbprint than the account's. */
const thumbprint = 'x'.repeat(43);

/** What HAProxy does with the requests for a name, before its service for challenges. */
const rules: Readonly<Record<string, string>> = {
  'hop.test': 'http-request redirect scheme https code 308',
  'redirected.test': 'http-request redirect scheme https code 301',
  'see-other.test': 'http-request redirect scheme https code 303',
  'port.test': 'http-request redirect prefix http://port.test:8080 code 302',
  'address.test': 'http-request redirect prefix http://192.0.2.1 code 302',
  'loop.test': 'http-request redirect prefix http://loop.test code 302',
  'joined.test': 'http-request redirect prefix https://joined.test.well-known code 301',
  'scheme.test': 'http-request redirect prefix ftp://scheme.test code 301',
  'page.test': 'http-request return status 200 content-type text/html string "<html><body>our shop</body></html>"',
  'missing.test': 'http-request return status 404 content-type text/html string "<html>no such page</html>"',
  'denied.test': 'http-request deny deny_status 403',
  'account.test': `http-request return status 200 content-type text/plain lf-string %[path,field(-1,/)].${thumbprint}`,
  'down.test': 'use_backend nobody',
};

const rulesText = Object.entries(rules)
  .map(([name, rule]) => `  ${rule} if { hdr(host) -i -m beg ${name} }\n`)
  .join('');

function config(paths: StagePaths): string {
  return stageConfig(paths, {
    sections: `
backend nobody
  server nobody ${loopback}:1 disabled
`,
  })
    .replace(/ {2}(http-request use-service .*)\n/, `${rulesText}  $1 unless { hdr(host) -i -m beg down.test }\n`)
    .replace(
      /(frontend https\n.*\n)/,
      '$1  http-request use-service lua.acme-http01 if { hdr(host) -i -m beg hop.test }\n',
    );
}

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ config });
  mkdirSync(stage.at('unserved'));
});
afterAll(async () => await stage.stop());

/** How often the CA was asked to look at a challenge. */
const initiated = (): number => stage.pebble.output().split('POST /chalZ/').length - 1;

async function dns(action: string, body: object): Promise<void> {
  await fetch(`${stage.pebble.dnsManagementUrl}/${action}`, { method: 'POST', body: JSON.stringify(body) });
}

/** What a run says of each name, in its one error; and that the CA was asked to look at nothing. */
async function refused(
  names: readonly string[],
  extra: readonly string[] = [],
): Promise<ReadonlyMap<string | undefined, string>> {
  const before = initiated();
  const result = await stage.order(names, ['--json', ...extra]);
  expect(initiated()).toBe(before);
  const error = jsonReport(result).outcomes[0]?.error;
  expect(error, result.stdout).toMatchObject({ code: 'self-check-failed' });
  const lines = names.length <= 1 ? [`${names[0] ?? ''}: ${error?.message ?? ''}`] : (error?.details ?? []);
  expectNoToken(result);
  return new Map(lines.map((line) => [line.split(':')[0], line]));
}

function expectNoToken(result: RunResult): void {
  expect(`${result.stdout}${result.stderr}`).not.toMatch(/[A-Za-z0-9_-]{43}/);
  const log = readFileSync(stage.at('logs/letsencrypt.log'), 'utf8');
  expect(log).not.toMatch(/acme-challenge\/(?!TOKEN|\*)[A-Za-z0-9_-]{22,}/);
}

const causeOf: Readonly<Record<string, Cause>> = {
  'redirected.test': 'redirected',
  'see-other.test': 'redirect-not-followed',
  'port.test': 'redirect-not-followed',
  'address.test': 'redirect-not-followed',
  'loop.test': 'redirect-not-followed',
  'joined.test': 'redirect-not-followed',
  'scheme.test': 'redirect-not-followed',
  'page.test': 'other-backend',
  'missing.test': 'other-backend',
  'denied.test': 'refused-by-rule',
  'account.test': 'other-account',
  'down.test': 'no-server',
};

describe('a name that is answered', () => {
  it('is looked at, then by the CA', async () => {
    const { stderr } = await stage.ordered(['good.test']);
    const steps = [...stderr.matchAll(/^good\.test: (.*)$/gm)].map((match) => match[1]);
    expect(steps.indexOf('the challenge is answered here')).toBe(steps.indexOf('challenge published') + 1);
    expect(steps).toContain('validated');
  });

  it('may be so behind a redirect to https', async () => {
    const before = initiated();
    const result = await stage.order(['hop.test'], ['--json']);
    // This CA follows to the real port 443: that it was asked at all is the point.
    expect(jsonReport(result).outcomes[0]?.error?.code).toBe('acme-authorization-failed');
    expect(initiated()).toBe(before + 1);
  });

  it('may be an address', async () => {
    const before = initiated();
    const result = await stage.order([], ['--ip-address', loopback]);
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect([initiated(), result.stderr]).toEqual([
      before + 1,
      expect.stringContaining('the challenge is answered here'),
    ]);
  });
});

describe('a name that is not answered', () => {
  let found: ReadonlyMap<string | undefined, string>;
  beforeAll(async () => {
    found = await refused(Object.keys(causeOf));
  });

  it.each(Object.entries(causeOf))('%s costs nothing at the CA, and its cause is told: %s', (name, cause) => {
    expect(found.get(name)).toContain(causes[cause]);
  });

  it('is told with address, port, status, redirects and the first bytes', () => {
    const place = `${loopback}:${stage.httpPort}`;
    const path = '/.well-known/acme-challenge/TOKEN';
    expect(found.get('page.test')).toContain(
      `http://page.test${path} at ${place} answers 200 with "<html><body>our shop</body></html>"`,
    );
    expect(found.get('redirected.test')).toContain(
      `http://redirected.test${path} at ${place} redirects (301) to https://redirected.test${path} at ${loopback}:${stage.httpsPort} answers 200 with "served over TLS"`,
    );
    expect(found.get('port.test')).toContain(`redirects (302) to http://port.test:8080${path}, and a CA follows`);
    expect(found.get('account.test')).toContain('answers 200 with "TOKEN"');
  });

  it('has a rule that sees another directory', async () => {
    const lost = await refused([], ['-w', stage.at('unserved'), '-d', 'lost.test']);
    expect([...lost.values()].join()).toContain(`${causes['unknown-token']}: under chroot`);
  });

  it('has no address', async () => {
    await dns('set-default-ipv4', { ip: '' });
    const nowhere = await refused(['nowhere.test']).finally(
      async () => await dns('set-default-ipv4', { ip: loopback }),
    );
    expect(nowhere.get('nowhere.test')).toContain(causes['no-address']);
  });

  it('has an address at which nothing listens beside one that answers', async () => {
    await dns('add-a', { host: 'two.test', addresses: [loopback, elsewhere] });
    const two = await refused(['two.test']);
    expect(two.get('two.test')).toContain(`at ${elsewhere}:${stage.httpPort} cannot be connected to (ECONNREFUSED)`);
    expect(two.get('two.test')).toContain(causes['nothing-listens']);
  });

  it('leads to what speaks no TLS', async () => {
    const hop = await refused(['hop.test'], ['--self-check-https-port', String(stage.httpPort)]);
    expect(hop.get('hop.test')).toContain(causes['no-tls']);
  });

  it.each<[Cause, (socket: Socket) => void]>([
    ['no-http', (socket) => socket.end('SSH-2.0-server\r\n')],
    ['broken-off', (socket) => socket.destroy()],
    ['silent', () => undefined],
  ])('reaches what is no web server: %s', async (cause, answer) => {
    const port = await freePort(elsewhere);
    await withServer(elsewhere, port, answer, async () => {
      const strange = await refused(
        ['strange.test'],
        ['--self-check-address', elsewhere, '--self-check-port', String(port)],
      );
      expect(strange.get('strange.test')).toContain(causes[cause]);
    });
  });
});

async function withServer(
  host: string,
  port: number,
  answer: (socket: Socket) => void,
  during: () => Promise<void>,
): Promise<void> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    answer(socket);
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  try {
    await during();
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe('an IPv6 address beside one that answers', () => {
  beforeAll(async () => {
    await dns('add-aaaa', { host: 'both.test', addresses: ['::1'] });
    await dns('add-a', { host: 'both.test', addresses: [loopback] });
  });

  it('is passed over with a warning where it cannot be connected to', async () => {
    const before = initiated();
    const report = jsonReport(await stage.order(['both.test'], ['--json']));
    // This CA does not fall back to IPv4, as others do: that it was asked at all is the point.
    expect(report.warnings.join()).toContain(`at [::1]:${stage.httpPort} cannot be connected to`);
    expect(initiated()).toBe(before + 1);
  });

  it('fails the name where another host answers', async () => {
    const page = 'HTTP/1.1 404 Not Found\r\nServer: other\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
    await withServer(
      '::1',
      stage.httpPort,
      (socket) => socket.end(page),
      async () => {
        const both = await refused(['both.test'], ['--force-renewal']);
        expect(both.get('both.test')).toContain(causes['ipv6-elsewhere']);
      },
    );
  });
});

describe('what only this machine cannot see', () => {
  it('is a warning: no DNS server', async () => {
    const result = await stage.order(['unseen.test'], ['--json', '--self-check-resolver', `${elsewhere}:53`]);
    expect(jsonReport(result).outcomes[0]?.kind, result.stdout).toBe('issued');
    expect(jsonReport(result).warnings.join()).toContain(causes.resolver);
  });

  it('is a warning: a DNS server that fails', async () => {
    await dns('set-servfail', { host: 'servfail.test' });
    const before = initiated();
    const report = jsonReport(await stage.order(['servfail.test'], ['--json']));
    expect([report.outcomes[0]?.error?.code, initiated()]).toEqual(['acme-authorization-failed', before + 1]);
    expect(report.warnings.join()).toContain(causes.resolver);
  });
});

describe('--self-check', () => {
  it('warn has the CA look all the same', async () => {
    const before = initiated();
    const result = await stage.order(['page.test'], ['--self-check', 'warn']);
    expect([result.code, initiated()]).toEqual([1, before + 1]);
    expect(result.stderr).toContain(causes['other-backend']);
    expect(result.stderr).toContain('[acme-authorization-failed]');
  });

  it('off does not look', async () => {
    const before = initiated();
    const result = await stage.order(['page.test'], ['--self-check', 'off']);
    expect([result.code, initiated()]).toEqual([1, before + 1]);
    expect(result.stderr).not.toContain(causes['other-backend']);
  });

  it('leaves out the names that fail, by --allow-subset-of-names', async () => {
    const before = initiated();
    const result = await stage.order(['some.test', 'page.test', 'denied.test'], ['--allow-subset-of-names', '--json']);
    expect(jsonReport(result).outcomes[0]).toMatchObject({ kind: 'issued', names: ['some.test'] });
    expect(initiated()).toBe(before + 1);
  });

  it('is kept for the next renewals, with the way by which the names are reached', async () => {
    const flags = ['--self-check', 'warn', '--self-check-address', loopback];
    await stage.ordered(['kept.test'], flags);
    const conf = readFileSync(stage.renewalConf('kept.test'), 'utf8');
    expect(conf).toContain('self_check = warn\n');
    // Without the settings of the user's cli.ini.
    const env = { XDG_CONFIG_HOME: stage.at('nothing') };
    const args = ['renew', '--cert-name', 'kept.test', '--dry-run'];
    const renewed = await stage.command(args, { env });
    expect(renewed, renewed.stderr).toMatchObject({ code: 0 });
    expect(renewed.stderr).toContain('the challenge is answered here');
  });
});
