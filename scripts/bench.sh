#!/usr/bin/env bash
# Prints figures: the page's size, the way to a verdict in a browser, the program, its relay, the engine alone. Nothing is asserted but the budget.
set -euo pipefail
cd "$(dirname "$0")/.."
echo "== the page's files"
node scripts/size-budget.mjs
echo
echo "== the page in Chromium, on loopback"
cargo build --quiet --release --bin tagdrift
TAGDRIFT=${CARGO_TARGET_DIR:-target}/release/tagdrift node scripts/bench-page.mjs
echo
echo "== the program, native"
scripts/bench-native.sh
echo
echo "== the same image pair in the page, in Chromium"
node scripts/bench-page-image.mjs "${CARGO_TARGET_DIR:-target}/bench/image-512"
echo
echo "== the relay, and registries, on loopback"
TAGDRIFT=${CARGO_TARGET_DIR:-target}/release/tagdrift node scripts/bench-relay.mjs
echo
echo "== the engine, native"
cargo bench --quiet --bench archive --bench engine
echo
echo "== the engine, in Chromium"
scripts/test-wasm.sh bench
