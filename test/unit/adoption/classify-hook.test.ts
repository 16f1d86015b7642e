import { describe, expect, it } from 'vitest';
import { classifyHook, classifySchedule } from '../../../src-node/adoption/classify-hook.js';

const none = new Map<string, string>();

/** Files that it writes. */
function bundlesOf(text: string, scripts: ReadonlyMap<string, string> = none): readonly string[] {
  const found = classifyHook(text, scripts);
  return found.kind === 'bundle-and-reload' ? found.bundles.map(({ path }) => path) : [found.kind];
}

/** What it does to HAProxy. */
function actsOf(text: string): readonly string[] {
  const found = classifyHook(text, none);
  return found.kind === 'other' ? ['other'] : [...found.acts];
}

const refreshAll = `#!/bin/sh

HA_PROXY_DIR=/usr/share/haproxy
LE_DIR=/usr/share/haproxy/letsencrypt/live
DOMAINS=$(ls -I README \${LE_DIR})

# one bundle for each
for DOMAIN in \${DOMAINS}
do
 cat \${LE_DIR}/\${DOMAIN}/fullchain.pem \${LE_DIR}/\${DOMAIN}/privkey.pem > \${HA_PROXY_DIR}/certs.d/\${DOMAIN}.pem
done

exec service haproxy restart
`;

describe('a hook that bundles', () => {
  it.each([
    [
      'by cat',
      'cat /etc/letsencrypt/live/a.test/fullchain.pem /etc/letsencrypt/live/a.test/privkey.pem > /etc/haproxy/a.pem',
      ['/etc/haproxy/a.pem'],
    ],
    [
      'of a variable, by a shell that root runs',
      `DOMAIN='a.test'\nsudo -E bash -c "cat /le/live/$DOMAIN/fullchain.pem /le/live/$DOMAIN/privkey.pem > /certs/$DOMAIN.pem"\nsudo chmod -R go-rwx /certs`,
      ['/certs/a.test.pem'],
    ],
    [
      'of a variable that is set for that shell',
      `DOMAIN='a.test' sudo -E bash -c 'cat /le/live/$DOMAIN/fullchain.pem /le/live/$DOMAIN/privkey.pem > /certs/$DOMAIN.pem'`,
      ['/certs/a.test.pem'],
    ],
    [
      'over several lines, key first',
      'sudo cat \\\n  /le/live/a.test/privkey.pem \\\n  /le/live/a.test/fullchain.pem > \\\n  /home/a.pem\nsudo haproxy -f ./haproxy.cfg -sf $(pidof haproxy)',
      ['/home/a.pem'],
    ],
    ['in the lineage', 'cd $RENEWED_LINEAGE && cat fullchain.pem privkey.pem > /certs/a.pem', ['/certs/a.pem']],
    [
      'by tee, for whichever lineage',
      'cat $RENEWED_LINEAGE/{fullchain,privkey}.pem | sudo tee /certs/$(basename "$RENEWED_LINEAGE").pem >/dev/null',
      ['/certs/*.pem'],
    ],
    [
      'under another name first',
      'cat a/privkey.pem a/cert.pem a/chain.pem > /certs/.new && chmod 600 /certs/.new && mv -f /certs/.new /certs/a.pem',
      ['/certs/a.pem'],
    ],
    [
      'where it is wanted',
      'if [ -d /certs ] && [[ $x == y ]]; then cat a/privkey.pem a/cert.pem >/certs/a.pem; fi 2>&1',
      ['/certs/a.pem'],
    ],
  ])('%s', (_, text, expected) => {
    expect(bundlesOf(text)).toEqual(expected);
  });

  it('in a script, with a loop', () => {
    const found = classifyHook('/usr/bin/refresh', new Map([['/usr/bin/refresh', refreshAll]]));
    expect(found).toMatchObject({ kind: 'bundle-and-reload', bundles: [{ path: '/usr/share/haproxy/certs.d/*.pem' }] });
    expect(found.kind === 'bundle-and-reload' && [...found.acts]).toEqual(['reload']);
  });
});

describe('a hook that acts on HAProxy', () => {
  it.each([
    ['service haproxy reload', 'reload'],
    ['systemctl restart haproxy', 'reload'],
    ['/bin/systemctl --no-block reload-or-restart haproxy.service', 'reload'],
    ['systemctl is-active --quiet haproxy && sudo systemctl reload haproxy || true', 'reload'],
    ['/etc/init.d/haproxy reload > /dev/null 2>&1', 'reload'],
    ['kill -USR2 $(cat /run/haproxy.pid)', 'reload'],
    ['kill -s HUP `pidof haproxy`', 'reload'],
    ['haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy', 'reload'],
    ['service haproxy stop', 'stop'],
    ['service haproxy start', 'start'],
  ])('%s', (text, act) => {
    expect(actsOf(text)).toEqual([act]);
  });
});

describe('what does more, or is not understood, is other', () => {
  it.each([
    'systemctl reload nginx',
    'systemctl reload haproxy nginx',
    'systemctl reload haproxy; curl https://example.com/done',
    'cat a/privkey.pem a/cert.pem > /certs/a.pem; rm -rf /',
    'cat a/privkey.pem a/cert.pem > /certs/a.pem; rm -r /certs',
    'cat a/privkey.pem a/cert.pem > /certs/a.pem; chmod 644 /etc/shadow',
    'cat a/privkey.pem a/cert.pem dhparams.pem > /certs/a.pem',
    'cat a/privkey.pem > /certs/a.key',
    'cat a/privkey.pem a/cert.pem > /certs/a.pem; echo done > /etc/motd',
    'echo done > /var/log/../../etc/motd; service haproxy reload',
    'cat a/privkey.pem a/cert.pem > /certs/a.pem; $COMMAND',
    'cat a/privkey.pem a/cert.pem > /certs/a.pem; eval "$x"',
    'systemctl reload haproxy $(touch /tmp/x)',
    'echo "$(scp a b:)" && service haproxy reload',
    'reload() { service haproxy reload; }; reload',
    'case $x in *) service haproxy reload;; esac',
    'cat <<EOT\nEOT\nservice haproxy reload',
    'service haproxy reload "unclosed',
    '/usr/local/bin/unknown',
    'sed -i s/a/b/ /etc/haproxy/haproxy.cfg; service haproxy reload',
    'find /certs -delete; service haproxy reload',
    'kill -USR2 1',
    'kill -9 $(pidof haproxy)',
    'certbot renew && service haproxy reload',
    'echo nothing',
    '',
  ])('%s', (text) => {
    expect(classifyHook(text, none).kind).toBe('other');
  });

  it('and names programs, not what they are given', () => {
    const found = classifyHook('curl -H "X-Token: s3cret" https://u:s3cret@example.com; service haproxy reload', none);
    expect(found).toEqual({ kind: 'other', because: ['curl'], touchesHaproxy: true });
  });

  it('ends with scripts that call one another', () => {
    const scripts = new Map([
      ['/a', '/b'],
      ['/b', '/a'],
    ]);
    expect(classifyHook('/a', scripts).kind).toBe('other');
  });
});

describe('a schedule', () => {
  it("of Debian's cron line renews, and does nothing under systemd", () => {
    const text = `test -x /usr/bin/certbot -a \\! -d /run/systemd/system && perl -e 'sleep int(rand(43200))' && certbot -q renew`;
    expect(classifySchedule(text, none)).toMatchObject({ kind: 'renewal', idleUnderSystemd: true });
  });

  it.each([
    ['/root/letsencrypt/certbot-auto renew', none],
    ['/usr/bin/snap run --timer="00:00~24:00/2" certbot.renew', none],
    ["python3 -c 'import random; import time; time.sleep(random.random() * 3600)' && certbot renew -q", none],
    [
      'flock -n /run/lock/le nice -n 19 certbot renew --post-hook "systemctl reload haproxy" >> /var/log/le.log 2>&1',
      none,
    ],
    [
      'test -x /usr/bin/certbot && certbot -c /usr/local/etc/cli.ini -q renew && refresh',
      new Map([['refresh', refreshAll]]),
    ],
    [
      '/etc/haproxy/ssl/renew.sh',
      new Map([
        [
          '/etc/haproxy/ssl/renew.sh',
          `certbot renew --pre-hook "service haproxy stop" --post-hook "service haproxy start"\nDOMAIN='a.test' sudo -E bash -c 'cat /le/live/$DOMAIN/fullchain.pem /le/live/$DOMAIN/privkey.pem > /certs/$DOMAIN.pem'\n`,
        ],
      ]),
    ],
  ])('that renews and at most gives HAProxy the certificate: %s', (text, scripts) => {
    expect(classifySchedule(text, scripts)).toMatchObject({ kind: 'renewal', idleUnderSystemd: false });
  });

  it.each([
    'certbot renew && rsync -a /etc/letsencrypt other:',
    'certbot renew --deploy-hook "curl https://example.com"',
    'docker run certbot/certbot renew',
    'certbot renew ;; ',
  ])('that does more: %s', (text) => {
    expect(classifySchedule(text, none).kind).toBe('mixed');
  });

  it.each([
    ['certbot certificates', 'unrelated'],
    ['certbot renew --dry-run', 'unrelated'],
    ['run-parts /etc/cron.daily', 'unrelated'],
    ['find /var/log/letsencrypt -delete', 'unrelated'],
    ['{ sleep 5; haproxy-acme renew -q; }', 'ours'],
    ['cat a/privkey.pem a/cert.pem > /certs/a.pem', 'haproxy'],
  ])('%s is %s', (text, kind) => {
    expect(classifySchedule(text, none).kind).toBe(kind);
  });

  it('tells on which directory it runs certbot', () => {
    const found = classifySchedule('certbot renew --config-dir=/srv/le -c /etc/le.ini', none);
    expect(found).toMatchObject({ runs: [{ configDir: '/srv/le', configFiles: ['/etc/le.ini'] }] });
  });
});
