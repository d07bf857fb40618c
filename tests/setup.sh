#!/bin/sh
# Installs what the tests need beyond Python. Called by `make test` with JEOKGEUK_SETUP=1 only.
set -eu

missing=""
browser=""
command -v chromium-headless-shell >/dev/null 2>&1 || command -v chromium >/dev/null 2>&1 || browser="chromium"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
[ -n "$(PATH="$PATH:/usr/sbin" command -v pgbouncer)" ] || missing="$missing pgbouncer"
command -v npm >/dev/null 2>&1 || missing="$missing npm"
command -v ip >/dev/null 2>&1 || missing="$missing iproute2"
command -v cc >/dev/null 2>&1 || missing="$missing gcc libc6-dev"
[ -n "$(fc-list :lang=ko family 2>/dev/null | head -n 1)" ] || missing="$missing fontconfig fonts-nanum"

if [ -n "$missing$browser" ]; then
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "이 기계에는 apt-get이 없습니다. 직접 설치해 주세요:$missing $browser" >&2
    exit 1
  fi
  sudo=""
  [ "$(id -u)" = 0 ] || sudo="sudo"
  $sudo apt-get update -qq
  # The same browser without windows is smaller and quicker; not every distribution has it.
  if [ -n "$browser" ] && apt-cache show chromium-headless-shell >/dev/null 2>&1; then
    browser="chromium-headless-shell"
  fi
  # shellcheck disable=SC2086 # lists of names
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing $browser >/dev/null
fi

# Installed once, and again when what is to be installed has changed since.
changed() {
  [ -f "$1" ] && { [ ! -f "$2" ] || [ "$1" -nt "$2" ]; }
}

if changed package-lock.json node_modules/.ready; then
  npm ci --no-audit --no-fund --loglevel=error
  touch node_modules/.ready
fi

if changed requirements/emulators.txt .venv-emulators/.ready; then
  "${PYTHON:-python3}" -m venv .venv-emulators
  .venv-emulators/bin/python -m pip install --quiet --disable-pip-version-check \
    --require-hashes -r requirements/emulators.txt
  touch .venv-emulators/.ready
fi
