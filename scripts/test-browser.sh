#!/usr/bin/env bash
# Runs the browser tests with the program of the dev profile, the page inside it. Arguments go to node's test runner.
#   SCREENSHOTS=folder scripts/test-browser.sh --test-name-pattern='…'
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/build-page.sh
cargo build --quiet --bin tagdrift
export TAGDRIFT=${TAGDRIFT:-${CARGO_TARGET_DIR:-target}/debug/tagdrift}
exec node --test "$@" tests/browser/*.test.mjs
