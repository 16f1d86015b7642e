import { describe, expect, it } from 'vitest';
import { cronEntries } from '../../../src-node/adoption/survey-cron.js';

describe('cronEntries', () => {
  it('takes the command after the times and the user, with the PATH above it', () => {
    const source = [
      '# comment',
      'SHELL=/bin/sh',
      'PATH = "/opt/bin:/bin"',
      '',
      '0 */12 * * * root certbot -q renew',
      '@daily root\tcertbot renew',
    ].join('\n');
    expect(cronEntries(source, true)).toEqual([
      { line: 4, text: 'certbot -q renew', searchPath: '/opt/bin:/bin' },
      { line: 5, text: 'certbot renew', searchPath: '/opt/bin:/bin' },
    ]);
  });

  it("has no user in a user's own crontab", () => {
    expect(cronEntries('30 01 01,10,20,30 * * /root/certbot-auto renew\n', false)).toEqual([
      { line: 0, text: '/root/certbot-auto renew', searchPath: undefined },
    ]);
  });

  it('reads an escaped percent sign, and lets no shell read a bare one, after which there is input', () => {
    const [escaped, bare] = cronEntries('* * * * * date +\\%s\n* * * * * certbot renew%y', false);
    expect(escaped?.text).toBe('date +%s');
    expect(bare?.text).toContain(';;');
  });
});
