import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { confirm } from '../../../src-node/cli/confirm.js';

interface Asked {
  readonly input: PassThrough;
  readonly answer: Promise<boolean>;
  readonly shown: () => string;
}

function ask(signal: AbortSignal = new AbortController().signal): Asked {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let shown = '';
  output.on('data', (data: Buffer) => (shown += data.toString()));
  return { input, answer: confirm('Go on?', { input, output }, signal), shown: () => shown };
}

describe('confirm', () => {
  it.each([
    ['\n', true],
    ['y\n', true],
    ['YES\n', true],
    ['n\n', false],
    [' No \n', false],
  ])('%j is %s', async (typed, expected) => {
    const { input, answer } = ask();
    input.write(typed);
    expect(await answer).toBe(expected);
  });

  it('asks again until it is answered', async () => {
    const { input, answer, shown } = ask();
    input.write('perhaps\n');
    await expect.poll(() => shown().split('Go on?').length).toBe(3);
    input.write('n\n');
    expect(await answer).toBe(false);
  });

  it('takes the end of input for a no', async () => {
    const { input, answer } = ask();
    input.end();
    expect(await answer).toBe(false);
  });

  it("ends with the signal's reason", async () => {
    const controller = new AbortController();
    const { answer } = ask(controller.signal);
    controller.abort(new Error('the user wants to stop'));
    await expect(answer).rejects.toThrow('the user wants to stop');
  });
});
