import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../../src-node/haproxy/command-line.js';

const read = (text: string): ReturnType<typeof readCommandLine> =>
  readCommandLine(['/usr/sbin/haproxy', ...text.split(' ')]);

describe('the command line of a HAProxy', () => {
  it('names configuration files by -f, and after -- to its end', () => {
    expect(read('-f a.cfg -D -f /etc/b.cfg -p pid -- c.cfg -d.cfg').files).toEqual([
      'a.cfg',
      '/etc/b.cfg',
      'c.cfg',
      '-d.cfg',
    ]);
  });

  it('names the master CLI without its options', () => {
    expect(read('-W -S /run/master.sock,level,operator -f a.cfg').masterSocket).toBe('/run/master.sock');
    expect(read('-W -f -S').masterSocket).toBeUndefined();
  });

  it.each([
    ['-D -f a.cfg -p pid', ''],
    ['-sf 12 13 -x /run/s.sock -D -f a.cfg', ''],
    ['-L lb1 -n 500 -N 300 -m 2048 -C /etc/haproxy -f a.cfg', '-L lb1 -n 500 -N 300 -m 2048 -C /etc/haproxy'],
    ['-C conf -f a.cfg', ''],
    [
      '-de -dp -dS -dG -dR -dr -dV -dW -dI -dF -dZ -4 -dMno-merge -dM',
      '-de -dp -dS -dG -dR -dr -dV -dW -dI -dF -dZ -4 -dMno-merge -dM',
    ],
    ['-db -d -dD -dL -dKall -dt h1 -q -V -W -Ws -S /m.sock -v -c', ''],
    ['-L -W -f a.cfg', '-L -W'],
  ])('%s passes on to a successor: %s', (text, wanted) => {
    expect(read(text).inherited.join(' ')).toBe(wanted);
  });
});
