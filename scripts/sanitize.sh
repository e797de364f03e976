#!/usr/bin/env bash
# Builds the tests of what reads untrusted input with AddressSanitizer and UndefinedBehaviorSanitizer into
# build-asan/, runs them and each fuzzer for a moment, and ends with one line that counts: N passed, N failed.
#
#   scripts/sanitize.sh              about ten minutes on two cores from nothing; FUZZ_SECONDS=60 fuzzes longer
#
# Passes and code generation are left out: they take as long again to build, and nearly all that they touch lies in
# LLVM's libraries, which are not instrumented. scripts/build.sh asan && scripts/test.sh build-asan runs everything.
set -euo pipefail
cd "$(dirname "$0")/.."

tests=(syntax_tests sema_tests runtime_tests)
fuzzers=()
for corpus in tests/fuzz/corpus/*/; do
  fuzzers+=("fuzz_$(basename "$corpus")")
done

[[ -f build-asan/build.ninja ]] || cmake --preset asan
cmake --build build-asan --target "${tests[@]}" "${fuzzers[@]}" -- ${NNC_JOBS:+-j "$NNC_JOBS"}

# A vector that crosses into LLVM's libraries looks overflown, since only our side marks its unused end.
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_container_overflow=0}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export ASAN_SYMBOLIZER_PATH=${ASAN_SYMBOLIZER_PATH:-${LLVM_BIN:-/usr/lib/llvm-22/bin}/llvm-symbolizer}
# Thousands of steps of a toy model, which is not optimised here: minutes.
export GTEST_FILTER=${GTEST_FILTER:--TrainTest.FullDiskUnderTheLogLosesNoTraining}
only=$(IFS=,; echo "${tests[*]}")
scripts/test.sh --only "$only,fuzz" build-asan
