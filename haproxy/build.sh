#!/bin/sh
# Builds HAProxy with Lua, OpenSSL, PCRE2 and the Prometheus exporter, and proves that acme-http01.lua loads in it.
set -eu
export LC_ALL=C

usage() {
  cat <<'TEXT'
Usage: build.sh --version X.Y.Z [--sha256 HEX] | --tarball FILE [--sha256 HEX] | --source DIR | --distribution

Builds HAProxy 2.4 or newer with Lua, OpenSSL, PCRE2 and the Prometheus exporter, then loads acme-http01.lua with it.
Nothing is installed unless --install is given.

Where the source comes from, one of:
  --version X.Y.Z  the release tarball of that version, from www.haproxy.org
  --tarball FILE   a release tarball that is here already
  --source DIR     an unpacked source, built in place
  --distribution   the source package of this Debian or Ubuntu; apt's own settings are not touched

  --sha256 HEX     checksum that the tarball must have; without it --version takes the one published beside the tarball
  --mirror URL     where the release tarballs are instead of https://www.haproxy.org/download
  --build-dir DIR  new or empty directory for download and build; a new one under TMPDIR (or /tmp) unless given
  --lua FILE       the acme-http01.lua to load; ../dist/acme-http01.lua beside this script unless given
  --make VAR=VALUE passed to make after what is set here, so it wins; may repeat, e.g. --make USE_QUIC=1
  --jobs N         compile jobs at a time; as many as there are processors unless given
  --prefix DIR     where --install puts it; /usr/local unless given
  --install        run make install at the end
  --help           this text

Exit status: 0 built and proved, 1 failed (the reason is one sentence on standard error), 2 the arguments are wrong.
TEXT
}

say() { printf 'build.sh: %s\n' "$1"; }
fail() { printf 'build.sh: %s\n' "$1" >&2; exit 1; }
misused() { printf 'build.sh: %s See build.sh --help.\n' "$1" >&2; exit 2; }

here=$(cd "$(dirname "$0")" && pwd)
newline='
'
kind='' origin='' sha256='' mirror=https://www.haproxy.org/download build_dir='' lua="$here/../dist/acme-http01.lua"
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1) prefix=/usr/local install=no make_variables=''

choose() {
  [ -z "$kind" ] || misused "--$kind and --$1 exclude each other: give one source."
  kind=$1 origin=$2
}

while [ $# -gt 0 ]; do
  option=$1
  shift
  case $option in
    --distribution) choose distribution ''; continue ;;
    --install) install=yes; continue ;;
    --help | -h) usage; exit 0 ;;
    --version | --tarball | --source | --sha256 | --mirror | --build-dir | --lua | --make | --jobs | --prefix) ;;
    *) misused "unknown argument \"$option\"." ;;
  esac
  [ -n "${1:-}" ] || misused "$option needs a value."
  case $option in
    --version | --tarball | --source) choose "${option#--}" "$1" ;;
    --sha256) sha256=$(printf %s "$1" | tr A-F a-f) ;;
    --mirror) mirror=${1%/} ;;
    --build-dir) build_dir=$1 ;;
    --lua) lua=$1 ;;
    --make) make_variables="$make_variables$1$newline" ;;
    --jobs) jobs=$1 ;;
    --prefix) prefix=$1 ;;
  esac
  case $option$1 in --make*=*) ;; --make*) misused "--make needs VAR=VALUE, not \"$1\"." ;; esac
  shift
done

[ -n "$kind" ] || misused 'no source given: --version, --tarball, --source or --distribution.'
case $jobs in '' | *[!0-9]* | 0*) misused "--jobs needs a number of 1 or more, not \"$jobs\"." ;; esac
case $prefix in /*) ;; *) misused "--prefix needs an absolute path, not \"$prefix\"." ;; esac
case $kind$sha256 in source?* | distribution?*) misused '--sha256 belongs to a tarball: --version or --tarball.' ;; esac
if [ -n "$sha256" ]; then
  case $sha256 in *[!0-9a-f]*) misused '--sha256 needs 64 hexadecimal digits.' ;; esac
  [ ${#sha256} -eq 64 ] || misused "--sha256 needs 64 hexadecimal digits, not ${#sha256}."
fi
if [ "$kind" = version ]; then
  printf '%s\n' "$origin" | grep -Eqx '[0-9]+\.[0-9]+\.[0-9]+' || misused "--version needs X.Y.Z, such as 3.2.1, not \"$origin\"."
  case $mirror in
    https://*) ;;
    *) [ -n "$sha256" ] || misused '--mirror without https:// needs --sha256: a checksum from the same place would prove nothing.' ;;
  esac
fi
[ "$kind" != tarball ] || [ -r "$origin" ] || fail "the tarball $origin cannot be read: does it exist?"
[ "$kind" != source ] || [ -r "$origin/Makefile" ] || fail "$origin is not HAProxy's source: it has no Makefile."
[ -r "$lua" ] || fail "$lua cannot be read: run \"npm run build\" first, or name the file with --lua."
lua=$(cd "$(dirname "$lua")" && pwd)/$(basename "$lua")

has_make_variable() { case "$newline$make_variables" in *"$newline$1="*) return 0 ;; *) return 1 ;; esac; }

# The compiler knows the system's include paths better than we do.
have_header() { printf '#define PCRE2_CODE_UNIT_WIDTH 8\n#include <%s>\n' "$1" | cc -E -x c - >/dev/null 2>&1; }
have() { command -v "$1" >/dev/null 2>&1; }

check_packages() {
  missing=''
  { have cc && have make; } || missing='build-essential'
  have_header openssl/ssl.h || missing="$missing libssl-dev"
  have_header pcre2.h || missing="$missing libpcre2-dev"
  if ! has_make_variable LUA_INC; then
    have_header lua5.4/lua.h || have_header lua5.3/lua.h || have_header lua.h || missing="$missing liblua5.4-dev"
  fi
  case $kind in
    version) have curl || have wget || missing="$missing curl ca-certificates" ;;
    distribution) have dpkg-source || missing="$missing dpkg-dev" ;;
  esac
  # HAProxy up to 2.9 speaks to systemd through its library, later ones by themselves.
  if [ -n "$src" ] && wants_systemd_library; then
    have_header systemd/sd-daemon.h || missing="$missing libsystemd-dev"
  fi
  missing=${missing# }
  [ -z "$missing" ] || fail "these packages are missing (Debian's and Ubuntu's names): $missing. Install them as root: apt-get install $missing"
}
wants_systemd_library() { grep -q -e -lsystemd "$src/Makefile" && ! has_make_variable USE_SYSTEMD; }

make_build_dir() {
  if [ -z "$build_dir" ]; then
    build_dir=$(mktemp -d "${TMPDIR:-/tmp}/haproxy-build.XXXXXX") || fail 'no directory can be made under TMPDIR (or /tmp).'
  else
    mkdir -p "$build_dir" || fail "$build_dir cannot be made: name another --build-dir."
    [ -z "$(ls -A "$build_dir")" ] || fail "$build_dir is not empty: name a new --build-dir, or empty it."
    build_dir=$(cd "$build_dir" && pwd)
  fi
  # apt downloads as a user of its own, which must get through.
  chmod 755 "$build_dir"
  log=$build_dir/build.log
  : >"$log"
}

fetch() {
  if have curl; then
    case $1 in https:*) protocols='=https' ;; *) protocols='=http,https' ;; esac
    curl -fsSL --proto "$protocols" --connect-timeout 20 --max-time 900 -o "$2" "$1" 2>"$log"
  else
    wget -nv -T 20 -t 2 -O "$2" "$1" 2>"$log"
  fi || fail "$1 cannot be downloaded ($(tail -1 "$log")). Download it where there is a network, then run this with --tarball FILE --sha256 HEX."
}

get_release() {
  name=haproxy-$origin.tar.gz
  url=$mirror/${origin%.*}/src/$name
  if [ -z "$sha256" ]; then
    fetch "$url.sha256" "$build_dir/$name.sha256"
    sha256=$(cut -d ' ' -f 1 <"$build_dir/$name.sha256")
    printf '%s\n' "$sha256" | grep -Eqx '[0-9a-f]{64}' || fail "$url.sha256 does not hold a SHA-256 checksum: pass one with --sha256."
  fi
  fetch "$url" "$build_dir/$name"
  unpack "$build_dir/$name"
}

unpack() {
  if [ -n "$sha256" ]; then
    actual=$(sha256sum <"$1" | cut -d ' ' -f 1)
    [ "$actual" = "$sha256" ] || fail "$1 has the SHA-256 checksum $actual, not $sha256: it is damaged or not what was released. Nothing was built."
  else
    say "the checksum of $1 is not checked: no --sha256 was given."
  fi
  src=$build_dir/haproxy
  mkdir "$src"
  tar -xf "$1" -C "$src" --strip-components=1 --no-same-owner 2>"$log" || fail "$1 cannot be unpacked ($(tail -1 "$log")): is it a release tarball of HAProxy?"
}

with_apt() {
  program=$1
  shift
  "$program" -o Dir::Etc::sourcelist="$build_dir/apt/sources.list" -o Dir::Etc::sourceparts="$build_dir/apt/parts" \
    -o Dir::State::lists="$build_dir/apt/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= "$@"
}

# The system's own package sources, read as sources of source packages, in a place that apt forgets afterwards.
copy_apt_sources() {
  mkdir -p "$build_dir/apt/parts" "$build_dir/apt/lists/partial"
  list='' parts=''
  eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
  for file in "$list" "$parts"*.list; do
    [ -r "$file" ] && sed -n -E 's/^[[:space:]]*deb([[:space:]])/deb-src\1/p' "$file" >>"$build_dir/apt/sources.list"
  done
  for file in "$parts"*.sources; do
    [ -r "$file" ] && sed -E 's/^[Tt]ypes:.*/Types: deb-src/' "$file" >"$build_dir/apt/parts/${file##*/}"
  done
  return 0
}

get_distribution() {
  have apt-get || fail 'there is no apt-get here: --distribution is for Debian and Ubuntu. Use --version, --tarball or --source.'
  copy_apt_sources
  # A third party's repository without source packages is no failure, so the list that comes out decides.
  with_apt apt-get update >>"$log" 2>&1 || true
  versions=$(with_apt apt-cache showsrc haproxy 2>>"$log" | sed -n 's/^Version: //p' | sort -rVu)
  [ -n "$versions" ] || fail "the distribution's package sources offer no source of haproxy ($(grep -m 1 '^[EW]:' "$log" || echo 'apt gave no reason')). Is the network there? Otherwise use --tarball."
  # Newest first, but what apt would install before that. A mirror may list what it no longer has.
  candidate=$(apt-cache policy haproxy | sed -n -e 's/+b[0-9]*$//' -e 's/^ *Candidate: //p')
  printf '%s\n' "$versions" | grep -Fqx -e "$candidate" || candidate=''
  for version in $candidate $(printf "%s\n" "$versions" | grep -Fvx -e "${candidate:-none}"); do
    rm -rf "$build_dir/package"
    mkdir "$build_dir/package"
    if (cd "$build_dir/package" && with_apt apt-get source "haproxy=$version") >>"$log" 2>&1; then
      src=$(find "$build_dir/package" -mindepth 1 -maxdepth 1 -type d)
      say "took the source package haproxy $version."
      rm -rf "$build_dir/apt"
      return
    fi
    say "the source package haproxy $version cannot be fetched ($(grep '^E:' "$log" | head -1))."
  done
  fail 'no source package of haproxy can be fetched. Is the network there? Otherwise use --tarball.'
}

check_source() {
  for file in Makefile src/hlua.c; do
    [ -r "$src/$file" ] || fail "$src is not HAProxy's source: it has no $file."
  done
  version=$(grep -Eo '^[0-9]+\.[0-9]+[-.a-z0-9]*' "$src/VERSION" 2>/dev/null) || version=unknown
  case $version in
    [01].* | 2.[0-3] | 2.[0-3][-.]*) fail "$src is HAProxy $version: acme-http01.lua needs 2.4 or newer." ;;
  esac
}

run_make() {
  set -- -C "$src" "$@" TARGET=linux-glibc USE_OPENSSL=1 USE_PCRE2=1 USE_PCRE2_JIT=1 USE_LUA=1 USE_PROMEX=1 "PREFIX=$prefix"
  if have_header lua5.4/lua.h; then
    set -- "$@" LUA_INC=/usr/include/lua5.4 LUA_LIB_NAME=lua5.4
  elif have_header lua5.3/lua.h; then
    set -- "$@" LUA_INC=/usr/include/lua5.3 LUA_LIB_NAME=lua5.3
  fi
  if wants_systemd_library; then set -- "$@" USE_SYSTEMD=1; fi
  set -f
  IFS=$newline
  # shellcheck disable=SC2086 # one argument for each line
  set -- "$@" $make_variables
  unset IFS
  set +f
  unset MAKEFLAGS MFLAGS
  make "$@" >>"$log" 2>&1 || { tail -20 "$log" >&2; fail "make failed (its last words are above, all of them in $log)."; }
}

prove() {
  mkdir "$build_dir/proof"
  cat >"$build_dir/proof/haproxy.cfg" <<'CONFIG'
global
    setenv ACME_WEBROOT "$PROOF"
    .if version_atleast(3.2)
        tune.lua.bool-sample-conversion normal
    .endif
    lua-load-per-thread "$PROOF_LUA"
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend http
    bind "unix@$PROOF/socket"
    http-request use-service lua.acme-http01
CONFIG
  PROOF=$build_dir/proof PROOF_LUA=$lua "$src/haproxy" -c -f "$build_dir/proof/haproxy.cfg" >"$build_dir/proof/words" 2>&1 || {
    cat "$build_dir/proof/words" >&2
    fail "$src/haproxy was built but does not load $lua (its words are above)."
  }
  rm -rf "$build_dir/proof"
}

# What is worth keeping is kept: the binary, and the log of a build that failed.
src='' keep=no
clean_up() {
  rm -rf "$build_dir/apt" "$build_dir/proof"
  [ "$keep" = yes ] || rm -rf "$build_dir"
}

[ "$kind" = source ] || check_packages
make_build_dir
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
case $kind in
  version) get_release ;;
  tarball) unpack "$origin" ;;
  source) src=$(cd "$origin" && pwd) ;;
  distribution) get_distribution ;;
esac
check_source
check_packages
keep=yes
say "building HAProxy $version, $jobs at a time; this takes some minutes."
run_make -j "$jobs"
prove
[ "$kind" != source ] || keep=no
"$src/haproxy" -vv | grep -E '^(HAProxy version|HA-Proxy version|  OPTIONS|Built with (OpenSSL|Lua|PCRE2|the Prometheus))'
if [ "$install" = yes ]; then
  run_make install
  say "installed under $prefix."
fi
say "$src/haproxy is built and loads $lua."
