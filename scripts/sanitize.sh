#!/usr/bin/env bash
# Tests under sanitizers, and ends with one line that counts: N passed, N failed.
#
#   scripts/sanitize.sh              --address, then --thread
#   scripts/sanitize.sh --address    AddressSanitizer and UndefinedBehaviorSanitizer over what reads untrusted input, in
#                                    build-asan/, and a moment of each fuzzer (FUZZ_SECONDS=60 fuzzes longer): about
#                                    ten minutes on two cores from nothing
#   scripts/sanitize.sh --thread     ThreadSanitizer over the runtime's unit tests and compiled programs that train,
#                                    evaluate and predict, in build-tsan/: about three minutes
#   scripts/sanitize.sh --all        --address over the other unit tests and the lit tests as well
#
# Passes and code generation are left out otherwise: they take as long again to build, and nearly all that they touch
# lies in LLVM's libraries, which are not instrumented.
set -euo pipefail
cd "$(dirname "$0")/.."

# build PRESET TARGET...
build() {
  local preset=$1
  shift
  [[ -f "build-$preset/build.ninja" ]] || cmake --preset "$preset"
  cmake --build "build-$preset" --target "$@" -- ${NNC_JOBS:+-j "$NNC_JOBS"}
}

address() {
  local targets=(syntax_tests sema_tests runtime_tests gpu_tests)
  local filters=(unit/syntax unit/sema unit/runtime unit/gpu fuzz/)
  if [[ "${1:-}" == all ]]; then
    targets+=(nn_tests train_tests codegen_tests driver_tests nnc nn-opt)
    filters=(--except programs/)
  fi
  for corpus in tests/fuzz/corpus/*/; do
    targets+=("fuzz_$(basename "$corpus")")
  done
  build asan "${targets[@]}"
  # A vector that crosses into LLVM's libraries looks overflown, since only our side marks its unused end.
  export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_container_overflow=0}
  export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
  export ASAN_SYMBOLIZER_PATH=${ASAN_SYMBOLIZER_PATH:-${LLVM_BIN:-/usr/lib/llvm-22/bin}/llvm-symbolizer}
  scripts/test.sh --build build-asan "${filters[@]}"
}

thread() {
  # The program in training is compiled by nnc itself, which needs no sanitizer.
  [[ -x build/bin/nnc ]] || scripts/build.sh dev nnc
  build tsan runtime_tests
  export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1 second_deadlock_stack=1}
  export TSAN_SYMBOLIZER_PATH=${TSAN_SYMBOLIZER_PATH:-${LLVM_BIN:-/usr/lib/llvm-22/bin}/llvm-symbolizer}
  scripts/test.sh --build build-tsan --tools build/bin unit/runtime programs/test_races
}

passed=0 failed=0
# part NAME FUNCTION...: runs one and adds up its count line.
part() {
  local log
  log=$(mktemp)
  echo "== $1"
  shift
  "$@" 2>&1 | tee "$log" || true
  if [[ "$(tail -n 1 "$log")" =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
    passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
  else
    failed=$((failed + 1))
  fi
  rm -f "$log"
}

case "${1:-}" in
"") part "AddressSanitizer" address; part "ThreadSanitizer" thread ;;
--address) part "AddressSanitizer" address ;;
--thread) part "ThreadSanitizer" thread ;;
--all) part "AddressSanitizer" address all; part "ThreadSanitizer" thread ;;
-h | --help) sed -n '2,14s/^# \{0,1\}//p' "$0"; exit 0 ;;
*) echo "sanitize.sh: no option '$1'; see --help" >&2; exit 2 ;;
esac
echo "$passed passed, $failed failed"
((failed == 0 && passed > 0))
