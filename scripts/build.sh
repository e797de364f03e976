#!/usr/bin/env bash
# Builds into build/ (or build-PRESET): everything, tests too, or only what is named.
#
#   scripts/build.sh [PRESET [TARGET...]]      dev (the default), release, asan or tsan; see CMakePresets.json
#   scripts/build.sh dev nnc                   the compiler and the runtime that programs are linked with, no tests
set -euo pipefail
cd "$(dirname "$0")/.."

preset=${1:-dev}
case "$preset" in
dev) dir=build ;;
release | asan | tsan) dir=build-$preset ;;
-h | --help) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0 ;;
*) echo "build.sh: no preset '$preset'; there are dev, release, asan and tsan" >&2; exit 2 ;;
esac

[[ -f "$dir/build.ninja" ]] || cmake --preset "$preset"
targets=("${@:2}")
((${#targets[@]})) && targets=(--target "${targets[@]}")
cmake --build "$dir" "${targets[@]}" -- ${NNC_JOBS:+-j "$NNC_JOBS"}
