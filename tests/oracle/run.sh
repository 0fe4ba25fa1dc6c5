#!/bin/sh
# Builds the Go oracles (Helm's YAML reader, its template engine, all of `helm template`) in a temporary folder and holds ours against them.
# Wants Go and its module proxy. TAGDRIFT_SEED and TAGDRIFT_CASES choose other cases.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
cp -r "$here/go.mod" "$here/yamljson" "$here/render" "$here/release" "$build"
(cd "$build" && go mod tidy >/dev/null 2>&1 && go build -o yaml.bin ./yamljson && go build -o render.bin ./render && go build -o release.bin ./release)
cd "$here/../.."
TAGDRIFT_YAML_ORACLE="$build/yaml.bin" cargo test --test yaml_oracle -- --nocapture
TAGDRIFT_TEMPLATE_ORACLE="$build/render.bin" cargo test --test template_oracle -- --nocapture
TAGDRIFT_RELEASE_ORACLE="$build/release.bin" cargo test --test helm_truth -- --nocapture
