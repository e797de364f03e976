#!/usr/bin/env bash
# Runs every test of the project and ends with one line that counts: N passed, N failed.
#
#   scripts/test.sh [BUILD_DIR]      the build to test; build/ where not given
#
# Parts: unit tests (GoogleTest), lit + FileCheck, whole programs against NumPy and recorded PyTorch curves, and
# a short run of the fuzzers where they were built. Tests that need ../shared say so when they skip.
set -uo pipefail
cd "$(dirname "$0")/.."

build=$(realpath "${1:-build}")
llvm=${LLVM_BIN:-/usr/lib/llvm-22/bin}
passed=0 failed=0 skipped=0
failures=()

if [[ ! -x "$build/bin/nnc" ]]; then
  scripts/build.sh || { echo "test.sh: the build failed" >&2; exit 1; }
fi

# A Python that has NumPy: the system's own, or whichever comes first on the path.
for NNC_PYTHON in /usr/bin/python3 python3; do
  "$NNC_PYTHON" -c 'import numpy' 2>/dev/null && break
done
export NNC_PYTHON

add() { passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + ${3:-0})); }

echo "== unit tests"
for test in "$build"/bin/*_tests; do
  name=$(basename "$test") log="$build/$(basename "$test").log"
  start=$SECONDS
  if "$test" --gtest_brief=1 >"$log" 2>&1; then :; else tail -n 40 "$log"; failures+=("$name"); fi
  ok=$(grep -oP '^\[  PASSED  \] \K\d+' "$log" || echo 0)
  bad=$(grep -oP '^\s*\K\d+(?= FAILED TEST)' "$log" || echo 0)
  skip=$(grep -oP '^\[  SKIPPED \] \K\d+(?= test)' "$log" || echo 0)
  # A test program that dies counts as one failure.
  ((bad == 0)) && ! grep -q '^\[  PASSED  \]' "$log" && bad=1
  echo "   $name: $ok passed, $bad failed ($((SECONDS - start)) s)"
  add "$ok" "$bad" "$skip"
done

echo "== lit"
"$llvm/lit" -q --param "build=$build" --param "llvm=$llvm" --xunit-xml-output "$build/lit.xml" tests >"$build/lit.log" 2>&1 ||
  { grep -v '^$' "$build/lit.log" | tail -n 120; failures+=(lit); }
read -r ok bad skip < <("$NNC_PYTHON" - "$build/lit.xml" <<'PY'
import sys, xml.etree.ElementTree as tree
total = bad = skip = 0
for suite in tree.parse(sys.argv[1]).getroot().iter("testsuite"):
    total += int(suite.get("tests", 0)); bad += int(suite.get("failures", 0)); skip += int(suite.get("skipped", 0))
print(total - bad - skip, bad, skip)
PY
) || { ok=0 bad=1 skip=0; }
echo "   lit: $ok passed, $bad failed, $skip skipped"
add "$ok" "$bad" "$skip"

echo "== whole programs"
for test in tests/programs/test_*.py; do
  log="$build/$(basename "$test" .py).log"
  start=$SECONDS
  NNC_BIN="$build/bin" "$NNC_PYTHON" "$test" >"$log" 2>&1 || { grep -v '^ok' "$log" | tail -n 40; failures+=("$test"); }
  line=$(tail -n 1 "$log")
  ok=$(grep -oP '^\d+(?= passed)' <<<"$line" || echo 0)
  bad=$(grep -oP '\d+(?= failed)' <<<"$line" || echo 1)
  skip=$(grep -oP '\d+(?= skipped)' <<<"$line" || echo 0)
  grep '^skip' "$log"
  echo "   $(basename "$test"): $ok passed, $bad failed ($((SECONDS - start)) s)"
  add "$ok" "$bad" "$skip"
done

for fuzzer in "$build"/bin/fuzz_*; do
  [[ -x "$fuzzer" ]] || continue
  name=$(basename "$fuzzer") corpus=tests/fuzz/corpus/${name#fuzz_}
  work=$(mktemp -d)
  if "$fuzzer" -max_total_time="${FUZZ_SECONDS:-10}" -timeout=10 -rss_limit_mb=2048 -artifact_prefix="$build/" "$work" "$corpus" >"$build/$name.log" 2>&1; then
    add 1 0; echo "   $name: passed"
  else
    add 0 1; failures+=("$name"); tail -n 30 "$build/$name.log"
  fi
  rm -rf "$work"
done

((${#failures[@]})) && printf 'failed: %s\n' "${failures[*]}"
if ((skipped)); then
  echo "$passed passed, $failed failed, $skipped skipped"
else
  echo "$passed passed, $failed failed"
fi
((failed == 0 && ${#failures[@]} == 0 && passed > 0))
