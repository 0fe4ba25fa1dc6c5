#!/usr/bin/env bash
# Starts the demo; opens the page where there is a display.
set -euo pipefail
cd "$(dirname "$0")/.."
listen=$1
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && command -v xdg-open >/dev/null; then
  (
    for _ in $(seq 100); do
      if (exec 3<>"/dev/tcp/${listen%:*}/${listen##*:}") 2>/dev/null; then exec xdg-open "http://$listen/"; fi
      sleep 0.1
    done
  ) >/dev/null 2>&1 &
fi
exec target/demo/tagdrift demo --listen "$listen"
