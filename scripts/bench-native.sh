#!/usr/bin/env bash
# Prints figures of the native program, each with its command, beside those of the tools that do the same by hand.
#   scripts/bench-native.sh [MEBIBYTES A LAYER]
# Takes target/release/tagdrift, makes an image pair below target/bench (kept for the next time). Asserts nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}
size=${1:-512}
pair=$target/bench/image-$size
program=$target/release/tagdrift
export TAGDRIFT_CACHE=

# Runs a command: wall and processor time, and the most memory, where GNU time is installed. A verdict's exit code is no failure.
measured() {
  echo "\$ $*"
  if [ -x /usr/bin/time ]; then
    /usr/bin/time -q -f '  %e s wall, %U s user + %S s system, %M KiB at most' "$@" >/dev/null || true
  else
    local TIMEFORMAT='  %R s wall, %U s user + %S s system'
    time "$@" >/dev/null || true
  fi
}

if [ ! -f "$pair/oci-layout" ]; then
  echo "(making an image pair of two layers of $size MiB a side in $pair)"
  python3 scripts/bench-image.py "$pair" "$size"
fi
measured "$program" compare "$pair:left" "$pair:right"
measured "$program" compare "$pair:left" "$pair:right"
layers=$(find "$pair/blobs/sha256" -size +1M | sort | tr '\n' ' ')
for tool in gzip sha256sum; do command -v $tool >/dev/null || layers=; done
if [ -n "$layers" ]; then
  measured sh -c "for layer in $layers; do gzip -dc \$layer | sha256sum; done"
fi
if command -v diffoci >/dev/null; then
  tar -C "$pair" -cf "$pair.tar" .
  measured diffoci diff --semantic "oci-archive://$pair.tar:left" "oci-archive://$pair.tar:right"
fi

echo
"$program" demo --listen 127.0.0.1:0 >"$target/bench/demo.log" 2>&1 &
demo=$!
trap 'kill "$demo" 2>/dev/null || true' EXIT
host=
for _ in $(seq 100); do
  host=$(grep -om1 '127\.0\.0\.1:[0-9]*' "$target/bench/demo.log" || true)
  [ -n "$host" ] && break
  read -rt 0.1 <> <(:) || true
done
field() { grep -om1 "\"$1\": \"[^\"]*\"" static/demo/samples.json | cut -d'"' -f4; }
chart=$host/$(field repository)
command=("$program" compare "$chart@$(field from)" "$chart@$(field to)")
echo "\$ ${command[*]}"
for _ in $(seq 30); do
  begun=$(date +%s%N)
  "${command[@]}" >/dev/null || true
  echo $(($(date +%s%N) - begun))
done | sort -n | awk '{ all[NR] = $1 / 1e6 } END { printf "  whole process over loopback: median %.1f ms, best %.1f ms of %d\n", all[int((NR + 1) / 2)], all[1], NR }'
