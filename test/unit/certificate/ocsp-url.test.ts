import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ocspUrl } from '../../../src-node/certificate/ocsp-url.js';
import { ocspAuthority, type OcspAuthority } from '../../support/ocsp-authority.js';
import { temporaryDirectory } from '../../support/temporary.js';

describe('the OCSP URL of a certificate', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let ca: OcspAuthority;
  beforeAll(async () => {
    directory = temporaryDirectory();
    ca = await ocspAuthority(directory.path, 'ca');
  });
  afterAll(() => directory.remove());

  it.each([
    [undefined, undefined],
    ['caIssuers;URI:http://ca.example/ca.der', undefined],
    ['OCSP;URI:http://ocsp.example/', 'http://ocsp.example/'],
    ['OCSP;URI:http://ocsp.example/a b', 'http://ocsp.example/a b'],
    ['caIssuers;URI:http://ca.example/,OCSP;URI:http://one.example,OCSP;URI:http://two.example', 'http://one.example'],
    ['OCSP;URI:ldap://ocsp.example/,OCSP;URI:https://ocsp.example/', 'https://ocsp.example/'],
    ['OCSP;URI:ldap://ocsp.example/', undefined],
    ['OCSP;URI:http://', undefined],
    ['OCSP;DNS:ocsp.example', undefined],
    ['@list\n[list]\nOCSP;URI=http://ocsp.example/a\\,b', 'http://ocsp.example/a,b'],
    ['@list\n[list]\nOCSP;URI=http://ocsp.example/\\"q\\"', 'http://ocsp.example/"q"'],
    ['@list\n[list]\ncaIssuers;URI=http://ca.example/\\nOCSP - URI:http://wrong.example/', undefined],
    ['caIssuers;URI:http://ca.example/OCSP - URI:http://wrong.example/', undefined],
  ])('%j: %s', async (access, expected) => {
    expect(ocspUrl(await ca.issue({ status: 'good', ...(access === undefined ? {} : { access }) }))).toBe(expected);
  });

  it('is not sought in what is no certificate', () => {
    expect(() => ocspUrl('no PEM')).toThrow();
  });
});
