#!/usr/bin/env bash
# Builds distribution 3 and crane (go-containerregistry) by Go into the tools folder: further real registries for
# tests/registry_real.rs and tests/registry_token.rs, which skip aloud what is missing. Nothing else needs them.
set -euo pipefail
tools=${TAGDRIFT_TOOLS:-$HOME/.cache/tagdrift/tools}
command -v go >/dev/null || { echo "Go is missing: install it from https://go.dev/dl and run this again" >&2; exit 1; }
# FOLDER PROGRAM MODULE VERSION PACKAGE: built unless the program there was made of this version.
build() {
  local program=$tools/$1/$2
  [ -x "$program" ] && go version -m "$program" | grep -qF "mod	$3	$4" && return
  echo "building $1 $4 (a minute or two, once)"
  GOBIN=$tools/$1 CGO_ENABLED=0 GOFLAGS=-buildvcs=false go install -trimpath -ldflags "-s -w" "$3/$5@$4"
}
build distribution-3 registry github.com/distribution/distribution/v3 v3.0.0 cmd/registry
build crane crane github.com/google/go-containerregistry v0.20.6 cmd/crane
