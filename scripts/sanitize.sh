#!/usr/bin/env bash
# Builds the tests of what reads untrusted input with AddressSanitizer and UndefinedBehaviorSanitizer into
# build-asan/, runs them and each fuzzer for a moment, and ends with one line that counts: N passed, N failed.
#
#   scripts/sanitize.sh              about ten minutes on two cores from nothing; FUZZ_SECONDS=60 fuzzes longer
#   scripts/sanitize.sh --all        the other unit tests and the lit tests as well
#
# Passes and code generation are left out otherwise: they take as long again to build, and nearly all that they touch
# lies in LLVM's libraries, which are not instrumented.
set -euo pipefail
cd "$(dirname "$0")/.."

tests=(syntax_tests sema_tests runtime_tests)
targets=() parts=(fuzz)
case "${1:-}" in
--all)
  tests+=(nn_tests train_tests codegen_tests driver_tests)
  targets+=(nnc nn-opt)
  parts+=(lit)
  ;;
"") ;;
*) echo "sanitize.sh: no option '$1'; there is --all" >&2; exit 2 ;;
esac
fuzzers=()
for corpus in tests/fuzz/corpus/*/; do
  fuzzers+=("fuzz_$(basename "$corpus")")
done

[[ -f build-asan/build.ninja ]] || cmake --preset asan
cmake --build build-asan --target "${tests[@]}" "${targets[@]}" "${fuzzers[@]}" -- ${NNC_JOBS:+-j "$NNC_JOBS"}

# A vector that crosses into LLVM's libraries looks overflown, since only our side marks its unused end.
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_container_overflow=0}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export ASAN_SYMBOLIZER_PATH=${ASAN_SYMBOLIZER_PATH:-${LLVM_BIN:-/usr/lib/llvm-22/bin}/llvm-symbolizer}
only=$(IFS=,; echo "${tests[*]},${parts[*]}")
scripts/test.sh --only "$only" build-asan
