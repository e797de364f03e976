#!/usr/bin/env bash
# Runs the tests and ends with one line that counts: N passed, N failed.
#
#   scripts/test.sh [OPTION...] [FILTER...]      every test, or those whose name contains one of the filters
#
# A name is a path below tests/: nn/ir/ops.mlir, diagnostics/E0301.nn, unit/sema/Dim.Product (a GoogleTest case),
# programs/test_random.py (compiled programs against NumPy), fuzz/syntax (where fuzzers were built). A filter is a
# regular expression over it: `scripts/test.sh unit/ programs/test_docs`.
#
#   --list           print the names and exit
#   --except REGEX   leave these out
#   --build DIR      the build to test; build/ otherwise, which is made where it is missing
#   --tools DIR      where nnc and nn-opt are; DIR/bin of the build otherwise
#   --jobs N         tests at a time; as many as there are cores otherwise
#   --sanitize       scripts/sanitize.sh as well: AddressSanitizer, ThreadSanitizer, fuzzers
#
# Tests that need ../shared, or what this machine lacks, are skipped and named.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

filters=() without="" build=build tools="" sanitize=0 list=0 jobs=()
while (($#)); do
  case "$1" in
  --except) without=${2:?--except takes a regular expression}; shift ;;
  --build) build=${2:?--build takes a folder}; shift ;;
  --tools) tools=${2:?--tools takes a folder}; shift ;;
  --jobs | -j) jobs=(-j "${2:?--jobs takes a number}"); shift ;;
  --sanitize) sanitize=1 ;;
  --list) list=1 ;;
  -h | --help) sed -n '2,17s/^# \{0,1\}//p' "$0"; exit 0 ;;
  -*) echo "test.sh: no option '$1'; see --help" >&2; exit 2 ;;
  *) filters+=("${1#tests/}") ;;
  esac
  shift
done

if [[ ! -x "${tools:-$build/bin}/nnc" && "$build" == build ]]; then
  scripts/build.sh || { echo "test.sh: the build failed" >&2; exit 1; }
fi
build=$(realpath "$build") || exit 2
llvm=${LLVM_BIN:-/usr/lib/llvm-22/bin}

# A Python that has NumPy: the system's own, or whichever comes first on the path.
for NNC_PYTHON in /usr/bin/python3 python3; do
  "$NNC_PYTHON" -c 'import numpy' 2>/dev/null && break
done
export NNC_PYTHON NNC_SKIPPED="$build/skipped.log"
rm -f "$NNC_SKIPPED" "$build/lit.xml"

options=(--param "build=$build" --param "llvm=$llvm" "${jobs[@]}")
[[ -n "$tools" ]] && options+=(--param "tools=$(realpath "$tools")")
((${#filters[@]})) && options+=(--filter "nnc :: .*($(IFS='|'; echo "${filters[*]}"))")
[[ -n "$without" ]] && options+=(--filter-out "nnc :: .*($without)")
if ((list)); then
  "$llvm/lit" --show-tests "${options[@]}" tests | sed -n 's/^ *nnc :: //p'
  exit
fi

"$llvm/lit" -sv "${options[@]}" --xunit-xml-output "$build/lit.xml" tests >"$build/lit.log" 2>&1
status=$?
"$NNC_PYTHON" - "$build" "$status" <<'PY'
"""Prints what failed and how, what took longest, what was skipped and why, and leaves the counts in a file."""
import os
import sys
import xml.etree.ElementTree as tree

build, status = sys.argv[1], int(sys.argv[2])
with open(f"{build}/lit.log", encoding="utf-8", errors="replace") as file:
    log = [line for line in file.read().splitlines() if line]
cases = list(tree.parse(f"{build}/lit.xml").getroot().iter("testcase")) if os.path.exists(f"{build}/lit.xml") else []


def why_skipped(case):
    return "" if case.find("skipped") is None else case.find("skipped").get("message", "")


cases = [case for case in cases if not why_skipped(case).startswith("Test not selected")]


def name(case):
    return "/".join([case.get("classname").split(".", 1)[-1].replace(".", "/"), case.get("name")])


failed = [case for case in cases if case.find("failure") is not None]
skipped = {name(case): why_skipped(case) for case in cases if case.find("skipped") is not None}
if status or failed:
    print("\n".join(line for line in log[-400:] if not line.startswith(("ok  ", "Testing: "))))
slow = sorted(cases, key=lambda case: -float(case.get("time") or 0))[:5]
if len(cases) > 20:
    print("longest: " + ", ".join(f"{name(case)} {float(case.get('time')):.0f} s" for case in slow))
for what, why in skipped.items():
    print(f"skipped: {what}: {why}")
if os.path.exists(f"{build}/skipped.log"):
    with open(f"{build}/skipped.log", encoding="utf-8") as file:
        print("".join(f"skipped in part: {line}" for line in file), end="")
bad = len(failed) or int(status != 0 or not cases)
with open(f"{build}/counts", "w", encoding="utf-8") as file:
    print(len(cases) - len(failed) - len(skipped), bad, len(skipped), file=file)
PY
read -r passed failed skipped <"$build/counts" || { passed=0 failed=1 skipped=0; }

if ((sanitize)); then
  log=$build/sanitize.log line=""
  scripts/sanitize.sh >"$log" 2>&1 || tail -n 200 "$log"
  line=$(tail -n 1 "$log")
  echo "under sanitizers: $line"
  [[ "$line" =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]] || line="0 passed, 1 failed"
  [[ "$line" =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]]
  passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
fi

echo "$passed passed, $failed failed$( ((skipped)) && echo ", $skipped skipped")"
((failed == 0 && passed > 0))
