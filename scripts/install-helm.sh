#!/usr/bin/env bash
# Builds Helm and cosign by Go into the tools folder: for the scripts that make samples and fixtures, and for tests that
# ask Helm for the truth. Nothing else needs them.
#   scripts/install-helm.sh [3.17] [3.14] [4.0] [cosign]
set -euo pipefail
tools=${TAGDRIFT_TOOLS:-$HOME/.cache/tagdrift/tools}
command -v go >/dev/null || { echo "Go is missing: install it from https://go.dev/dl and run this again" >&2; exit 1; }
[ $# -gt 0 ] || set -- 3.17 3.14 4.0 cosign
for series; do
  case $series in
    cosign)
      into=$tools/cosign-2.4.1
      [ -x "$into/cosign" ] || GOBIN=$into CGO_ENABLED=0 go install -trimpath github.com/sigstore/cosign/v2/cmd/cosign@v2.4.1
      continue
      ;;
    3.14) version=3.14.4 ;;
    3.17) version=3.17.3 ;;
    4.0) version=4.0.1 ;;
    *) echo "no $series here: Helm 3.14, 3.17 or 4.0, or cosign" >&2; exit 1 ;;
  esac
  into=$tools/helm-$version
  [ -x "$into/helm" ] && continue
  echo "building Helm $version"
  module=helm.sh/helm/v${version%%.*}
  GOBIN=$into CGO_ENABLED=0 go install -trimpath -ldflags "-s -w -X $module/internal/version.version=v$version" "$module/cmd/helm@v$version"
done
