import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ocspRequest, readOcspResponse, type OcspSubject } from '../../../src-node/certificate/ocsp.js';
import { runOrThrow } from '../../support/child.js';
import { ocspAuthority, revokedAt, type IssueOptions, type OcspAuthority } from '../../support/ocsp-authority.js';
import { temporaryDirectory } from '../../support/temporary.js';
import { day } from '../../support/test-certificate.js';

const minute = 60_000;
let directory: ReturnType<typeof temporaryDirectory>;
let ca: OcspAuthority;
let stranger: OcspAuthority;
beforeAll(async () => {
  directory = temporaryDirectory();
  ca = await ocspAuthority(directory.path, 'ca');
  stranger = await ocspAuthority(directory.path, 'stranger');
});
afterAll(() => directory.remove());

async function subjectOf(options: IssueOptions, authority = ca): Promise<OcspSubject> {
  return { certificate: await authority.issue(options), issuer: authority.certificate };
}

describe('a request', () => {
  const oddNames = ['/CN=ca', '/C=DE/O=Bäcker \\/ Söhne, Inc./OU=unit+CN=ca', '/DC=example/emailAddress=a@example.org'];
  it.each([
    ...oddNames.map((subject) => ({ subject, serial: '05', mask: 'utf8only' })),
    { subject: '/O=Bäcker', serial: '00f0a1b2c3d4e5f60718293a4b5c6d7e', mask: 'MASK:0x800' },
    { subject: '/O=Bäcker', serial: '7f', mask: 'MASK:0x4' },
  ])('is byte for byte that of openssl: issuer $subject ($mask), serial $serial', async ({ subject, serial, mask }) => {
    const config = join(directory.path, 'request.conf');
    writeFileSync(config, `[req]\nstring_mask = ${mask}\ndistinguished_name = name\n[name]\n`);
    const authority = await ocspAuthority(directory.path, 'odd', { subject, key: [...p256, '-config', config] });
    const asked = await subjectOf({ status: 'good', serial }, authority);
    const [file, wanted] = [join(directory.path, 'leaf.pem'), join(directory.path, 'wanted.der')];
    writeFileSync(file, asked.certificate);
    const flags = ['-issuer', authority.certFile, '-cert', file, '-no_nonce', '-reqout', wanted];
    await runOrThrow('openssl', ['ocsp', ...flags]);
    expect(ocspRequest(asked).toString('hex')).toBe(readFileSync(wanted).toString('hex'));
  });

  it('is not made of what is no certificate', async () => {
    const { certificate, issuer } = await subjectOf({ status: 'good' });
    expect(() => ocspRequest({ certificate, issuer: 'no PEM' })).toThrow();
    expect(() => ocspRequest({ certificate: '', issuer })).toThrow();
  });
});

const p256 = ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];

describe('a response', () => {
  it.each<[IssueOptions['status'], object]>([
    ['good', { kind: 'good' }],
    ['revoked', { kind: 'revoked', revokedAt, reason: undefined }],
    ['revoked,keyCompromise', { kind: 'revoked', revokedAt, reason: 'keyCompromise' }],
    ['revoked,superseded', { kind: 'revoked', revokedAt, reason: 'superseded' }],
    ['unknown', { kind: 'unknown' }],
  ])('says %s, signed by the CA or by a responder of it', async (status, expected) => {
    const asked = await subjectOf({ status });
    const signer = await ca.delegate('responder');
    for (const options of [
      {},
      { flags: ['-resp_key_id'] },
      { signer },
      { signer, flags: ['-resp_key_id'] },
      { flags: ['-rmd', 'sha384'] },
    ]) {
      const response = await ca.respond(ocspRequest(asked), options);
      expect(readOcspResponse(response, asked, Date.now())).toEqual(expected);
    }
  });

  it.each([
    ['RSA', ['rsa:2048']],
    ['P-384', ['ec', '-pkeyopt', 'ec_paramgen_curve:secp384r1']],
    ['Ed25519', ['ed25519']],
  ])('is read of a CA whose key is %s', async (_, key) => {
    const authority = await ocspAuthority(directory.path, 'keyed', { key });
    const asked = await subjectOf({ status: 'revoked' }, authority);
    const response = await authority.respond(ocspRequest(asked));
    expect(readOcspResponse(response, asked, Date.now())).toMatchObject({ kind: 'revoked' });
    const spoilt = await authority.respond(ocspRequest(asked), { flags: ['-badsig'] });
    expect(readOcspResponse(spoilt, asked, Date.now())).toMatchObject({ kind: 'rejected', fault: 'untrusted' });
  });

  it('that a stranger has signed is refused, whatever name he bears', async () => {
    const asked = await subjectOf({ status: 'revoked' });
    const request = ocspRequest(asked);
    const namesake = await ocspAuthority(directory.path, 'namesake', { subject: '/CN=ca' });
    for (const signer of [
      stranger,
      namesake,
      await stranger.delegate('stranger-responder'),
      await namesake.delegate('namesake-responder'),
      await ca.delegate('web-server', 'serverAuth'),
    ]) {
      const response = await ca.respond(request, { signer });
      expect(readOcspResponse(response, asked, Date.now())).toMatchObject({ kind: 'rejected', fault: 'untrusted' });
    }
    const signer = await ca.delegate('responder');
    for (const options of [
      { flags: ['-badsig'] },
      { signer, flags: ['-badsig'] },
      { signer, flags: ['-resp_no_certs'] },
      { flags: ['-rmd', 'sha1'] },
    ]) {
      const response = await ca.respond(request, options);
      expect(readOcspResponse(response, asked, Date.now())).toMatchObject({ kind: 'rejected', fault: 'untrusted' });
    }
  });

  it('is refused of a responder whose certificate has expired', async () => {
    const asked = await subjectOf({ status: 'good' });
    const signer = await ca.delegate('responder');
    const response = await ca.respond(ocspRequest(asked), { signer, flags: ['-ndays', '200'] });
    expect(readOcspResponse(response, asked, Date.now() + 89 * day)).toEqual({ kind: 'good' });
    const late = readOcspResponse(response, asked, Date.now() + 91 * day);
    expect(late).toMatchObject({ kind: 'rejected', fault: 'untrusted' });
  });

  it('counts within its dates, give or take five minutes', async () => {
    const asked = await subjectOf({ status: 'good' });
    const before = Date.now();
    const response = await ca.respond(ocspRequest(asked));
    const after = Date.now();
    const stale = { kind: 'rejected', fault: 'stale' };
    expect(readOcspResponse(response, asked, before - 6 * minute)).toMatchObject(stale);
    expect(readOcspResponse(response, asked, after - 4 * minute)).toEqual({ kind: 'good' });
    expect(readOcspResponse(response, asked, before + 7 * day + 4 * minute)).toEqual({ kind: 'good' });
    expect(readOcspResponse(response, asked, after + 7 * day + 6 * minute)).toMatchObject(stale);
  });

  it('about another certificate, or of another issuer, says nothing', async () => {
    const asked = await subjectOf({ status: 'good', serial: '42' });
    const other = await subjectOf({ status: 'revoked', serial: '43' });
    const response = await ca.respond(ocspRequest(other));
    expect(readOcspResponse(response, asked, Date.now())).toMatchObject({ kind: 'rejected', fault: 'bad-answer' });
    const abroad = await subjectOf({ status: 'good', serial: '43' }, stranger);
    const foreign = await ca.respond(ocspRequest(other), { signer: stranger });
    expect(readOcspResponse(foreign, abroad, Date.now())).toMatchObject({ kind: 'rejected', fault: 'bad-answer' });
    const namesake = await ocspAuthority(directory.path, 'namesake', { subject: '/CN=ca' });
    const theirs = await subjectOf({ status: 'revoked', serial: '42' }, namesake);
    const renamed = await ocspAuthority(directory.path, 'renamed');
    const name = ['-subj', '/CN=renamed', '-out', renamed.certFile];
    await runOrThrow('openssl', ['req', '-x509', '-key', ca.keyFile, ...name]);
    copyFileSync(ca.keyFile, renamed.keyFile);
    const certificate = await renamed.issue({ status: 'revoked', serial: '42' });
    const request = ocspRequest({ certificate, issuer: readFileSync(renamed.certFile, 'utf8') });
    const others = await renamed.respond(request, { signer: ca });
    expect(readOcspResponse(others, asked, Date.now())).toMatchObject({ kind: 'rejected', fault: 'bad-answer' });
    const mixed = await namesake.respond(ocspRequest(theirs), { signer: ca });
    expect(readOcspResponse(mixed, asked, Date.now())).toMatchObject({ kind: 'rejected', fault: 'bad-answer' });
  });

  it('by which the responder refuses is told from one that is none', async () => {
    const asked = await subjectOf({ status: 'good' });
    const read = (bytes: Uint8Array): unknown => readOcspResponse(bytes, asked, Date.now());
    for (const status of [1, 2, 3, 5, 6, 9]) {
      const refusal = Uint8Array.of(0x30, 3, 0x0a, 1, status);
      expect(read(refusal)).toMatchObject({ kind: 'rejected', fault: 'refused' });
    }
    const nested = Buffer.from('3080'.repeat(32_000), 'hex');
    const html = Buffer.from('<html>Portal</html>');
    const bare = Uint8Array.of(0x30, 3, 0x0a, 1, 0);
    for (const bytes of [new Uint8Array(), html, bare, nested, Buffer.alloc(65_536)]) {
      expect(read(bytes)).toMatchObject({ kind: 'rejected', fault: 'bad-answer' });
    }
  });

  it('with any one byte changed never says anything else', async () => {
    const asked = await subjectOf({ status: 'revoked,keyCompromise' });
    const signer = await ca.delegate('responder');
    const response = await ca.respond(ocspRequest(asked), { signer });
    let rejections = 0;
    for (const [index, byte] of response.entries()) {
      const changed = Buffer.from(response);
      changed[index] = byte ^ 1;
      const reading = readOcspResponse(changed, asked, Date.now());
      if (reading.kind === 'rejected') rejections += 1;
      else expect(reading).toEqual({ kind: 'revoked', revokedAt, reason: 'keyCompromise' });
    }
    expect(rejections).toBeGreaterThan(response.length / 2);
    for (let length = 0; length < response.length; length += 7) {
      expect(readOcspResponse(response.subarray(0, length), asked, Date.now()).kind).toBe('rejected');
    }
  });
});
