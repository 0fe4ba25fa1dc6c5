#!/bin/sh
# Builds the Go oracle (the YAML reader of Helm) in a temporary folder and holds ours against it.
# Wants Go and its module proxy. TAGDRIFT_SEED and TAGDRIFT_CASES choose other cases.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
cp -r "$here/go.mod" "$here/yamljson" "$build"
(cd "$build" && go mod tidy >/dev/null 2>&1 && go build -o oracle ./yamljson)
cd "$here/../.."
TAGDRIFT_YAML_ORACLE="$build/oracle" cargo test --test yaml_oracle -- --nocapture
