#!/bin/sh
# Make a Chromium available for the browser tests, as root or not, or say plainly what is missing.
set -eu

for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null 2>&1; then
    echo "Browser tests use $(command -v "$name")."
    exit 0
  fi
done

if ! command -v apt-get >/dev/null 2>&1; then
  echo "No Chromium found. Install Chromium or Chrome with your system's package manager, then: make test" >&2
  exit 1
fi

as_root=""
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo"
  else
    echo "No Chromium found and no right to install it. Run: sudo apt-get install chromium, then: make test" >&2
    exit 1
  fi
fi

$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends chromium fonts-liberation
