#!/usr/bin/env bash
# Sets up the Autobahn suite (wstest) in one folder, without docker.
#
#   setup.sh TARGET_DIR
#
# Needs Linux on amd64, apt with its package lists, python3 with pip, gcc, unzip. The suite is its makers' own
# package; the Python 2.7 it needs is Debian 11's, unpacked into the folder: nothing is installed into the
# system. Each step leaves a stamp and is skipped when the stamp is there. Ends with status 3 where the suite
# cannot be had, saying why. The launcher listens on loopback only, unlike the suite itself.
set -euo pipefail

[[ $# -eq 1 ]] || { echo "usage: $0 TARGET_DIR" >&2; exit 2; }
for tool in dpkg apt-get gcc unzip; do
  command -v "$tool" >/dev/null || { echo "the Autobahn suite is set up with $tool, which is missing"; exit 3; }
done
[[ "$(dpkg --print-architecture)" = amd64 ]] || { echo "the Autobahn suite is set up on amd64 only"; exit 3; }
mkdir -p "$1"
T=$(cd "$1" && pwd)
SUITE=autobahntestsuite-25.10.1-py2-none-any.whl
SUITE_SHA=b57ee6b22de624a03256878ad453c9897d2ad7ee08a4c38b35ee2847637e1383
RELEASE=bullseye          # the last Debian release with python2.7
DEBS="python2.7 python2.7-minimal libpython2.7 libpython2.7-minimal
      libpython2.7-stdlib libpython2.7-dev python2.7-dev libssl1.1 libffi7"

say() { echo "autobahn: $*"; }
stamped() { [[ -f "$T/.done-$1" ]]; }
stamp() { touch "$T/.done-$1"; }

# --- 1. Debian 11's python2.7, unpacked into $T/py27 -------------------------
if ! stamped py27; then
  mkdir -p "$T"/apt/{lists/partial,cache/archives/partial,etc} "$T/debs"
  : > "$T/apt/status"
  # The package source is the one apt already uses.
  uri=$(apt-get indextargets --format '$(CREATED_BY) $(ORIGIN) $(CODENAME) $(COMPONENT) $(REPO_URI)' 2>/dev/null |
        awk '$1=="Packages" && $2=="Debian" && $3 !~ /-/ && $4=="main" {print $5; exit}')
  [[ -n "$uri" ]] || { say "run 'apt-get update' first: no Debian package list here"; exit 3; }
  printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' \
    "$uri" "$RELEASE" /usr/share/keyrings/debian-archive-keyring.gpg > "$T/apt/etc/old.sources"
  o=(-o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$T/apt/etc"
     -o Dir::State::Lists="$T/apt/lists" -o Dir::Cache="$T/apt/cache"
     -o Dir::State::status="$T/apt/status" -o APT::Sandbox::User=root)
  say "fetching the $RELEASE package list"
  apt-get "${o[@]}" -qq update
  rm -rf "$T/py27" && mkdir "$T/py27"
  for p in $DEBS; do
    (cd "$T/debs" && apt-get "${o[@]}" -qq download "$p")
    dpkg -x "$T/debs/$p"_*.deb "$T/py27"
  done
  stamp py27
fi

# --- 2. a launcher for that interpreter --------------------------------------
cat > "$T/py2" <<LAUNCH
#!/bin/sh
R='$T/py27/usr'
LD_LIBRARY_PATH=\$R/lib/x86_64-linux-gnu
PYTHONHOME=\$R
PYTHONPATH='$T/run:$T/site:$T/boot'
CPATH=\$R/include/python2.7:\$R/include
export LD_LIBRARY_PATH PYTHONHOME PYTHONPATH CPATH
unset PIP_FIND_LINKS
exec "\$R/bin/python2.7" "\$@"
LAUNCH
chmod +x "$T/py2"
"$T/py2" -c 'import ssl, ctypes, zlib, sys; assert sys.version_info[:2] == (2, 7)'

# --- 3. pip for Python 2.7, then the suite with its own exact pins -----------
if ! stamped site; then
  mkdir -p "$T/dl" "$T/boot"
  python3 -m pip download -q --disable-pip-version-check --no-deps -d "$T/dl" \
    --python-version 2.7 --only-binary :all: pip==20.3.4 setuptools==44.0.0 wheel==0.37.1 \
    autobahntestsuite==25.10.1
  echo "$SUITE_SHA  $T/dl/$SUITE" | sha256sum -c --quiet
  for w in pip setuptools wheel; do unzip -qo "$T/dl/$w"-*.whl -d "$T/boot"; done
  rm -rf "$T/site" && mkdir "$T/site"
  # Exact pins are named first because pip 20 on Python 2 has only the old
  # resolver, which takes the first requirement it meets.
  pins=$(unzip -p "$T/dl/$SUITE" '*/METADATA' |
         sed -n 's/^Requires-Dist: \([A-Za-z.-]*\) (\(==[0-9.]*\)).*/\1\2/p' | grep -vi '^unittest2')
  say "installing the suite (about a minute)"
  # shellcheck disable=SC2086
  "$T/py2" -m pip install -q --no-python-version-warning --disable-pip-version-check \
    --target "$T/site" --no-build-isolation $pins cffi==1.15.1 "$T/dl/$SUITE" 2> "$T/pip.log" ||
    { tail -20 "$T/pip.log" >&2; exit 4; }
  touch "$T/site/zope/__init__.py"   # --target does not process the namespace .pth
  stamp site
fi

# --- 4. the loopback-only launcher -------------------------------------------
mkdir -p "$T/run"
cat > "$T/run/loopback_wstest.py" <<'PY'
# -*- coding: utf-8 -*-
import sys
from autobahntestsuite import wstest          # this installs the reactor
from twisted.internet import reactor

BIND = "127.0.0.1"
_tcp, _ssl = reactor.listenTCP, reactor.listenSSL


def listen_tcp(port, factory, backlog=50, interface=""):
    return _tcp(port, factory, backlog=512, interface=BIND)


def listen_ssl(port, factory, context, backlog=50, interface=""):
    return _ssl(port, factory, context, backlog=512, interface=BIND)


reactor.listenTCP, reactor.listenSSL = listen_tcp, listen_ssl
sys.exit(wstest.run())
PY
cat > "$T/wstest" <<LAUNCH
#!/bin/sh
exec '$T/py2' -u '$T/run/loopback_wstest.py' "\$@"
LAUNCH
chmod +x "$T/wstest"
"$T/wstest" -a
say "ready: $T/wstest"
