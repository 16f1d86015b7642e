import { describe, expect, it } from 'vitest';
import { confDifference, restoreConf } from '../../../src-node/adoption/conf-changes.js';
import { parseRenewalConf, serializeRenewalConf } from '../../../src-node/lineage/renewal-conf.js';
import { readSettings, writeSettings } from '../../../src-node/lineage/renewal-settings.js';
import { noHaproxy, writeHaproxySettings } from '../../../src-node/lineage/haproxy-settings.js';

const original = `# kept\nversion = 2.1.0\n[renewalparams]\nserver = https://ca.test/dir\nauthenticator = standalone\nhttp01_port = 8090\nrenew_hook = cat a, b   # why\nkey_type = rsa`;

/** As an adoption to a webroot leaves it. */
function adopted(text: string): { readonly text: string; readonly after: ReturnType<typeof confDifference> } {
  const conf = parseRenewalConf(text);
  const settings = readSettings(conf);
  if (settings === undefined) throw new Error('no settings');
  const next = writeHaproxySettings(
    writeSettings(conf, {
      ...settings,
      ...{ authenticator: 'webroot', webrootMap: { 'a.test': '/www' } },
      hooks: { ...settings.hooks, deploy: undefined },
    }),
    { ...noHaproxy, certDir: '/certs', cfg: ['/a, b.cfg', '/c.cfg'] },
  );
  return { text: serializeRenewalConf(next), after: confDifference(conf, next) };
}

describe('restoreConf', () => {
  it('gives back every byte where nothing else has changed', () => {
    const { text, after } = adopted(original);
    expect(text).not.toContain('renew_hook');
    expect(restoreConf(text, original, after)).toEqual({ kind: 'restored', text: original });
    expect(restoreConf(original, original, after)).toEqual({ kind: 'already' });
  });

  it('takes away what a renewal has noted, and keeps what it has changed otherwise', () => {
    const { text, after } = adopted(original);
    const renewed = `${text.replace('version = 2.1.0', 'version = 5.0.0')}deployed_version = 7\n`;
    const restored = restoreConf(renewed, original, after);
    const now = restored.kind === 'restored' ? restored.text : restored.kind;
    expect(now).toContain('version = 5.0.0');
    expect(now).toContain('renew_hook = cat a, b   # why');
    expect(now).toContain('http01_port = 8090');
    expect(now).toContain('authenticator = standalone');
    expect(now).not.toMatch(/webroot|haproxy|deployed_version/);
  });

  it('gives back settings for HAProxy that there were before', () => {
    const before = `${original}\n[haproxy]\ncert_dir = /old\ndeployed_version = 3\n`;
    const { text, after } = adopted(before);
    expect(restoreConf(text, before, after)).toEqual({ kind: 'restored', text: before });
  });

  it('names the keys that somebody has set to something else', () => {
    const { text, after } = adopted(original);
    const changed = text.replace('cert_dir = /certs', 'cert_dir = /mine');
    expect(restoreConf(changed, original, after)).toEqual({ kind: 'changed-since', keys: ['cert_dir'] });
  });
});
