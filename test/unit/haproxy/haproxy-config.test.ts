import { describe, expect, it } from 'vitest';
import { readHaproxyConfig, type HaproxyConfig, type TlsBind } from '../../../src-node/haproxy/haproxy-config.js';

const cwd = '/start';
const env = { PORT: '8443', NAMES: 'ssl strict-sni' };

function read(...texts: readonly string[]): HaproxyConfig {
  return readHaproxyConfig(
    texts.map((text, index) => ({ path: `/etc/haproxy/${index + 1}.cfg`, text })),
    { env, cwd },
  );
}

function binds(text: string): readonly TlsBind[] {
  return read(text).tlsBinds;
}

function endpoints(address: string): TlsBind['endpoints'] {
  return binds(`frontend f\n bind ${address} ssl crt a.pem\n`)[0]?.endpoints ?? [];
}

describe('servers', () => {
  it.each<[string, HaproxyConfig['servers']]>([
    ['127.0.0.1:8888', [{ host: '127.0.0.1', port: 8888 }]],
    ['ipv4@127.0.0.1:8888 check', [{ host: '127.0.0.1', port: 8888 }]],
    ['localhost:8888', [{ host: 'localhost', port: 8888 }]],
    ['[::1]:8888', [{ host: '::1', port: 8888 }]],
    ['::1:8888', [{ host: '::1', port: 8888 }]],
    ['tcp6@[::1]:8888', [{ host: '::1', port: 8888 }]],
    ['"127.0.0.1:${PORT}"', [{ host: '127.0.0.1', port: 8443 }]],
    ['127.0.0.1:$PORT', [{ host: '127.0.0.1', port: 8443 }]],
    ['/run/app.sock', []],
    ['unix@/run/app:80', []],
    ['udp@127.0.0.1:8888', []],
    ['0.0.0.0:8888', []],
    ['*:8888', []],
    [':8888', []],
    [':::8888', []],
    ['127.0.0.1', []],
    ['127.0.0.1:+1', []],
    ['127.0.0.1:0', []],
    ['127.0.0.1:65536', []],
  ])('lead to %s', (address, expected) => {
    expect(read(`backend b\n server s ${address}\n`).servers).toEqual(expected);
  });

  it('are those of backends and listens', () => {
    const sections = ['backend a', 'listen b', 'peers c', 'frontend d', 'defaults', 'ring e', 'global'];
    const text = sections.map((section, index) => `${section}\n server s 10.0.0.1:${index + 1}\n`).join('');
    expect(read(text).servers.map(({ port }) => port)).toEqual([1, 2]);
  });
});

describe('binds', () => {
  it('are told with their place, their certificates and their ways', () => {
    const text = [
      'frontend https',
      '  bind :80',
      '  bind :443,[::]:443 accept-proxy alpn h2 ssl crt /a.pem default-crt b.pem crt-list l.txt crt dir/ strict-sni',
      'backend b',
      '  server s 10.0.0.1:443 ssl crt client.pem',
    ];
    expect(binds(text.join('\n'))).toEqual([
      {
        file: '/etc/haproxy/1.cfg',
        line: 3,
        section: 'frontend https',
        endpoints: [
          { host: '127.0.0.1', port: 443 },
          { host: '::1', port: 443 },
        ],
        crts: ['/a.pem', 'b.pem', 'dir/'],
        crtLists: ['l.txt'],
        strictSni: true,
        acceptProxy: true,
        directory: cwd,
      },
    ]);
  });

  it.each<[string, TlsBind['endpoints']]>([
    ['*:443', [{ host: '127.0.0.1', port: 443 }]],
    ['0.0.0.0:443', [{ host: '127.0.0.1', port: 443 }]],
    ['192.0.2.1:443', [{ host: '192.0.2.1', port: 443 }]],
    ['localhost:443', [{ host: 'localhost', port: 443 }]],
    [':::443', [{ host: '::1', port: 443 }]],
    ['ipv6@:443', [{ host: '::1', port: 443 }]],
    ['ipv4@*:443', [{ host: '127.0.0.1', port: 443 }]],
    ['2001:db8::1:443', [{ host: '2001:db8::1', port: 443 }]],
    ['[2001:db8::1]:443', [{ host: '2001:db8::1', port: 443 }]],
    ['tcp6@[::1]:443', [{ host: '::1', port: 443 }]],
    ['stream+ipv4@192.0.2.1:443', [{ host: '192.0.2.1', port: 443 }]],
    [':8443-8445', [8443, 8444, 8445].map((port) => ({ host: '127.0.0.1', port }))],
    ['127.0.0.1:$PORT,"127.0.0.2:${PORT}"', ['127.0.0.1', '127.0.0.2'].map((host) => ({ host, port: 8443 }))],
    ['/run/a.sock', [{ path: '/run/a.sock' }]],
    ['unix@a.sock', [{ path: '/start/a.sock' }]],
  ])('are reached at %s', (address, expected) => {
    expect(endpoints(address)).toEqual(expected);
  });

  it.each(['quic4@:443', 'quic6@:443', 'udp@:443', 'dgram+ipv4@:443', 'fd@3', 'abns@x', 'sockpair@4', '443', ':0'])(
    'are not reached at %s',
    (address) => {
      expect(endpoints(address)).toEqual([]);
      expect(binds(`frontend f\n bind ${address} ssl crt a.pem\n`)).toHaveLength(1);
    },
  );

  it('have unix paths behind the prefix', () => {
    const text = 'global\n unix-bind mode 600 prefix /jail\nfrontend f\n bind /a.sock ssl crt a.pem\n';
    expect(binds(text)[0]?.endpoints).toEqual([{ path: '/jail/a.sock' }]);
  });

  it('take a keyword for a value where one belongs', () => {
    expect(binds('frontend f\n bind :443 name ssl\n')).toEqual([]);
    expect(binds('frontend f\n bind :443 ssl crt crt-list crt-list crt\n')[0]).toMatchObject({
      crts: ['crt-list'],
      crtLists: ['crt'],
    });
  });

  it('are found in each kind of section that has them', () => {
    const text = ['listen', 'frontend', 'peers', 'log-forward', 'backend', 'ring', 'defaults'].map(
      (kind) => `${kind} x\n bind :443 ssl crt a.pem\n`,
    );
    const expected = ['listen x', 'frontend x', 'peers x', 'log-forward x'];
    expect(binds(text.join('')).map(({ section }) => section)).toEqual(expected);
  });

  it('of peers have the certificates of default-bind', () => {
    const found = binds('peers p\n default-bind ssl crt a.pem\n bind :10000 crt b.pem\n');
    expect(found.map(({ endpoints, crts }) => [endpoints.length, crts])).toEqual([
      [0, ['a.pem']],
      [1, ['a.pem', 'b.pem']],
    ]);
  });

  it('have the certificates that ssl-f-use gives to the section', () => {
    const text = [
      'global\n crt-base /base',
      'frontend f\n bind :1 ssl\n ssl-f-use crt a.pem\n bind :2 ssl crt b.pem\n bind :3',
      'frontend g\n bind :4 ssl crt c.pem',
    ];
    const crts = binds(text.join('\n')).map((bind) => bind.crts);
    expect(crts).toEqual([['/base/a.pem'], ['/base/b.pem', '/base/a.pem'], ['/base/c.pem']]);
  });

  it('of a disabled section are reached nowhere, wherever the keyword stands', () => {
    const frontend = (name: string, rest = ''): string => `frontend ${name}\n bind :443 ssl crt a.pem\n${rest}`;
    const text = [
      frontend('a'),
      frontend('b', ' disabled\n'),
      'defaults off\n disabled\n',
      frontend('c'),
      frontend('d', ' enabled\n'),
      'defaults on\n',
      frontend('e'),
      frontend('f from off'),
      'defaults from off\n',
      frontend('g'),
    ];
    const reached = binds(text.join('')).filter((bind) => bind.endpoints.length > 0);
    expect(reached.map(({ section }) => section)).toEqual(['frontend a', 'frontend d', 'frontend e']);
  });

  it('are strict by ssl-default-bind-options, wherever it stands, unless they say no', () => {
    const text = 'frontend f\n bind :1 ssl\n bind :2 ssl no-strict-sni\nglobal\n ssl-default-bind-options strict-sni\n';
    expect(binds(text).map(({ strictSni }) => strictSni)).toEqual([true, false]);
    expect(binds('frontend f\n bind :1 ssl\n')[0]?.strictSni).toBe(false);
  });
});

describe('names', () => {
  it('begin with crt-base, the first one, unless they are absolute or stored', () => {
    const text =
      'global\n crt-base /base/\n crt-base /other\nfrontend f\n bind :1 ssl crt a crt /b crt @/c crt-list l\n';
    expect(binds(text)[0]).toMatchObject({ crts: ['/base//a', '/b', '@/c'], crtLists: ['l'] });
    expect(read(text).crtBase).toBe('/base/');
    expect(binds('frontend f\n bind :1 ssl crt a\nglobal\n crt-base /late\n')[0]?.crts).toEqual(['a']);
  });

  it.each<[string, string]>([
    ['current', '/start'],
    ['config', '/etc/haproxy'],
    ['parent', '/etc'],
    ['origin /srv', '/srv'],
    ['origin srv', '/start/srv'],
    ['nonsense', '/start'],
  ])('are relative to default-path %s', (policy, directory) => {
    const files = [`global\n default-path ${policy}\n`, 'frontend f\n bind :1 ssl crt a\n'];
    expect(read(...files).tlsBinds[0]?.directory).toBe(directory);
  });

  it('are relative to where HAProxy was started for a configuration named without a directory', () => {
    const at = (policy: string): string | undefined => {
      const text = `global\n default-path ${policy}\nfrontend f\n bind :1 ssl crt a\n`;
      return readHaproxyConfig([{ path: 'haproxy.cfg', text }], { env, cwd: '/start/here' }).tlsBinds[0]?.directory;
    };
    expect([at('config'), at('parent')]).toEqual(['/start/here', '/start']);
  });
});

describe('stored certificates', () => {
  it('are named by their alias or their file', () => {
    const text = [
      'global\n crt-base /base\n key-base /keys',
      'crt-store\n load crt a.pem alias ay key a.key\n load crt b.pem',
      'crt-store web\n crt-base /web\n load alias crt crt c.pem\n load crt d.pem\n load crt /e.pem key /e.key\n load key x',
    ];
    expect(read(text.join('\n')).storedCertificates).toEqual([
      { name: '@/ay', crt: '/base/a.pem', key: '/keys/a.key', directory: cwd },
      { name: '/base/b.pem', crt: '/base/b.pem', key: undefined, directory: cwd },
      { name: '@web/crt', crt: '/web/c.pem', key: undefined, directory: cwd },
      { name: '@web/d.pem', crt: '/web/d.pem', key: undefined, directory: cwd },
      { name: '@web/e.pem', crt: '/e.pem', key: '/e.key', directory: cwd },
    ]);
  });
});

describe('the global section', () => {
  it('tells the stats sockets that we can use', () => {
    const text = [
      'global',
      ' stats socket /run/a.sock mode 660 level admin expose-fd listeners',
      ' stats socket ipv4@*:9999,[::1]:9998 level user',
      ' stats socket :9997 user level',
      ' stats socket :9996 ssl crt a.pem level admin',
      ' stats socket abns@x level admin',
      ' stats timeout 30s',
    ];
    expect(read(text.join('\n')).statsSockets).toEqual([
      { address: '/run/a.sock', level: 'admin', exposesListeners: true },
      { address: '127.0.0.1:9999', level: 'user', exposesListeners: false },
      { address: '[::1]:9998', level: 'user', exposesListeners: false },
      { address: '127.0.0.1:9997', level: 'operator', exposesListeners: false },
    ]);
  });

  it('may come several times, and settings have defaults', () => {
    const nothing = { hardStopAfter: false, bufsize: 16_384, chroot: undefined, masterWorker: false };
    expect(read('')).toMatchObject(nothing);
    const text = ['global\n chroot /a\n master-worker no-exit-on-failure', 'global\n chroot /b\n tune.bufsize 32768'];
    const found = { hardStopAfter: true, bufsize: 32_768, chroot: '/a', masterWorker: true };
    expect(read(...text, 'global\n hard-stop-after 30s')).toMatchObject(found);
    expect(read('global\n tune.bufsize 32k').bufsize).toBe(32_768);
  });

  it('ends with its file', () => {
    expect(read('global\n', ' chroot /a\n').chroot).toBeUndefined();
  });
});

describe('the environment', () => {
  const crts = (text: string): readonly string[] | undefined =>
    binds(`${text}\nfrontend f\n bind :1 ssl crt "$X"\n`)[0]?.crts;

  it('changes from line to line', () => {
    expect(crts('global\n setenv X a\n setenv X "$X$X"')).toEqual(['aa']);
    expect(crts('global\n presetenv X a\n presetenv X b')).toEqual(['a']);
    expect(crts('global\n setenv X a\n unsetenv PORT X')).toEqual([]);
    expect(crts('global\n setenv X a\n resetenv PORT')).toEqual([]);
    expect(crts('global\n setenv X a\n resetenv X')).toEqual(['a']);
    expect(crts('defaults\n setenv X a')).toEqual([]);
    expect(env).not.toHaveProperty('X');
  });

  it('knows the file, the line and the section', () => {
    expect(binds('frontend f\n bind :1 ssl crt "${.FILE}" crt "${.LINE}" crt "${.SECTION}"\n')[0]?.crts).toEqual([
      '/etc/haproxy/1.cfg',
      '2',
      'f',
    ]);
    expect(read('global\n chroot "${.SECTION}"\n').chroot).toBe('global');
  });

  it('gives several words where it is asked to', () => {
    expect(binds('frontend f\n bind :1 "${NAMES[*]}" crt a\n')[0]?.strictSni).toBe(true);
  });
});

describe('conditions', () => {
  const lines = (text: string): readonly (string | undefined)[] =>
    binds(`frontend f\n${text.replace(/[a-z]\d/g, ' bind :1 ssl crt $&\n')}`).map((bind) => bind.crts[0]);

  it('choose a branch', () => {
    expect(lines('.if defined(PORT)\na1.else\nb1.endif\nc1')).toEqual(['a1', 'c1']);
    expect(lines('.if streq("$PORT",1)\na1.elif streq("$PORT",8443)\nb1.elif 1\nc1.else\nd1.endif\n')).toEqual(['b1']);
    expect(lines('.if "$NONE"\na1.else\nb1.endif\n')).toEqual(['b1']);
    expect(lines('.if 0\n.if 1\na1.endif\nb1.else\nc1.endif\n')).toEqual(['c1']);
    expect(lines('.notice "x"\n.diag y\na1')).toEqual(['a1']);
  });

  it('that cannot be decided take every branch that may be taken', () => {
    expect(lines('.if version_atleast(3.0)\na1.else\nb1.endif\nc1')).toEqual(['a1', 'b1', 'c1']);
    expect(lines('.if feature(X)\na1.elif 0\nb1.elif 1\nc1.else\nd1.endif\n')).toEqual(['a1', 'c1']);
    expect(lines('.if defined(HAPROXY_MWORKER)\na1.else\nb1.endif\n')).toEqual(['a1', 'b1']);
    expect(lines('.if streq("${HAPROXY_BRANCH-2.4}",3.0)\na1.else\nb1.endif\n')).toEqual(['a1', 'b1']);
  });

  it('that nobody would write harm nothing', () => {
    expect(lines('.else\na1.endif\n.endif\n.elif 1\nb1.if\nc1')).toEqual(['a1', 'b1']);
  });
});

describe('what HAProxy rejects', () => {
  it('is passed over', () => {
    const text =
      ' bind :1 ssl crt a\nfrontend\n bind\n bind :2 ssl crt\n bind "open ssl\n[scope]\n bind :3 ssl crt c\nload crt x\n';
    expect(binds(text).map(({ line, crts }) => [line, crts])).toEqual([
      [4, []],
      [7, ['c']],
    ]);
  });
});
