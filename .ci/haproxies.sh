#!/bin/sh
# Fetches HAProxy of other Debian releases into DIR, without installing it, so that the tests run on more than the installed
# one: `haproxies.sh DIR`. Prints the path of each program, one a line, and says on stderr what it does. A release whose
# HAProxy has the minor version of the installed one is left out. What DIR holds already is taken as it is: remove DIR to
# fetch anew. The packages come from the Debian mirror of this machine's apt, or of DEBIAN_MIRROR, with apt's own checks of
# their signatures, and nothing of the machine's apt is changed.
set -eu
suites='bookworm trixie sid'
fail() { printf 'haproxies: %s\n' "$1" >&2; exit 1; }
say() { printf 'haproxies: %s\n' "$1" >&2; }
[ $# -eq 1 ] || fail 'give one directory: haproxies.sh DIR'
mkdir -p "$1" 2>/dev/null || fail "cannot make the directory $1: give one that can be written."
dir=$(cd "$1" && pwd -P)
PATH="$PATH:/usr/sbin:/sbin"
for tool in apt-get dpkg-deb patchelf flock; do
  command -v "$tool" >/dev/null || fail "$tool is missing: run 'sh .ci/setup.sh' on Debian or Ubuntu."
done
minor_of() { sed -n 's/^\(HA-Proxy version \|HAProxy version \)\{0,1\}\([0-9]*\.[0-9]*\)\..*/\2/p;q'; }

# The mirror that apt takes Debian itself from.
mirror() {
  [ -z "${DEBIAN_MIRROR:-}" ] || { printf '%s\n' "$DEBIAN_MIRROR"; return; }
  apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' | grep -m 1 '/debian/*$' ||
    fail "apt's sources name no mirror of Debian: give one, DEBIAN_MIRROR=URL."
}

# A state of apt of its own for one release, in which nothing is installed.
apt_for() {
  keys=$(ls /usr/share/keyrings/debian-archive-keyring.gpg /usr/share/keyrings/debian-archive-keyring.pgp 2>/dev/null | head -n 1)
  [ -n "$keys" ] || fail "the keys of Debian's archive are missing: install the package debian-archive-keyring."
  mkdir -p "$work/lists/partial" "$work/packages" "$work/etc"
  : >"$work/status"
  printf 'deb [signed-by=%s] %s %s main\n' "$keys" "$(mirror)" "$1" >"$work/sources.list"
  # apt reads what it fetches as a user of its own.
  chmod -R a+rX "$work"
  [ "$(id -u)" -ne 0 ] || chown _apt "$work/packages" 2>/dev/null || true
  apt="-qq -o Dir::State=$work -o Dir::State::status=$work/status -o Dir::Cache=$work -o Dir::Etc::sourcelist=$work/sources.list"
  apt="$apt -o Dir::Etc::sourceparts=$work/etc -o Dir::Etc::preferences=$work/etc/none -o Dir::Etc::preferencesparts=$work/etc"
  apt-get $apt -o APT::Update::Error-Mode=any update >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "apt could not read the release $1 (its words are above)."; }
}

# HAProxy and the libraries that it is linked to, run by the release's own dynamic linker.
unpack() {
  packages=$(apt-get $apt -s --no-install-recommends install haproxy | sed -n 's/^Inst \(haproxy\|lib[^ ]*\|zlib[^ ]*\) .*/\1/p')
  (cd "$work/packages" && apt-get $apt download $packages >"$work/log" 2>&1) ||
    { cat "$work/log" >&2; fail "apt could not fetch HAProxy of $1 (its words are above)."; }
  rm -rf "$dir/$1" "$work/root"
  mkdir "$work/root"
  for package in "$work"/packages/*.deb; do dpkg-deb --extract "$package" "$work/root"; done
  program="$work/root/usr/sbin/haproxy"
  # A file, not a link of the package, which would lead to the machine's own linker.
  interpreter=$(find "$work/root" -type f -name "$(basename "$(patchelf --print-interpreter "$program")")" -printf '%P\n' | head -n 1)
  libraries=$(cd "$work/root" && find lib usr/lib -maxdepth 2 -name '*.so.*' -printf "$dir/$1/%h\n" 2>/dev/null | sort -u | paste -sd:)
  # rpath, not runpath, because it is the libraries' way to one another too.
  patchelf --set-interpreter "$dir/$1/$interpreter" --force-rpath --set-rpath "$libraries" "$program"
  mv "$work/root" "$dir/$1"
}

# It runs, and nothing that it loads is the machine's own.
runs() {
  [ -x "$dir/$1/usr/sbin/haproxy" ] && "$dir/$1/usr/sbin/haproxy" -vv >/dev/null 2>&1 || return 1
  ! LD_TRACE_LOADED_OBJECTS=1 "$dir/$1/usr/sbin/haproxy" | grep -v 'linux-\(vdso\|gate\)' | grep -vqF "$dir/$1/"
}

exec 9>"$dir/.lock"
flock 9
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
seen=$(haproxy -v 2>/dev/null | minor_of) || true
for suite in $suites; do
  [ -e "$dir/$suite.version" ] && minor=$(minor_of <"$dir/$suite.version") || minor=''
  if [ -z "$minor" ] || { ! runs "$suite" && ! printf '%s\n' "$seen" | grep -qxF "$minor"; }; then
    rm -rf "$work/lists" "$work/packages"
    apt_for "$suite"
    version=$(apt-cache $apt show haproxy | sed -n 's/^Version: //p;T;q')
    [ -n "$version" ] || fail "the release $suite has no package haproxy."
    minor=$(printf '%s\n' "$version" | minor_of)
    if ! printf '%s\n' "$seen" | grep -qxF "$minor"; then
      say "fetching HAProxy $version of Debian's $suite into $dir/$suite"
      unpack "$suite"
      runs "$suite" || fail "HAProxy $version of $suite does not run here: see '$dir/$suite/usr/sbin/haproxy -vv'."
    fi
    printf '%s\n' "$version" >"$dir/$suite.version"
  fi
  printf '%s\n' "$seen" | grep -qxF "$minor" && continue
  seen=$(printf '%s\n%s' "$seen" "$minor")
  printf '%s\n' "$dir/$suite/usr/sbin/haproxy"
done
