#!/usr/bin/env bash
# Installs what is missing to build (`demo`) or also to test (`test`); what is there in the right version stays.
# Cargo's and npm's tools go to ~/.cache/tagdrift/tools (TAGDRIFT_TOOLS moves it), so that nothing of the user's own is
# touched; only browser, driver, registry and htpasswd for the tests come by apt.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/tools.sh

die() { echo "tagdrift: $*" >&2; exit 1; }
# at_least HAVE WANTED: versions such as 1.95.0, compared number by number.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

rust() {
  command -v rustup >/dev/null || die "rustup is missing: install it from https://rustup.rs (stable Rust), then run this again"
  local have; have=$(rustc --version 2>/dev/null | cut -d' ' -f2) || die "rustc does not run: rustup toolchain install stable"
  at_least "$have" "$RUST_MIN" || die "Rust $RUST_MIN or newer is wanted, this is $have: rustup update stable"
  local components; components=$(rustup component list --installed)
  grep -q rust-std-wasm32-unknown-unknown <<<"$components" || rustup target add wasm32-unknown-unknown
  if [ "$1" = test ]; then
    for part in rustfmt clippy; do grep -q "^$part" <<<"$components" || rustup component add "$part"; done
  fi
  command -v cc >/dev/null || packages+=(gcc libc6-dev)
}

node_and_npm() {
  command -v node >/dev/null || die "Node is missing: install Node $NODE_MIN or newer (https://nodejs.org, or apt-get install nodejs npm)"
  local have; have=$(node --version); have=${have#v}
  at_least "$have" "$NODE_MIN" || die "Node $NODE_MIN or newer is wanted, this is $have"
  command -v npm >/dev/null || die "npm is missing: apt-get install npm"
}

# `--debug --no-default-features`: four minutes on two cores instead of seventeen; both only copy files about.
trunk() {
  [ "$("$TRUNK" --version 2>/dev/null)" = "trunk $TRUNK_VERSION" ] && return
  echo "installing trunk $TRUNK_VERSION (a few minutes, once)"
  cargo install --quiet --debug --no-default-features --locked --root "$TOOLS/trunk-$TRUNK_VERSION" "trunk@$TRUNK_VERSION"
}

# Without --locked: the lock file of this release can name what a lagging index does not have yet.
wasm_bindgen() {
  [ "$(wasm-bindgen --version 2>/dev/null)" = "wasm-bindgen $WASM_BINDGEN_VERSION" ] && return
  echo "installing wasm-bindgen-cli $WASM_BINDGEN_VERSION (a few minutes, once)"
  cargo install --quiet --debug --no-default-features --root "$TOOLS/wasm-bindgen-$WASM_BINDGEN_VERSION" "wasm-bindgen-cli@$WASM_BINDGEN_VERSION"
}

# Debian's binaryen is too old for what rustc writes; the npm package is not.
binaryen() {
  local have; have=$(wasm-opt --version 2>/dev/null | grep -oE '[0-9]+' | head -n 1) || true
  [ "${have:-0}" -ge "$BINARYEN_VERSION" ] && return
  echo "installing binaryen $BINARYEN_VERSION"
  npm install --silent --no-audit --no-fund --no-save --prefix "$TOOLS/binaryen-$BINARYEN_VERSION" "binaryen@$BINARYEN_VERSION"
}

browser_packages() {
  local folder=tests/browser
  cmp -s $folder/package-lock.json $folder/node_modules/.installed && return
  npm ci --silent --no-audit --no-fund --prefix $folder
  cp $folder/package-lock.json $folder/node_modules/.installed
}

# Two more real registries, where Go is there to build them; their tests skip aloud without.
registries() {
  if command -v go >/dev/null; then
    scripts/install-registries.sh || echo "tagdrift: distribution 3 and crane could not be built; their tests are skipped" >&2
  else
    echo "tagdrift: without Go no distribution 3 and no crane; their tests are skipped" >&2
  fi
}

debian_packages() {
  [ ${#packages[@]} -eq 0 ] && return
  command -v apt-get >/dev/null || die "missing, and no apt-get here to install them: ${packages[*]}"
  local root=(); if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "missing, and neither root nor sudo to install them: ${packages[*]}"
    root=(sudo)
  fi
  echo "installing ${packages[*]}"
  # apt's own messages only if it fails.
  local log; log=$(mktemp)
  { "${root[@]}" apt-get update -q && DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -q -y --no-install-recommends "${packages[@]}"; } >"$log" 2>&1 ||
    { cat "$log" >&2; rm -f "$log"; die "apt-get could not install: ${packages[*]}"; }
  rm -f "$log"
}

# wants PACKAGE COMMAND: by apt, if the command is not there.
wants() { command -v "$2" >/dev/null || packages+=("$1"); }

packages=()
purpose=${1:-demo}
case $purpose in demo | test) ;; *) die "install-tools.sh demo|test" ;; esac
rust "$purpose"
node_and_npm
if [ "$purpose" = test ]; then
  wants chromium chromium
  wants chromium-driver chromedriver
  wants docker-registry docker-registry
  wants apache2-utils htpasswd
  wants zstd zstd
  wants git git
  wants openssl openssl
  # libFuzzer is C++.
  wants g++ c++
fi
debian_packages
# Side by side: each ends with one core's work.
trunk & building=$!
wasm_bindgen
binaryen
if [ "$purpose" = test ]; then
  registries
  browser_packages
fi
wait $building
