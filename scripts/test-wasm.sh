#!/usr/bin/env bash
# Runs tests/wasm_*.rs in headless Chromium.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/tools.sh
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner
export CHROMEDRIVER=${CHROMEDRIVER:-$(command -v chromedriver)}
exec cargo test --target wasm32-unknown-unknown --test 'wasm_*'
