#!/usr/bin/env bash
# Builds page and program where they are not built, and starts the demo on the address given.
#   scripts/demo.sh [ADDRESS]
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install-tools.sh demo
# The program's libraries compile while the page is linked, which keeps one core only.
if [ ! -x "${CARGO_TARGET_DIR:-target}/demo/tagdrift" ]; then cargo build --quiet --profile demo --bin tagdrift & fi
scripts/build-page.sh
wait
exec cargo run --quiet --profile demo --bin tagdrift -- demo --listen "${1:-127.0.0.1:8080}"
