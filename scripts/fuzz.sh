#!/usr/bin/env bash
# Fuzzes the parsers of the core with libFuzzer on stable Rust: SECONDS_EACH (5) seconds for each target that is named, or for
# all of them, as many at once as there are cores (JOBS).
#   scripts/fuzz.sh                                all targets
#   SECONDS_EACH=600 scripts/fuzz.sh yaml tar      longer, two of them
#   SECONDS_EACH=600 scripts/fuzz.sh --grow yaml   and adds to fuzz/corpus/yaml what reaches code that nothing there reached
# An input that crashes is left in fuzz/crashes/<target>/; name it NNN-what, and `cargo test --test fuzz_replay` runs it from
# then on.
set -euo pipefail
cd "$(dirname "$0")/.."

have_compiler=
for compiler in "${CXX:-c++}" g++ clang++; do
  command -v "$compiler" >/dev/null && { have_compiler=yes; export CXX=$compiler; break; }
done
if [ -z "$have_compiler" ]; then
  echo "fuzzing SKIPPED: libFuzzer is C++, and no compiler for it is here (apt-get install g++)" >&2
  exit 0
fi

export GROW=
# Without a time given, the same inputs at each run: what fails in CI fails again at home.
export RUNS=${RUNS:-$([ -n "${SECONDS_EACH:-}" ] && echo -1 || echo 200000)}
if [ "${1:-}" = --grow ]; then GROW=yes; shift; fi

# What cargo-fuzz sets, but for the sanitizers, which need a nightly compiler: counters on every edge and hooks on
# comparisons are code generation options that stable has too. Panics, failed assertions, overflows, endless loops and
# memory without bound are found; `unsafe` there is none of. The target is named so that build scripts go without.
host=$(rustc -vV | sed -n 's/^host: //p')
RUSTFLAGS='--cfg fuzzing -Cpasses=sancov-module'
for option in level=4 inline-8bit-counters pc-table trace-compares; do
  RUSTFLAGS+=" -Cllvm-args=-sanitizer-coverage-$option"
done
RUSTFLAGS=$RUSTFLAGS cargo build --quiet --release --locked --manifest-path fuzz/Cargo.toml --target-dir fuzz/target --target "$host"
export FUZZ=fuzz/target/$host/release/fuzz

[ $# -gt 0 ] || set -- $(sed -n 's/^    ("\([a-z]*\)", .*/\1/p' fuzz/src/targets/mod.rs)

one() {
  local target=$1 found log status=0
  found=$(mktemp -d)
  log=fuzz/target/$target.log
  mkdir -p "fuzz/crashes/$target"
  TARGET=$target "$FUZZ" -max_total_time="${SECONDS_EACH:-5}" -seed="${SEED:-20261122}" -runs="$RUNS" -timeout=10 -rss_limit_mb=1024 -max_len=16384 \
    -print_final_stats=1 -artifact_prefix="fuzz/crashes/$target/" "$found" "fuzz/corpus/$target" >"$log" 2>&1 || status=$?
  # Of inputs that reach the same edges the smallest is kept; how often an edge is passed would keep a hundred times more.
  if [ -n "$GROW" ]; then
    TARGET=$target "$FUZZ" -set_cover_merge=1 -use_counters=0 -max_len=2048 -artifact_prefix="fuzz/crashes/$target/" \
      "fuzz/corpus/$target" "$found" >>"$log" 2>&1 || status=$?
  fi
  rm -r "$found"
  rmdir "fuzz/crashes/$target" 2>/dev/null || true
  if [ $status -ne 0 ]; then
    echo "fuzzing $target: CRASHED"
    # From the panic or libFuzzer's own verdict on.
    sed -n '/panicked at\|ERROR: libFuzzer/,$p' "$log" | cut -c 1-2000 | head -n 60
    return 1
  fi
  awk -v target="$target" '
    /^stat::number_of_executed_units/ { runs = $2 }
    /^stat::average_exec_per_sec/ { speed = $2 }
    match($0, /cov: [0-9]+/) { edges = substr($0, RSTART + 5, RLENGTH - 5) }
    END { printf "fuzzing %-10s %8d inputs, %6d a second, %5d edges\n", target, runs, speed, edges }' "$log"
}
export -f one
# With 255 xargs would stop the others, whose inputs are worth as much.
printf '%s\n' "$@" | xargs -P "${JOBS:-$(nproc)}" -I{} bash -c 'one {} || exit 1'
