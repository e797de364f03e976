#!/usr/bin/env bash
# Checks and times nnc's programs on a GPU, which may be in another machine than nnc.
#
#   bench/gpu.sh prepare [OPTION...] [FOLDER]   builds the programs, where nnc is (build/bin, or $NNC_BIN)
#   bench/gpu.sh [run] [OPTION...] [FOLDER]     checks and times them, where the GPU is; ends with 1 where a check failed
#
# The folder is build/gpu-bench where none is named. The second half needs the repository's files, the folder, bash with the usual small tools,
# and a driver; with python3 it says how far weights are apart, and PyTorch is timed beside nnc where python3 has it.
#
#   --gpu CHIPS       chips to prepare for (default: sm_80,sm_90a,sm_100, and PTX for others)
#   --only REGEX      prepare, or run, no other programs than those whose names match
#   --device NAME     run on another than cuda; with `emulator`, few steps: a trial of this script on a machine without a GPU
#   --seconds N       of all parts of a run together (default: 450); what doesn't fit is left out and named
#
# The report is FOLDER/report.md, or $OUT/report.md where $OUT names a folder. It is printed too.
set -uo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.." || exit

SMALL=(dense norms recurrent conv attention)
# Products: [BATCH*]MxKxN is h = (h @ w) @ v, of MxKxN and MxNxK; with ':back' it is the two products of its gradient, x^T g and g w^T.
SHAPES=(32x784x64 32x784x64:back 512x784x512 512x784x512:back '64*64x64x64' 1024x1024x1024 4096x4096x4096)

usage() { sed -n '2,17s/^# \{0,1\}//p' "$0"; }
mode=run device=cuda chips=sm_80,sm_90a,sm_100 only=. seconds=450 folder=build/gpu-bench
case "${1:-}" in prepare | run) mode=$1; shift ;; esac
while (($#)); do
  case "$1" in
  --gpu) chips=${2:?--gpu takes chips}; shift ;;
  --only) only=${2:?--only takes a regular expression}; shift ;;
  --device) device=${2:?--device takes a name}; shift ;;
  --seconds) seconds=${2:?--seconds takes a number}; shift ;;
  -h | --help) usage; exit 0 ;;
  -*) echo "gpu.sh: no option '$1'; see --help" >&2; exit 2 ;;
  *) folder=$1 ;;
  esac
  shift
done

# A shape's program, as a file's name has it.
program_of() { local name=gemm-$1; name=${name//\*/_}; echo "${name//:/-}"; }
# Sets b, m, k, n and back (all the caller's) from a shape.
parse() {
  [[ $1 =~ ^(([0-9]+)\*)?([0-9]+)x([0-9]+)x([0-9]+)(:back)?$ ]] || return
  b=${BASH_REMATCH[2]:-1} m=${BASH_REMATCH[3]} k=${BASH_REMATCH[4]} n=${BASH_REMATCH[5]} back=${BASH_REMATCH[6]}
}

# A program that does `batch` times the two products, each on what the other left, so that `--batch` says how many there are. Nothing of a
# product is trained (a factor behind all is), so a step is the products forwards, and little else that is the same for any number.
gemm_source() {
  local b m k n back p='' q=''
  parse "$1"
  ((b > 1)) && p="$b, " q='p '
  local first="f32[$p$m, $k]" body params
  if [[ $back ]]; then
    params="param g: f32[$p$m, $n] = normal(1 / ($m ^ 0.5 + $n ^ 0.5))" # of norm 1, so that nothing grows
    body="let d = einsum(\"${q}m k, ${q}m n -> ${q}k n\", h, g)
    h = einsum(\"${q}m n, ${q}k n -> ${q}m k\", g, d)"
  else
    params="param w: f32[$p$k, $n] = normal(1 / $k ^ 0.5)
  param v: f32[$p$n, $k] = normal(1 / $n ^ 0.5)"
    body="h = h @ w @ v"
  fi
  cat <<NN
model gemm(count: f32[batch]) -> y: f32 {
  $params
  param gain: f32 = ones()
  let first: $first = normal()
  let last = scan i in 0..batch {
    state h: $first = first
    $body
    h
  }
  gain * mean(abs(last)) + 0 * mean(count)
}

train gemm {
  let count: f32[batch] = uniform()
  let y = gemm(count)
  loss      y
  freeze    $([[ $back ]] && echo '"g"' || echo '"w", "v"')
  optimizer sgd(lr: 1e-6)
  batch     1
  steps     1
}
NN
}

prepare() {
  local nnc=${NNC_BIN:-build/bin}/nnc name shape bytes=0 tracked=0 size failed=0 file
  mkdir -p "$folder" || exit 2
  cp bench/gpu/*.nn "$folder/"
  cp examples/mnist_mlp.nn "$folder/"
  build() { # NAME SOURCE OPTION...
    local name=$1 source=$2
    [[ $name =~ $only ]] || return 0
    if "$nnc" build "$folder/$source.nn" --target cuda --cpu x86-64-v3 --gpu "$chips" --data data/mnist "${@:3}" -o "$folder/$name"; then
      strip "$folder/$name" 2>/dev/null # of what only debuggers read, for what travels has a limit
      echo "built $name"
    else
      echo "FAILED to build $name" >&2
      failed=1
    fi
  }
  build mnist_mlp mnist_mlp
  build mnist_mlp-512 mnist_mlp --batch 512
  for name in "${SMALL[@]}"; do build "$name" "$name"; done
  for name in mnist_mlp norms; do build "$name-launched" "$name" --no-persistent; done
  for shape in "${SHAPES[@]}"; do
    name=$(program_of "$shape")
    gemm_source "$shape" >"$folder/$name.nn"
    build "$name" "$name"
  done
  for name in tf32 bf16; do build "gemm-4096x4096x4096-$name" gemm-4096x4096x4096 --precision "$name"; done
  for file in "$folder"/*; do bytes=$((bytes + $(stat -c %s "$file"))); done
  while read -r -d '' file; do
    size=$(stat -c %s "$file" 2>/dev/null) && tracked=$((tracked + size))
  done < <(git ls-files -z 2>/dev/null)
  echo "$folder has $((bytes >> 10)) KiB, the repository's files $((tracked >> 10)) KiB: $(((bytes + tracked) >> 20)) MiB of at most 64"
  ((bytes + tracked < 64 << 20)) || { echo "gpu.sh: that is too much; name fewer chips with --gpu" >&2; failed=1; }
  ((failed == 0))
}

if [[ $mode == prepare ]]; then
  prepare
  exit
fi

[[ -d $folder ]] || { echo "gpu.sh: there is no folder '$folder'; 'bench/gpu.sh prepare' makes it where nnc is" >&2; exit 2; }
out=${OUT:-$folder} work=$(mktemp -d) passed=0 failed=0
report=$out/report.md details=$out/details.txt
trap 'rm -rf "$work"' EXIT
mkdir -p "$out" && : >"$report" && : >"$details" || exit 2
real=1
[[ $device == emulator* ]] && real=0
python=''
command -v python3 >/dev/null && python=python3
torch=''
# shellcheck source=bench/gpu/parts.sh
source bench/gpu/parts.sh
# shellcheck source=bench/gpu/forms.sh
source bench/gpu/forms.sh

part_machine
for part in accuracy bits forms determinism speed products profile; do
  say
  "part_$part"
done
say
say "$passed passed, $failed failed, after $SECONDS s"
((failed == 0))
