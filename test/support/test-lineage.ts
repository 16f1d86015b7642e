import { parseRenewalConf } from '../../src-node/lineage/renewal-conf.js';
import { noChallengeSettings } from '../../src-node/lineage/challenge-settings.js';
import { noHaproxy } from '../../src-node/lineage/haproxy-settings.js';
import type { Lineage, RenewalSettings } from '../../src-node/lineage/lineage.js';
import type { CertificateInfo } from '../../src-node/certificate/x509.js';
import type { Candidate } from '../../src-node/renewal/plan-renewals.js';
import { day } from './test-certificate.js';

/** The settings of a P-256 lineage with a webroot for a.example, and what differs. */
export function testSettings(differing: Partial<RenewalSettings> = {}): RenewalSettings {
  return {
    account: undefined,
    server: 'https://acme.example/directory',
    authenticator: 'webroot',
    webrootMap: { 'a.example': '/webroot' },
    webrootDefault: undefined,
    keyType: 'ecdsa',
    rsaKeySize: 2048,
    ellipticCurve: 'secp256r1',
    reuseKey: false,
    mustStaple: false,
    preferredChain: undefined,
    preferredProfile: undefined,
    requiredProfile: undefined,
    allowSubset: false,
    challenges: [],
    http01Port: undefined,
    http01Address: undefined,
    authHook: undefined,
    cleanupHook: undefined,
    ...noChallengeSettings,
    hooks: { pre: undefined, post: undefined, deploy: undefined },
    autorenew: true,
    haproxy: noHaproxy,
    ...differing,
  };
}

/** A lineage of which nothing is on disk. */
export function testLineage(certName: string, differing: Partial<Lineage> = {}): Lineage {
  const file = (kind: string): string => `/le/live/${certName}/${kind}.pem`;
  return {
    certName,
    confFile: `/le/renewal/${certName}.conf`,
    conf: parseRenewalConf(''),
    settings: testSettings(),
    version: 1,
    deployedVersion: undefined,
    live: { cert: file('cert'), privkey: file('privkey'), chain: file('chain'), fullchain: file('fullchain') },
    ...differing,
  };
}

export function testInfo(differing: Partial<CertificateInfo> = {}): CertificateInfo {
  const notBefore = Date.UTC(2026, 0, 1);
  return {
    names: ['a.example'],
    notBefore,
    notAfter: notBefore + 90 * day,
    serial: '4f',
    issuer: 'CN=Test Issuer',
    fingerprint: 'AA:BB',
    keyType: 'ecdsa',
    ocspUrl: undefined,
    ...differing,
  };
}

export function testCandidate(certName: string, names: readonly string[] = [certName]): Candidate {
  return { lineage: testLineage(certName), certificate: testInfo({ names }), bundlePresent: true };
}
