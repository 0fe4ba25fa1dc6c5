#!/usr/bin/env bash
# Helm as the judge: builds the oracles by Go (Helm's YAML reader, its template engine, all of `helm template` of Helm 3 and of
# Helm 4) and holds ours against them. Says aloud that it skips where Go is missing.
# TAGDRIFT_SEED and TAGDRIFT_CASES choose other cases; `run.sh build FOLDER` only builds.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../../scripts/tools.sh"
if ! command -v go >/dev/null; then
  echo "SKIPPED: Go is missing, so Helm cannot judge the verdicts (https://go.dev/dl)" >&2
  exit 0
fi
into=$TOOLS/oracles
if [ "${1:-}" = build ]; then into=$2; fi
mkdir -p "$into"
into=$(cd "$into" && pwd)
cd "$here"
go build -o "$into/" ./yamljson ./render ./release
(cd helm4 && go build -o "$into/release4" .)
if [ "${1:-}" = build ]; then exit; fi
cd "$here/../.."
export TAGDRIFT_YAML_ORACLE=$into/yamljson TAGDRIFT_TEMPLATE_ORACLE=$into/render
export TAGDRIFT_RELEASE_ORACLE=$into/release TAGDRIFT_RELEASE_ORACLE_4=$into/release4
cargo test --quiet --test yaml_oracle --test template_oracle --test helm_truth -- --nocapture
