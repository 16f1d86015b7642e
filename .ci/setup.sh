#!/bin/sh
# Installs what this checkout needs and the machine lacks: npm packages, and HAProxy, Pebble and the other real parts from
# the distribution. Says what it installs. `setup.sh packages` stops after the npm packages, `setup.sh demo` takes only
# what the demo runs, `setup.sh bench` adds what the benchmarks run.
set -eu
cd "$(dirname "$0")/.."
scope=${1:-all}
fail() { printf 'setup: %s\n' "$1" >&2; exit 1; }

command -v node >/dev/null || fail 'node is not installed: install Node.js 20 or newer (Debian and Ubuntu: apt-get install nodejs npm).'
major=$(node -p 'process.versions.node.split(".")[0]')
[ "$major" -ge 20 ] || fail "Node.js $(node --version) is too old: version 20 or newer is needed."

if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo 'setup: installing the npm packages of package-lock.json'
  log=$(mktemp)
  # npm 11 refuses by 'ci' a lock file without the optional packages of other platforms, which 'install' takes.
  npm ci --no-audit --no-fund --loglevel=error >"$log" 2>&1 || npm install --no-audit --no-fund --loglevel=error >"$log" 2>&1 ||
    { cat "$log" >&2; rm -f "$log"; fail 'npm could not install the packages (its words are above): is the npm registry reachable?'; }
  rm -f "$log"
  touch node_modules/.package-lock.json
fi
[ "$scope" = packages ] && exit 0

# program-or-file:package, for what each scope runs.
wanted='haproxy:haproxy pebble:pebble pebble-challtestsrv:pebble openssl:openssl'
if [ "$scope" != demo ]; then
  wanted="$wanted lua5.3:lua5.3 lua5.4:lua5.4 luac5.3:lua5.3 luac5.4:lua5.4 luacheck:lua-check certbot:certbot python3:python3 h2load:nghttp2-client"
  wanted="$wanted systemd-analyze:systemd systemd-nspawn:systemd-container unshare:util-linux curl:curl rsync:rsync"
  # For .ci/haproxies.sh.
  wanted="$wanted patchelf:patchelf /usr/share/keyrings/debian-archive-keyring.gpg:debian-archive-keyring"
  # For haproxy/build.sh, which the tests run on the distribution's source package.
  wanted="$wanted cc:build-essential make:build-essential dpkg-source:dpkg-dev pcre2-config:libpcre2-dev"
  wanted="$wanted /usr/include/openssl/ssl.h:libssl-dev /usr/include/lua5.4/lua.h:liblua5.4-dev /usr/include/systemd/sd-daemon.h:libsystemd-dev"
fi
[ "$scope" = bench ] && wanted="$wanted wrk:wrk"
missing=''
for pair in $wanted; do
  probe=${pair%%:*}
  case $probe in
    /*) [ -e "$probe" ] || missing="$missing ${pair#*:}" ;;
    *) PATH="$PATH:/usr/sbin:/sbin" command -v "$probe" >/dev/null || missing="$missing ${pair#*:}" ;;
  esac
done
missing=$(printf '%s\n' $missing | sort -u | tr '\n' ' ')
missing=${missing% }
[ -n "$missing" ] || exit 0

command -v apt-get >/dev/null || fail "these programs are missing: $missing. This script installs them on Debian and Ubuntu only; install them by your system's package manager, then run this again."
root=''
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || fail "these Debian packages are missing: $missing. Run 'apt-get install $missing' as root, then run this again."
  root='sudo'
fi
echo "setup: installing from the distribution: $missing"
log=$(mktemp)
install() { DEBIAN_FRONTEND=noninteractive $root apt-get install -y --no-install-recommends $missing >"$log" 2>&1; }
$root apt-get update -qq >"$log" 2>&1 || { tail -5 "$log" >&2; rm -f "$log"; fail 'apt-get update failed (its words are above).'; }
install || { tail -15 "$log" >&2; rm -f "$log"; fail "apt-get could not install: $missing (its words are above)."; }
rm -f "$log"
