import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorJson, listingJson, reportJson } from '../../../../src-node/cli/render/json.js';
import { errorText, failureText, listingText, successText } from '../../../../src-node/cli/render/text.js';
import type { CertificateListing } from '../../../../src-node/cli/commands/certificates.js';
import { DeployError } from '../../../../src-node/haproxy/deploy-error.js';
import { letsencryptStore } from '../../../../src-node/lineage/letsencrypt-directory.js';
import type { Lineage } from '../../../../src-node/lineage/lineage.js';
import { withoutRenewals, type CommandReport, type Outcome } from '../../../../src-node/renewal/outcome.js';
import { day, testCertificate, type TestCertificate } from '../../../support/test-certificate.js';
import { testInfo, testLineage, testSettings } from '../../../support/test-lineage.js';
import { temporaryDirectory } from '../../../support/temporary.js';

const notAfter = Date.UTC(2026, 3, 1, 12, 30);
const error = new DeployError('haproxy-config-rejected', 'HAProxy says no.', { details: ['line 1', 'line 2'] });
const lineage = testLineage('a.example', { version: 3 });
const issued = { names: ['a.example', 'b.example'], notAfter, fingerprint: 'AA:BB' };
const deployment = { kind: 'deployed', bundle: '/certs/a.example.pem', handshakes: 2 } as const;
const certName = 'a.example';
const every: readonly Outcome[] = [
  { kind: 'not-due', certName, dueAt: notAfter },
  { kind: 'issued', certName, lineage, issued, deployment },
  { kind: 'issued', certName, lineage, issued, deployment: { kind: 'bundle-only', bundle: '/certs/x.pem' } },
  { kind: 'deployed', certName, lineage, deployment },
  { kind: 'stored-not-deployed', certName, lineage, issued, error },
  { kind: 'stored-not-deployed', certName, lineage, issued: undefined, error },
  { kind: 'failed', certName, error },
  { kind: 'broken', certName, error },
  { kind: 'autorenew-off', certName },
];
const report: CommandReport = {
  outcomes: every,
  reloads: [{ way: 'successor', started: [11], draining: [{ pid: 9, since: notAfter }], hints: ['Some advice.'] }],
  sockets: ['/run/a.sock'],
  notes: ['Something to know.'],
  reasons: new Map([[certName, 'key-type']]),
  warnings: ['a.example: no.'],
};

describe('the JSON of a report', () => {
  const parsed = JSON.parse(reportJson(report)) as {
    outcomes: Record<string, unknown>[];
    reloads: unknown;
    warnings: unknown;
  };

  it('has one entry for each outcome, with dates of ISO 8601 and errors by code', () => {
    expect(parsed.outcomes.map(({ kind }) => kind)).toEqual(every.map(({ kind }) => kind));
    expect(parsed.outcomes[0]).toEqual({ kind: 'not-due', certName, dueAt: '2026-04-01T12:30:00.000Z' });
    expect(parsed.outcomes[1]).toEqual({
      kind: 'issued',
      certName,
      names: ['a.example', 'b.example'],
      notAfter: '2026-04-01T12:30:00.000Z',
      fingerprint: 'AA:BB',
      version: 3,
      live: lineage.live,
      deployment,
      reason: 'key-type',
    });
    expect(parsed.outcomes[4]).toMatchObject({ issued: true, version: 3, error: { code: 'haproxy-config-rejected' } });
    expect(parsed.outcomes[5]).toMatchObject({ issued: false });
    expect(parsed.outcomes[6]?.['error']).toEqual({
      code: 'haproxy-config-rejected',
      message: 'HAProxy says no.',
      hint: error.hint,
      details: ['line 1', 'line 2'],
    });
    expect(parsed.warnings).toEqual(['a.example: no.']);
    expect(parsed.reloads).toEqual([
      {
        way: 'successor',
        started: [11],
        draining: [{ pid: 9, since: '2026-04-01T12:30:00.000Z' }],
        hints: ['Some advice.'],
      },
    ]);
  });

  it('is one document that ends in a line break, for an error too', () => {
    expect(reportJson(withoutRenewals({ outcomes: [], reloads: [] }))).toMatch(/\}\n$/);
    expect(JSON.parse(errorJson(error))).toMatchObject({ error: { code: 'haproxy-config-rejected' } });
  });
});

describe('the text of a report', () => {
  it('tells what went well, and where the files are', () => {
    const text = successText(report);
    expect(text).toContain('2026-04-01 12:30 UTC');
    expect(text).toContain(lineage.live.fullchain);
    expect(text).toContain(lineage.live.privkey);
    expect(text).toContain('/certs/a.example.pem');
    expect(text).toContain('another type of key');
    expect(text).toContain('autorenew = False');
    expect(text).toMatch(/process 9 .*2026-04-01 12:30 UTC/);
    expect(text).toContain('Some advice.');
    expect(text).not.toContain('HAProxy says no.');
  });

  it('tells each failure with its code, hint and details, and nothing of what went well', () => {
    const text = failureText(every);
    expect(text.match(/HAProxy says no\./g)).toHaveLength(4);
    expect(text.match(/\[haproxy-config-rejected\]/g)).toHaveLength(4);
    expect(text).toContain('  line 2\n');
    expect(failureText(every.slice(0, 4))).toBe('');
    expect(errorText(error)).toBe(`HAProxy says no.\n  line 1\n  line 2\n  ${error.hint} [haproxy-config-rejected]\n`);
  });
});

describe('the list of lineages', () => {
  const now = Date.UTC(2026, 0, 1);
  const listing = (expires: number, differing: Partial<Lineage> = {}): CertificateListing => ({
    certificates: [
      {
        lineage: testLineage('a.example', differing),
        certificate: testInfo({ names: ['a.example', 'b.example'], notAfter: expires }),
        dueAt: now,
        bundle: '/certs/a.example.pem',
        deployed: false,
        revoked: false,
      },
    ],
    broken: [{ kind: 'broken', certName: 'broken.example', error }],
  });

  it.each([
    [now + 90 * day - 1, 'VALID: 89 days'],
    [now + 2 * day, 'VALID: 2 days'],
    [now + 2 * day - 1, 'VALID: 1 day'],
    [now + day, 'VALID: 1 day'],
    [now + day - 1, 'VALID: 23 hour(s)'],
    [now + 1, 'VALID: 0 hour(s)'],
    [now, 'INVALID: EXPIRED'],
    [now - day, 'INVALID: EXPIRED'],
  ])("says in certbot's words how long it is valid: %d", (expires, state) => {
    expect(listingText(listing(expires), now)).toContain(` (${state})\n`);
  });

  it('marks certificates of a staging CA', () => {
    const settings = testSettings({ server: 'https://acme-staging-v02.example/directory' });
    expect(listingText(listing(now + 90 * day, { settings }), now)).toContain('(INVALID: TEST_CERT)');
    expect(listingText(listing(now, { settings }), now)).toContain('(INVALID: TEST_CERT, EXPIRED)');
  });

  it('has the lines that scripts look for, and broken lineages apart', () => {
    const text = listingText(listing(now + 90 * day), now);
    expect(text).toContain('  Certificate Name: a.example\n');
    expect(text).toContain('    Domains: a.example b.example\n');
    expect(text).toContain('    Expiry Date: 2026-04-01 00:00:00+00:00 (VALID: 90 days)\n');
    expect(text).toContain(`    Certificate Path: ${lineage.live.fullchain}\n`);
    expect(text).toContain('broken.example: HAProxy says no.');
    expect(listingText({ certificates: [], broken: [] }, now)).toBe('No certificates found.\n');
  });

  it('is JSON with the same in it', () => {
    const json = JSON.parse(listingJson(listing(notAfter))) as object;
    expect(json).toMatchObject({
      certificates: [
        {
          certName: 'a.example',
          notAfter: '2026-04-01T12:30:00.000Z',
          haproxy: { bundle: '/certs/a.example.pem', inService: false },
        },
      ],
      broken: [{ certName: 'broken.example', error: { code: 'haproxy-config-rejected' } }],
    });
  });
});

describe('whatever is rendered of a stored lineage', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let content: TestCertificate;
  let stored: Lineage;

  beforeEach(async () => {
    directory = temporaryDirectory();
    content = await testCertificate({ names: ['a.example'] });
    const settings = testSettings({ account: '0123456789abcdef0123456789abcdef' });
    stored = await letsencryptStore(directory.path, '1').saveVersion('a.example', content, settings);
  });
  afterEach(() => directory.remove());

  it('holds no key material', () => {
    const secret = content.privateKey.split('\n').slice(1, -2).join('');
    const outcomes = every.map((outcome) => ('lineage' in outcome ? { ...outcome, lineage: stored } : outcome));
    const listing = {
      certificates: [
        { lineage: stored, certificate: testInfo(), dueAt: 0, bundle: undefined, deployed: false, revoked: false },
      ],
      broken: [],
    };
    const texts = [
      reportJson(withoutRenewals({ outcomes, reloads: [] })),
      listingJson(listing),
      successText(withoutRenewals({ outcomes, reloads: [] })),
      failureText(outcomes),
      listingText(listing, 0),
    ];
    for (const text of texts) {
      expect(text).not.toContain('PRIVATE KEY');
      for (let at = 0; at + 16 <= secret.length; at += 8) expect(text).not.toContain(secret.slice(at, at + 16));
      expect(text).not.toContain('0123456789abcdef0123456789abcdef');
    }
  });
});
