import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../../src-node/cli/parse-command.js';
import { letsEncrypt, letsEncryptStaging } from '../../../src-node/config/config.js';
import { resolveConfig } from '../../../src-node/config/resolve-config.js';
import type { Candidate } from '../../../src-node/renewal/plan-renewals.js';
import { changesKeyType, leavesStaging, refuseStaging } from '../../../src-node/renewal/replacement.js';
import { testCandidate, testInfo, testLineage, testSettings } from '../../support/test-lineage.js';

const of = (server: string): Candidate => ({
  ...testCandidate('a.example'),
  lineage: testLineage('a.example', { settings: testSettings({ server }) }),
});
const { notAfter } = of(letsEncrypt).certificate;
const replace = (from: string, to: string, now = notAfter - 1, flags: readonly string[] = []): (() => void) => {
  const config = resolveConfig(parseCommand(['renew', ...flags]), { env: {}, cwd: '/' });
  return () => refuseStaging(of(from), testSettings({ server: to }), config, now);
};

describe('refuseStaging', () => {
  it('keeps a trusted certificate until the millisecond at which it expires', () => {
    const refused: unknown = expect.objectContaining({ name: 'RenewalError', code: 'staging-over-production' });
    expect(replace(letsEncrypt, letsEncryptStaging)).toThrow(refused);
    expect(replace(letsEncrypt, letsEncryptStaging, notAfter)).not.toThrow();
  });

  it('lets go by --break-my-certs, and where nothing trusted is lost', () => {
    expect(replace(letsEncrypt, letsEncryptStaging, 0, ['--break-my-certs'])).not.toThrow();
    expect(replace(letsEncryptStaging, letsEncryptStaging)).not.toThrow();
    expect(replace(letsEncryptStaging, letsEncrypt)).not.toThrow();
    expect(replace(letsEncrypt, 'https://other.example/directory')).not.toThrow();
  });
});

describe('changesKeyType', () => {
  const changes = (has: 'ecdsa' | 'rsa' | 'other', flags: string): (() => boolean) => {
    const candidate = { ...testCandidate('a.example'), certificate: testInfo({ keyType: has }) };
    const command = parseCommand(['certonly', '-d', 'a.example', ...flags.split(' ').filter((word) => word !== '')]);
    const config = resolveConfig(command, { env: {}, cwd: '/' });
    return () => changesKeyType(candidate, config);
  };

  it('is so where the certificate has another kind of key than is given, and the lineage is named', () => {
    expect(changes('ecdsa', '--key-type rsa --cert-name a.example')()).toBe(true);
    expect(changes('other', '--key-type rsa --cert-name a.example')()).toBe(true);
    expect(changes('rsa', '--key-type rsa')()).toBe(false);
    expect(changes('rsa', '')()).toBe(false);
  });

  it("is refused without the lineage's name, in the words that scripts look for in certbot's", () => {
    const refused: unknown = expect.objectContaining({
      code: 'key-type-differs',
      message: expect.stringContaining('Please provide both --cert-name and --key-type') as string,
    });
    expect(changes('ecdsa', '--key-type rsa')).toThrow(refused);
  });
});

describe('leavesStaging', () => {
  it('is so from a staging CA to another kind only', () => {
    expect(leavesStaging(of(letsEncryptStaging), letsEncrypt)).toBe(true);
    expect(leavesStaging(of(letsEncryptStaging), `${letsEncryptStaging}?2`)).toBe(false);
    expect(leavesStaging(of(letsEncrypt), letsEncrypt)).toBe(false);
  });
});
