#!/usr/bin/env bash
# Builds the page into dist/ and compresses it for static hosts; does nothing where dist/ is newer than all it is made of.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/tools.sh

stamp=dist/.built
if [ -f $stamp ]; then
  newer=$(find src index.html static Trunk.toml Cargo.toml Cargo.lock scripts/build-page.sh scripts/name-engine.mjs scripts/precompress.mjs -newer $stamp -print -quit)
  [ -z "$newer" ] && exit 0
fi
echo "building the page (one or two minutes where nothing is built yet)"
rm -f $stamp
# What trunk and cargo say is of interest only where they fail.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
NO_COLOR=true "$TRUNK" build --release >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
node scripts/name-engine.mjs dist
node scripts/precompress.mjs dist
touch $stamp
