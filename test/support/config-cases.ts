import { loopback } from './loopback.js';

/** A configuration that HAProxy takes, and what it needs to start. */
export interface ConfigCase {
  readonly title: string;
  /** The certificate of each bundle, by its path below the case's directory. */
  readonly bundles: Readonly<Record<string, (typeof certificates)[number]>>;
  /** Links, by their paths. */
  readonly links?: Readonly<Record<string, string>>;
  readonly crtLists?: Readonly<Record<string, string>>;
  /** `{1}` is an address with a free port, `{p1}` that port alone, `{dir}` the case's directory. */
  readonly config: readonly string[];
  /** The first version of HAProxy that takes it. */
  readonly since?: `${number}.${number}`;
}

/** What sections need to be valid. */
export const proxies = 'defaults\n mode http\n timeout client 5s\n timeout connect 5s\n timeout server 5s\n';
const twoBundles = { 'certs/a.pem': 'a', 'certs/b.pem': 'b' } as const;

/** Certificates by name, each for NAME.test. */
export const certificates = ['a', 'b', 'c', 'd'] as const;

export const configCases: readonly ConfigCase[] = [
  {
    title: 'directories, with any slashes, and files',
    bundles: { ...twoBundles, 'else/c.pem': 'c' },
    config: [
      `frontend f\n bind {1} ssl crt certs//\n bind {2} ssl crt ./certs/\n bind {3} ssl crt {dir}/certs crt ./else//c.pem\n`,
    ],
  },
  {
    title: 'crt-base with files, directories and a crt-list, whose own path it does not touch',
    bundles: { ...twoBundles, 'certs/sub/c.pem': 'c' },
    crtLists: { 'lists/l.txt': '# list\n\n ./a.pem [alpn h2] a.test !x.test\n{dir}/certs/b.pem b.test\n' },
    config: [
      'global\n crt-base {dir}/certs/\n',
      'frontend f\n bind {1} ssl crt a.pem crt sub/\n bind {2} ssl strict-sni crt-list lists/l.txt\n',
    ],
  },
  {
    title: 'default-path, with a crt-list and a configuration in two files',
    bundles: { 'conf/certs/a.pem': 'a', 'conf/more/b.pem': 'b' },
    crtLists: { 'conf/l.txt': 'more/b.pem\n' },
    config: [
      'global\n default-path origin conf\n',
      'frontend f\n bind {1} ssl crt certs/\n bind {2} ssl crt-list l.txt crt certs/a.pem\n',
    ],
  },
  {
    title: 'links to a directory and to a file',
    bundles: twoBundles,
    links: { linked: 'certs', 'one.pem': 'certs/a.pem' },
    config: ['frontend f\n bind {1} ssl crt linked/\n bind {2} ssl crt one.pem\n'],
  },
  {
    title: 'files of which only the common part is named',
    bundles: { 'certs/a.pem.ecdsa': 'a', 'certs/b.pem': 'b' },
    crtLists: { 'l.txt': 'certs/a.pem a.test\n' },
    config: ['frontend f\n bind {1} ssl crt certs/a.pem\n bind {2} ssl crt certs/b.pem crt-list l.txt\n'],
  },
  {
    title: 'addresses of each form',
    bundles: twoBundles,
    config: [
      `global\n setenv PORT {p1}\n setenv HOST ${loopback}\n unix-bind prefix {dir}/run-\n`,
      'frontend f\n bind $HOST:$PORT,${HOST}:{p2} ssl crt certs/a.pem\n bind "${HOST}:{p3}" ssl crt certs/b.pem\n',
      ` bind *:{p4} name ssl\n bind :{p5} ssl crt certs\n bind [::]:{p6} v6only ssl crt certs\n bind ipv6@:{p7} v6only ssl crt certs\n`,
      ` bind ipv4@{8} ssl crt certs\n bind 0.0.0.0:{p9} ssl strict-sni crt certs\n bind unix@a.sock ssl crt certs\n`,
      ` bind abns@haproxy-acme-${process.pid} ssl crt certs\n bind {10} accept-proxy ssl crt certs/a.pem\n`,
    ],
  },
  {
    title: 'sections that are disabled, themselves or by their defaults',
    bundles: twoBundles,
    config: [
      'frontend f\n bind {1} ssl crt certs/a.pem\nfrontend g\n bind {2} ssl crt certs/b.pem\n disabled\n',
      'listen h\n bind {3} ssl crt certs/a.pem\n server s 127.0.0.1:1\n',
      'defaults off\n disabled\n timeout client 5s\nfrontend i\n bind {4} ssl crt certs/b.pem\n',
      'frontend j\n bind {5} ssl crt certs/b.pem\n enabled\n',
      `${proxies}frontend k\n bind {6} ssl crt certs/b.pem\n`,
    ],
  },
  {
    title: 'conditions and variables',
    bundles: twoBundles,
    config: [
      'global\n setenv WITH_SSL yes\n presetenv WITH_SSL no\n setenv NAMES "certs/a.pem strict-sni"\n',
      'frontend f\n.if streq("$WITH_SSL",yes) && !defined(NONE)\n bind {1} ssl crt "${NAMES[*]}"\n.else\n bind {2}\n.endif\n',
      '.if version_before(1.0)\n.elif 0\n bind {3} ssl crt certs/a.pem\n.else\n bind {4} ssl crt "certs/${NONE-b}.pem"\n.endif\n',
      `frontend a\n bind {5} ssl crt 'certs'/"\${.SECTION}"\\x2epem # crt certs/b.pem\n`,
    ],
  },
  {
    title: 'peers with default-bind',
    bundles: { ...twoBundles, 'certs/c.pem': 'c' },
    config: [
      'global\n localpeer me\npeers p\n default-bind ssl crt certs/a.pem\n bind {1} crt certs/b.pem\n server me\n',
      `${proxies}backend b\n stick-table type ip size 1k peers p\nfrontend f\n bind {2} ssl crt certs/c.pem\n`,
    ],
  },
  {
    title: 'stores',
    since: '3.0',
    bundles: { ...twoBundles, 'certs/c.pem': 'c', 'certs/d.pem': 'd' },
    crtLists: { 'l.txt': '@web/bee b.test\nd.pem [ocsp-update off] d.test\n' },
    config: [
      'global\n crt-base {dir}/certs\ncrt-store\n load crt a.pem alias ay\n load crt c.pem\n',
      'crt-store web\n crt-base ./certs/\n load alias bee crt b.pem\n load crt {dir}/certs/d.pem\n load crt a.pem\n',
      'frontend f\n bind {1} ssl crt @/ay\n bind {2} ssl crt-list l.txt\n bind {3} ssl default-crt c.pem crt "@web/bee"\n',
      ' bind {4} ssl crt @web/a.pem\n',
    ],
  },
  {
    title: 'certificates of ssl-f-use',
    since: '3.2',
    bundles: twoBundles,
    config: ['frontend f\n bind {1} ssl\n ssl-f-use crt certs/a.pem\n bind {2} ssl crt certs/b.pem\n'],
  },
  {
    title: 'a default certificate before a directory, redirection and a challenge server',
    bundles: { 'default.pem': 'd', 'certs.d/a.pem': 'a', 'certs.d/b.pem': 'b' },
    config: [
      'global\n maxconn 999\n ca-base /etc/ssl/certs\n crt-base /etc/ssl/private\n',
      `${proxies} timeout tunnel  1h    # timeout to use with WebSocket and CONNECT\n default-server init-addr none\n`,
      'listen stats\n bind *:{p1}\n stats enable\n stats hide-version\n stats uri /stats\n',
      'frontend http-in\n bind *:{p2}\n acl challenge path_beg /.well-known/acme-challenge/\n',
      ' http-request redirect scheme https if !challenge { env(FORCE_HTTPS_REDIRECT) -m str true }\n use_backend le if challenge\n',
      'frontend https_in\n  bind *:{p3} ssl crt {dir}/default.pem crt {dir}/certs.d/ ssl-min-ver TLSv1.2 alpn h2,http/1.1\n',
      '  option forwardfor\n  default_backend le\nbackend le\n  server le_srv 127.0.0.1:8090\n',
    ],
  },
  {
    title: 'one file on three binds of as many frontends, named by a variable',
    bundles: { 'certs/a.pem': 'a' },
    config: [
      'global\n    setenv DOMAIN a\n',
      `${proxies}    timeout client-fin 5000\nlisten stats\n    bind :{p1} \n    mode http\n    stats realm Haproxy\\ Statistics\n`,
      'frontend rtmp_lb\n    bind *:{p2} \n    mode tcp\n    default_backend b\nfrontend http_lb_origin\n    bind *:{p3}\n    mode http\n',
      'frontend frontend_origin_https\n    bind *:{p4} ssl crt "{dir}/certs/$DOMAIN.pem"\n    default_backend b\n',
      'frontend frontend_edge_https\n    bind *:{p5} ssl crt "{dir}/certs/${DOMAIN}.pem"\n    default_backend b\n',
      'backend b\n    balance leastconn\n    server origin1 127.0.0.1:5080 check\n',
      'frontend frontend_dashboard\n    bind *:{p6} ssl crt "{dir}/certs/${DOMAIN-b}.pem"\n    default_backend b\n',
    ],
  },
  {
    title: 'one file on one address',
    bundles: { 'ssl/a.pem': 'a' },
    config: [
      `${proxies}  option forwardfor\nfrontend www-http\n  bind {1}\n  http-request add-header X-Forwarded-Proto http\n`,
      'frontend www-https\n  bind {2} ssl crt {dir}/ssl/a.pem\n  default_backend web-backend\n',
      'backend web-backend\n  redirect scheme https if !{ ssl_fc }\n  server web-1  127.0.0.1:80 check\n',
    ],
  },
  {
    title: 'tabs, and a file without an ending',
    bundles: { 'a.test': 'a' },
    config: [
      `${proxies}frontend        http\n\t\tbind\t\t*:{p1}\n                acl\t\turl_acme path_beg /.well-known/acme-challenge/\n`,
      'frontend        https\n#                bind\t\t*:{p2}   (before)\n                 bind\t\t*:{p3}   ssl crt {dir}/a.test\n',
    ],
  },
  {
    title: 'a directory on the HTTPS frontend',
    bundles: { 'cert/a.pem': 'a', 'cert/b.pem': 'b' },
    config: [
      `${proxies}frontend http-in\n    bind {1}\n    acl app_letsencrypt  path_beg   /.well-known/acme-challenge/\n    use_backend bk if app_letsencrypt\n`,
      'backend bk\n    log global\n    mode http\n    server srv 127.0.0.1:63443\nfrontend https-in\n    bind {2} ssl crt {dir}/cert/\n',
    ],
  },
];
