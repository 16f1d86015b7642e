import { X509Certificate } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src-node/platform/clock.js';
import { openRuntime } from '../../../src-node/haproxy/runtime-api.js';
import { addCertificate, updateCertificate } from '../../../src-node/haproxy/ssl-cert.js';
import { failure, issue, type Issued } from '../../support/issued.js';
import { scriptedSocket, statsProbe, type ScriptedSocket } from '../../support/scripted-socket.js';

/** What HAProxy says where all is well, by the words that a command begins with; without the empty line at the end. */
const well = (sha1: string): Readonly<Record<string, string>> => ({
  'show info': 'Name: HAProxy\nVersion: 2.6.12-1+deb12u4\n',
  'abort ssl cert': 'No ongoing transaction!\n',
  'set ssl cert a.pem.key': 'Transaction updated for certificate a.pem!\n',
  'set ssl cert': 'Transaction created for certificate a.pem!\n',
  'commit ssl cert': 'Committing a.pem..\nSuccess!\n',
  'show ssl cert': `Filename: a.pem\nStatus: Used\nSHA1 FingerPrint: ${sha1}\n`,
});

let socket: ScriptedSocket | undefined;
afterEach(async () => {
  await socket?.stop();
  socket = undefined;
});

interface Told {
  readonly issued: Issued;
  /** In place of what HAProxy says where all is well; `hang` for nothing, '' for a connection closed at once. */
  readonly answers?: Readonly<Record<string, string>>;
}

/** Updates a.pem in a HAProxy that answers as told. */
async function update({ issued, answers = {} }: Told): Promise<readonly string[]> {
  const all = { ...well(issued.sha1), ...answers };
  const starts = Object.keys(all).sort((one, other) => other.length - one.length);
  socket = await scriptedSocket((request, connection) => {
    if (request === 'show proc\n') return void connection.end(statsProbe);
    const answer = all[starts.find((start) => request.startsWith(start)) ?? ''];
    if (answer === '') connection.end();
    else if (answer !== 'hang') connection.end(`${answer ?? 'Unknown command\n'}\n`);
  });
  const runtime = await openRuntime(socket.path, { timeout: 300, clock: systemClock });
  const context = { clock: systemClock, bufsize: 16_384, patience: 0, ours: new Set<string>() };
  await updateCertificate(runtime, { name: 'a.pem', pem: issued.pem }, context);
  return socket.requests;
}

/** The commands but for the probe, without payload. */
const commands = (): readonly string[] =>
  (socket?.requests ?? []).slice(1).map((request) => request.split('\n')[0] ?? '');
const done = [
  'abort ssl cert /dev/null',
  'set ssl cert a.pem <<',
  'show ssl cert *a.pem',
  'commit ssl cert a.pem',
  'show ssl cert a.pem',
];

describe('a transaction', () => {
  it('is begun where none is open, looked at, committed and read back', async () => {
    const issued = await issue('a.test');
    expect((await update({ issued }))[2]).toBe(`set ssl cert a.pem <<\n${issued.pem}\n`);
    expect(commands()).toEqual(done);
  });

  it('may be committed with a warning', async () => {
    const commit = 'Committing a.pem.\nunable to load the DH parameters\nSuccess!\n';
    await update({ issued: await issue('a.test'), answers: { 'commit ssl cert': commit } });
    expect(commands()).toEqual(done);
  });

  it.each<[string, string, string, string]>([
    ['set ssl cert', 'hang', 'runtime-silent', 'without an answer to the set'],
    ['set ssl cert', '', 'runtime-silent', 'cut off at the set'],
    ['commit ssl cert', 'Committing a.pem..\nCannot allocate SSL_CTX\nFailed!\n', 'runtime-rejected', 'that failed'],
    ['commit ssl cert', 'Committing a.pem..\n', 'runtime-rejected', 'without a word of success'],
    ['set ssl cert', 'Permission denied\n', 'runtime-denied', 'that is denied'],
  ])('that ends at %s by %j is %s, and aborted', async (command, answer, code) => {
    const issued = await issue('a.test');
    expect((await failure(update({ issued, answers: { [command]: answer } }), issued)).code).toBe(code);
    expect(commands().at(-1)).toBe('abort ssl cert a.pem');
  });

  it('cut off at the commit is what HAProxy then shows', async () => {
    const [issued, other] = [await issue('a.test'), await issue('a.test')];
    await update({ issued, answers: { 'commit ssl cert': '' } });
    expect(commands().slice(-2)).toEqual(['show ssl cert a.pem', 'show ssl cert a.pem']);
    await socket?.stop();
    const shown = `Filename: a.pem\nStatus: Used\nSHA1 FingerPrint: ${other.sha1}\n`;
    const answers = { 'commit ssl cert': '', 'show ssl cert a.pem': shown };
    expect((await failure(update({ issued, answers }), issued)).code).toBe('runtime-silent');
    expect(commands().at(-1)).toBe('abort ssl cert a.pem');
  });

  it('is no success where HAProxy then shows another certificate, or none', async () => {
    const [issued, other] = [await issue('a.test'), await issue('a.test')];
    for (const shown of [
      `Filename: a.pem\nStatus: Used\nSHA1 FingerPrint: ${other.sha1}\n`,
      'Filename: a.pem\nStatus: Empty\n',
      'Not found\n',
    ]) {
      const answers = { 'show ssl cert a.pem': shown };
      expect((await failure(update({ issued, answers }), issued)).code).toBe('runtime-rejected');
      await socket?.stop();
    }
  });

  it('shows the serial where a version does not tell the SHA-1', async () => {
    const issued = await issue('a.test');
    const serial = (text: string): Told => ({
      issued,
      answers: { 'show ssl cert': `Filename: a.pem\nStatus: Used\nSerial: ${text}\n` },
    });
    await update(serial(new X509Certificate(issued.pem).serialNumber));
    await socket?.stop();
    expect((await failure(update(serial('00')), issued)).code).toBe('runtime-busy');
  });

  it.each([
    ['set ssl cert', 'Transaction updated for certificate b.pem!', 'b.pem'],
    ['set ssl cert', 'Transaction updated for certificate a.pem!', 'a.pem'],
    ['set ssl cert a.pem.key', 'Transaction updated for certificate b.pem!', 'b.pem'],
    ['set ssl cert a.pem.key', 'Transaction created for certificate a.pem!', 'a.pem'],
  ])('of another that was overwritten is aborted, as up to 2.6 %s may do with %j', async (command, answer, aborted) => {
    const issued = await issue('a.test', { type: 'rsa', links: 31 });
    const answers = { [command]: `${answer}\n` };
    expect((await failure(update({ issued, answers }), issued)).code).toBe('runtime-busy');
    expect(commands().slice(-2)).toEqual([
      `${command === 'set ssl cert' ? `${command} a.pem` : command} <<`,
      `abort ssl cert ${aborted}`,
    ]);
  });

  it.each(['set ssl cert', 'commit ssl cert'])('that another begins before %s is left alone', async (command) => {
    const issued = await issue('a.test');
    const answer = "The ongoing transaction is about 'b.pem' but you are trying to set 'a.pem'\nCan't update a.pem!\n";
    expect((await failure(update({ issued, answers: { [command]: answer } }), issued)).code).toBe('runtime-busy');
    expect(commands().at(-1)).toMatch(command);
  });

  it('tells the words of HAProxy without a line of the PEM', async () => {
    const issued = await issue('a.test');
    const line = issued.key.split('\n')[1] ?? '';
    const answers = { 'set ssl cert': `Unknown command: '${line}', but maybe\nCan't update a.pem!\n` };
    const error = await failure(update({ issued, answers }), issued);
    expect(error.details.at(-1)).toBe("Can't update a.pem!");
    expect(error.details).toHaveLength(2);
  });
});

describe('a chain that is larger than the buffer', () => {
  const long = async (): Promise<Issued> => await issue('a.test', { links: 60 });

  it('is sent whole from 3.4 on, in one write, and the key after it', async () => {
    const issued = await long();
    const requests = await update({ issued, answers: { 'show info': 'Version: 3.4.0-1\n' } });
    expect(requests.filter((request) => request.startsWith('set'))).toEqual([
      `set ssl cert a.pem <<\n${issued.chain}\n`,
      `set ssl cert a.pem.key <<\n${issued.key}\n`,
    ]);
  });

  it.each(['2.4.0', '3.3.9', '3.0-dev1', 'unknown'])('is not sent to HAProxy %s', async (version) => {
    const issued = await long();
    const answers = { 'show info': `Version: ${version}\n` };
    expect((await failure(update({ issued, answers }), issued)).code).toBe('runtime-too-large');
    expect(commands()).toEqual(['show info']);
  });

  it('is too large also for 3.4 beyond its payload', async () => {
    const issued = await issue('a.test', { links: 300 });
    const answers = { 'show info': 'Version: 3.4.0\n' };
    expect((await failure(update({ issued, answers }), issued)).code).toBe('runtime-too-large');
    await socket?.stop();
    const said =
      "The payload is too big. Please change 'tune.cli.max-payload-size' in the configuration to use a bigger payload.\n";
    const told = { issued: await long(), answers: { ...answers, 'set ssl cert': said } };
    expect((await failure(update(told), issued)).code).toBe('runtime-too-large');
  });
});

describe('a certificate that could not be taken back', () => {
  it('is told with what went wrong', async () => {
    const issued = await issue('a.test');
    const answers: Readonly<Record<string, string>> = {
      ...well(issued.sha1),
      'show ssl crt-list': '# list.txt\n',
      'new ssl cert': "New empty certificate store 'a.pem'!\n",
      'add ssl crt-list': 'Failed!\n',
      'del ssl cert': "Can't remove the certificate: certificate 'a.pem' in use, can't be deleted!\n",
    };
    socket = await scriptedSocket((request, connection) => {
      const start = Object.keys(answers).find((known) => request.startsWith(known)) ?? '';
      connection.end(request === 'show proc\n' ? statsProbe : `${answers[start] ?? ''}\n`);
    });
    const runtime = await openRuntime(socket.path, { timeout: 300, clock: systemClock });
    const context = { clock: systemClock, bufsize: 16_384, patience: 0, ours: new Set<string>() };
    const lists = [{ list: 'list.txt', line: '' }];
    const error = await failure(addCertificate(runtime, { name: 'a.pem', pem: issued.pem }, lists, context), issued);
    expect(error.code).toBe('runtime-rejected');
    expect(error.details.join('\n')).toMatch(/Failed![^]*in use/);
  });
});
