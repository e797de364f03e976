#!/usr/bin/env bash
# Builds nnc, nn-opt, the runtime and the unit tests into build/ (or build-PRESET).
#
#   scripts/build.sh [PRESET]        dev (the default), release or asan; see CMakePresets.json
set -euo pipefail
cd "$(dirname "$0")/.."

preset=${1:-dev}
case "$preset" in
dev) dir=build ;;
release | asan) dir=build-$preset ;;
-h | --help) sed -n '2,4s/^# \{0,1\}//p' "$0"; exit 0 ;;
*) echo "build.sh: no preset '$preset'; there are dev, release and asan" >&2; exit 2 ;;
esac

[[ -f "$dir/build.ninja" ]] || cmake --preset "$preset"
cmake --build "$dir" -- ${NNC_JOBS:+-j "$NNC_JOBS"}
