#!/usr/bin/env bash
# Checks how the sources are written: clang-format, the house rules of CONTRIBUTING.md, and with --tidy clang-tidy.
#
#   scripts/lint.sh           format and house rules (a few seconds)
#   scripts/lint.sh --fix     rewrite what clang-format would change
#   scripts/lint.sh --tidy    clang-tidy as well, over the build in build/ (see scripts/tidy.py)
set -euo pipefail
cd "$(dirname "$0")/.."

# The files that are there, committed or to be.
files() {
  git ls-files --cached --others --exclude-standard -- "$@" | sort -u | while read -r file; do
    [[ ! -e "$file" ]] || echo "$file"
  done
}
mapfile -t cpp < <(files '*.cpp' '*.h' '*.c')
mapfile -t sources < <(files '*.cpp' '*.h' '*.td' '*.g4' '*.py' '*.sh' '*.cmake' '*.nn' | grep -v '^tests/.*/corpus/')
clang_format=$(command -v clang-format-22 || echo /usr/lib/llvm-22/bin/clang-format)

case "${1:-}" in
--fix)
  "$clang_format" -i "${cpp[@]}"
  exit
  ;;
-h | --help)
  sed -n '2,6s/^# \{0,1\}//p' "$0"
  exit
  ;;
esac

bad=0
complain() {
  echo "lint: $*" >&2
  bad=1
}

"$clang_format" --dry-run -Werror "${cpp[@]}" || complain "run scripts/lint.sh --fix"

for file in "${sources[@]}"; do
  lines=$(wc -l <"$file")
  ((lines <= 500)) || complain "$file has $lines lines; split it where there are two ideas in one (500 at most)"
done
# A file says its purpose in its first line.
for file in "${cpp[@]}"; do
  read -r first <"$file" || true
  [[ "$first" == //* || "$first" == "/*"* ]] || complain "$file: the first line does not say what the file is for"
done
# A source that no build lists is dead.
while read -r file; do
  grep -q "$(basename "$file")" "$(dirname "$file")/CMakeLists.txt" 2>/dev/null ||
    grep -rq --include=CMakeLists.txt "$(basename "$file")" . || complain "$file is in no CMakeLists.txt"
done < <(printf '%s\n' "${cpp[@]}" | grep '\.cpp$' | grep -v '^bench/')

if [[ "${1:-}" == "--tidy" ]]; then
  scripts/tidy.py || complain "clang-tidy has findings"
fi

((bad == 0)) && echo "lint: ${#sources[@]} files are clean"
exit "$bad"
