#!/usr/bin/env bash
# Runs tests/wasm_*.rs in headless Chromium; with `bench`, what measures the engine there, built as the page is.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/tools.sh
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner
export CHROMEDRIVER=${CHROMEDRIVER:-$(command -v chromedriver)}
case ${1:-test} in
  test) exec cargo test --target wasm32-unknown-unknown --test 'wasm_*' ;;
  # It takes longer than the twenty seconds that a test may. Not --quiet: cargo hands that on, and the runner does not know it.
  bench) WASM_BINDGEN_TEST_TIMEOUT=300 exec cargo bench --profile page --target wasm32-unknown-unknown --bench engine_wasm ;;
  *) echo "test-wasm.sh [test|bench]" >&2; exit 2 ;;
esac
