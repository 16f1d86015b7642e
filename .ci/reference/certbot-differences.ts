/** How a flag that haproxy-acme has differs from certbot's, by one of its names. */
export const differences: Readonly<Record<string, string>> = {
  '--help': "Topics are haproxy-acme's own, certbot's beside them where they fit.",
  '--config': 'A list in brackets is taken where a flag may repeat; see [docs/cli.md](cli.md).',
  '--domains': 'Names in other scripts are taken and written as A-labels. Names alone never change a lineage unasked.',
  '--eab-hmac-alg': 'HS256 only.',
  '--csr': 'With `certonly` only. A file that is there is replaced, unless it holds a private key; certbot refuses.',
  '--cert-name': 'No white space, no slash, no dot in front.',
  '--dry-run': "Stays at the lineage's own CA where that is not Let's Encrypt. Goes with `reconfigure` too.",
  '--email': 'Nobody is asked for it; an account without an address is made.',
  '--keep-until-expiring': 'So it is done without the flag; nobody is asked.',
  '--expand': 'Without it nobody is asked: the order is refused with the flag that would do it.',
  '--renew-with-new-domains': 'Without it nobody is asked: the order is refused with the flag that would do it.',
  '--agree-tos': 'Without it nobody is asked: the terms are shown, and no account is made.',
  '--quiet': 'Hooks say nothing either.',
  '--key-type':
    '`both`, which certbot lacks, makes two lineages (see below); certbot refuses it in a `cli.ini` that it reads.',
  '--rsa-key-size': '2048, 3072 or 4096.',
  '--must-staple': 'HAProxy has to be told itself to staple.',
  '--preferred-challenges': '`http`, `dns` and `tls-alpn`.',
  '--issuance-timeout': 'The default is 300 seconds, and it is the time for validation and issuance each.',
  '--post-hook': 'Runs before HAProxy is given the certificates ([docs/hooks.md](hooks.md)).',
  '--deploy-hook':
    "Runs before HAProxy is given the certificates ([docs/hooks.md](hooks.md)); HAProxy's reload needs none.",
  '--disable-hook-validation': 'What only the shell can tell is let pass without it.',
  '--server':
    "`certonly` without it stays at the lineage's CA, unless that is a staging CA; certbot goes to Let's Encrypt.",
  '--authenticator': '`webroot` (where nothing is said), `standalone`, `manual`; of several the last one counts.',
  '--installer': '`haproxy` (where nothing is said) or `null`, for this run only.',
  '--manual': 'Without hooks all challenges are shown at once, and Enter is waited for once.',
  '--webroot-path':
    '`-w` alone means `--webroot`; with `renew` it moves all names of the lineages that have a webroot, and no others.',
};
