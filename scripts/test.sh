#!/usr/bin/env bash
# Runs every test of the project and ends with one line that counts: N passed, N failed.
#
#   scripts/test.sh [--sanitize] [--only NAME,...] [BUILD_DIR]      the build to test; build/ where not given
#
# Parts: unit tests (GoogleTest), lit + FileCheck (lit), whole programs against NumPy and recorded PyTorch curves
# (programs), and a short run of the fuzzers where they were built (fuzz). --only runs some: parts, or unit tests by
# the name of their executable. --sanitize adds scripts/sanitize.sh. Tests that need ../shared say so when they skip.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

only="" sanitize=0
while (($#)); do
  case "$1" in
  --only) only=${2:?--only takes names}; shift ;;
  --sanitize) sanitize=1 ;;
  -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
  -*) echo "test.sh: no option '$1'; see --help" >&2; exit 2 ;;
  *) break ;;
  esac
  shift
done
wanted() { [[ -z "$only" || ",$only," == *",$1,"* ]]; }

if [[ ! -x "${1:-build}/bin/nnc" && -z "$only" ]]; then
  scripts/build.sh || { echo "test.sh: the build failed" >&2; exit 1; }
fi
build=$(realpath "${1:-build}")
llvm=${LLVM_BIN:-/usr/lib/llvm-22/bin}
passed=0 failed=0 skipped=0
failures=()

# A Python that has NumPy: the system's own, or whichever comes first on the path.
for NNC_PYTHON in /usr/bin/python3 python3; do
  "$NNC_PYTHON" -c 'import numpy' 2>/dev/null && break
done
export NNC_PYTHON

add() { passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + ${3:-0})); }

# add_line NAME LINE STATUS: a part that ended with a count line; without one, or failing without a failure, it
# counts as one failure.
add_line() {
  local ok bad skip
  ok=$(grep -oP '^\d+(?= passed)' <<<"$2" || echo 0)
  bad=$(grep -oP '\d+(?= failed)' <<<"$2" || echo 1)
  skip=$(grep -oP '\d+(?= skipped)' <<<"$2" || echo 0)
  ((bad == 0 && $3 != 0)) && bad=1
  ((bad)) && failures+=("$1")
  echo "   $1: $ok passed, $bad failed ($((SECONDS - start)) s)"
  add "$ok" "$bad" "$skip"
}

run_unit() {
  local name=$1 log="$build/$1.log" status=0 ok bad skip
  "$build/bin/$name" --gtest_brief=1 >"$log" 2>&1 || { status=$?; tail -n 40 "$log"; }
  ok=$(grep -oP '^\[  PASSED  \] \K\d+' "$log" || echo 0)
  bad=$(grep -oP '^\s*\K\d+(?= FAILED TEST)' "$log" || echo 0)
  skip=$(grep -oP '^\[  SKIPPED \] \K\d+(?= test)' "$log" || echo 0)
  add_line "$name" "$ok passed, $bad failed, $skip skipped" "$status"
}

run_lit() {
  local status=0 line
  rm -f "$build/lit.xml"
  "$llvm/lit" -q --param "build=$build" --param "llvm=$llvm" --xunit-xml-output "$build/lit.xml" tests \
    >"$build/lit.log" 2>&1 || { status=$?; grep -v '^$' "$build/lit.log" | tail -n 120; }
  line=$("$NNC_PYTHON" - "$build/lit.xml" <<'PY'
import sys, xml.etree.ElementTree as tree
total = bad = skip = 0
for suite in tree.parse(sys.argv[1]).getroot().iter("testsuite"):
    total += int(suite.get("tests", 0)); bad += int(suite.get("failures", 0)); skip += int(suite.get("skipped", 0))
print(f"{total - bad - skip} passed, {bad} failed, {skip} skipped")
PY
  )
  add_line lit "$line" "$status"
}

run_program_test() {
  local log status=0
  log="$build/$(basename "$1" .py).log"
  NNC_BIN="$build/bin" "$NNC_PYTHON" "$1" >"$log" 2>&1 || { status=$?; grep -v '^ok' "$log" | tail -n 40; }
  grep '^skip' "$log"
  add_line "$(basename "$1")" "$(tail -n 1 "$log")" "$status"
}

# A fuzzer writes what it finds into a folder of its own, never into the committed corpus.
run_fuzzer() {
  local name=$1 work status=0
  work=$(mktemp -d)
  "$build/bin/$name" -max_total_time="${FUZZ_SECONDS:-10}" -timeout=30 -rss_limit_mb=2048 -max_len=4096 \
    -artifact_prefix="$build/$name-" "$work" "tests/fuzz/corpus/${name#fuzz_}" >"$build/$name.log" 2>&1 ||
    { status=$?; tail -n 30 "$build/$name.log"; }
  rm -rf "$work"
  add_line "$name" "$((status == 0)) passed, $((status != 0)) failed" "$status"
}

# One part, timed.
run() { start=$SECONDS; "$@"; }

for test in "$build"/bin/*_tests; do
  wanted "$(basename "$test")" && run run_unit "$(basename "$test")"
done
wanted lit && run run_lit
if wanted programs; then
  for test in tests/programs/test_*.py; do
    run run_program_test "$test"
  done
fi
if wanted fuzz; then
  for fuzzer in "$build"/bin/fuzz_*; do
    [[ -x "$fuzzer" ]] && run run_fuzzer "$(basename "$fuzzer")"
  done
fi
if ((sanitize)); then
  start=$SECONDS status=0
  scripts/sanitize.sh >"$build/sanitize.log" 2>&1 || { status=$?; tail -n 120 "$build/sanitize.log"; }
  add_line "under sanitizers" "$(tail -n 1 "$build/sanitize.log")" "$status"
fi

((${#failures[@]})) && printf 'failed: %s\n' "${failures[*]}"
if ((skipped)); then
  echo "$passed passed, $failed failed, $skipped skipped"
else
  echo "$passed passed, $failed failed"
fi
((failed == 0 && passed > 0))
