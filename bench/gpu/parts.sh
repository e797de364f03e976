# The parts of a run of bench/gpu.sh, which sets what they use: folder, device, real (not the emulator), seconds, only, python, work, report, details.
# shellcheck shell=bash disable=SC2154,SC2034

say() { printf '%s\n' "$*" | tee -a "$report"; }
ok() { passed=$((passed + 1)); say "- ok: $*"; }
bad() { failed=$((failed + 1)); say "- **FAILED**: $*"; }
skipped() { say "- skipped: $*"; }
# Whether a program is there and wanted.
have() { [[ $1 =~ $only && -f $folder/$1 ]] && { [[ -x $folder/$1 ]] || chmod +x "$folder/$1"; }; }

# Runs a command for at most so many seconds, less where the part's time ($until), or the whole run's, ends before. What it prints is in $work/out, and its errors
# with it in $details. 124: it took longer; 125: no time was left to start it.
attempt() {
  local limit=$1 left=$((${until:-$seconds} - SECONDS)) status
  shift
  : >"$work/out" && : >"$work/err"
  ((left >= 3)) || return 125
  timeout -k 5 $((left < limit ? left : limit)) "$@" >"$work/out" 2>"$work/err" </dev/null
  status=$?
  { printf '%s\n' "\$ $* # status $status, second $SECONDS" && cat "$work/err" && tail -n 40 "$work/out"; } >>"$details"
  return $status
}
# Why the last command failed, in a few words.
why() {
  case $1 in
  124 | 137) echo "took too long" ;;
  125) echo "no time was left" ;;
  *) echo "status $1: $(tail -n 2 "$work/err" | tr '\n' ' ' | cut -c 1-300)" ;;
  esac
}
# Counts a command that failed: no time left is no failure.
missed() {
  if (($1 == 125)); then skipped "$2: no time was left"; else bad "$2: $(why "$1")"; fi
}

# train SECONDS PROGRAM OPTION...: with a log of every step in $work/out.
train() { attempt "$1" "$folder/$2" train --data data/mnist --log - "${@:3}"; }
# The values of a key in the events of one kind in $work/out, or another log.
values() {
  local line
  while read -r line; do
    [[ $line == *"\"event\": \"$1\""* && $line =~ \"$2\":\ ([0-9.eE+-]+) ]] && echo "${BASH_REMATCH[1]}"
  done <"${3:-$work/out}"
  return 0
}
# A number times 10^9 and a whole one, as bash computes with no others; and back, with some places.
nano() {
  local text
  printf -v text '%.9f' "$1"
  echo $((${text/.*/} * 1000000000 + 10#${text/*./}))
}
fixed() { # NANO PLACES
  local text power=$((10 ** (9 - $2)))
  text=$((($1 + power / 2) / power))
  (($2 == 0)) && { echo "$text"; return; }
  while ((${#text} <= $2)); do text=0$text; done
  echo "${text:0:-$2}.${text: -$2}"
}
least() { sort -g | head -n 1; }

part_machine() {
  local name=unknown driver=unknown cpu=unknown line
  if ((real)) && command -v nvidia-smi >/dev/null && attempt 20 nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm --format=csv,noheader; then
    IFS=, read -r name driver line <"$work/out"
    name="$name,$line"
  fi
  [[ -r /proc/cpuinfo ]] && cpu=$(grep -m 1 'model name' /proc/cpuinfo | cut -d : -f 2-)
  say "# nnc's programs on ${name%%,*}"
  ((real)) || say "A trial on the emulator: it shows that this script works, and nothing of any GPU."
  say
  say "| | |"
  say "|---|---|"
  say "| card | ${name} |"
  say "| driver | ${driver# } |"
  say "| host | $(nproc) processors,${cpu} |"
  say "| date | $(date -u +%F) |"
  say "| command | \`bench/gpu.sh run --device $device\` |"
  if [[ $python ]]; then
    if attempt 60 env PEER_DEVICE="${PEER_DEVICE:-cuda}" python3 bench/gpu/peer_torch.py version; then
      torch=$(<"$work/out")
    fi
    say "| python3 | $(python3 --version 2>&1), ${torch:-no PyTorch with CUDA} |"
  else
    say "| python3 | none |"
  fi
  say
  for line in "$folder"/*; do
    line=${line##*/}
    if [[ $line == *.* ]] || ! have "$line"; then continue; fi
    attempt 10 "$folder/$line" info && [[ $line == mnist_mlp ]] && {
      say '```'
      say "$(grep -A 30 -E '^(compiler|built for)' "$work/out" | grep -vE '^(inputs|outputs|parameters|recipe|memory|  )' ; sed -n '/^ *kernels /,/^ *and /p' "$work/out")"
      say '```'
    }
  done
  say "What all programs and their commands said is in details.txt beside this report."
}

part_accuracy() {
  local until=$((seconds * 30 / 100))
  local status accuracies last cpu gpu i worst=0 gap
  say "## Accuracy"
  have mnist_mlp || { skipped "mnist_mlp isn't prepared"; return; }
  if ((real)); then
    train 90 mnist_mlp --device "$device" --epochs 5 --seed 1
    status=$?
    if ((status)); then
      missed "$status" "mnist_mlp trains"
    else
      mapfile -t accuracies < <(values epoch accuracy)
      last=$(nano "${accuracies[-1]:-0}")
      gap="after 5 epochs of mnist_mlp $(fixed $((last * 100)) 2) % (epochs in $(values epoch seconds | xargs printf '%.3f '| sed 's/ $//; s/ /, /g') s)"
      if ((last >= 970000000)); then ok "$gap"; else bad "$gap, below 97 %"; fi
    fi
  fi
  local steps=20
  ((real)) || steps=3
  cpu=() gpu=()
  for where in cpu "$device"; do
    train 60 mnist_mlp --device "$where" --steps "$steps" --log-every 1 --seed 1
    status=$?
    ((status == 0)) || { missed "$status" "losses of mnist_mlp on $where"; return; }
    mv "$work/out" "$work/losses-${where%%:*}"
  done
  mapfile -t cpu < <(values step loss "$work/losses-cpu")
  mapfile -t gpu < <(values step loss "$work/losses-${device%%:*}")
  for ((i = 0; i < ${#cpu[@]} && i < ${#gpu[@]}; i++)); do
    local a c
    a=$(nano "${cpu[i]}") c=$(nano "${gpu[i]}")
    gap=$(((a > c ? a - c : c - a) * 1000000 / (a > 0 ? a : 1)))
    ((gap > worst)) && worst=$gap
  done
  gap="losses of ${#gpu[@]} steps of mnist_mlp on $device and on the CPU are $worst millionths apart"
  if ((${#cpu[@]} == steps && ${#gpu[@]} == steps && worst <= 1000)); then ok "$gap"; else bad "$gap (of $steps steps; 1000 at most)"; fi
}

# same A B WHAT: compares two checkpoints; with `close`, small differences are told and no failure.
same() {
  local words
  if cmp -s "$1" "$2"; then
    ok "$3: equal bits"
  elif [[ ! $python ]]; then
    bad "$3: other bits (without python3, how far apart isn't known)"
  else
    words=$(python3 bench/gpu/compare.py "$1" "$2" 2>&1)
    case $?:${4:-}:$words in
    0:*:equal) ok "$3: equal bits" ;;
    0:close:*) ok "$3: not the same bits: $words" ;;
    *) bad "$3: $(tail -n 1 <<<"$words")" ;;
    esac
  fi
}

part_bits() {
  local until=$((seconds * 38 / 100))
  local name status there=emulator:fast
  [[ $device == emulator:fast ]] && there=emulator
  say "## Bits: $device and the emulator ($there)"
  say
  say "Weights and optimizer state after 3 steps. Small differences are told, and count as failures above 1e-5 of a tensor's largest number."
  say
  for name in "${SMALL[@]}" gemm-32x784x64 gemm-32x784x64-back; do
    have "$name" || { skipped "$name isn't prepared"; continue; }
    for where in "$device" "$there"; do
      train 45 "$name" --device "$where" --steps 3 --seed 5 --save "$work/${where//:/-}.safetensors" && status=0 || status=$?
      ((status == 0)) || { missed "$status" "$name on $where"; continue 2; }
    done
    same "$work/${device//:/-}.safetensors" "$work/${there//:/-}.safetensors" "$name" close
  done
}

part_determinism() {
  local until=$((seconds * 56 / 100))
  local name steps=200 file
  ((real)) || steps=4
  say "## Determinism: $steps steps twice, and stopped in the middle and resumed"
  say
  for name in "${SMALL[@]}"; do
    have "$name" || { skipped "$name isn't prepared"; continue; }
    file=$work/$name
    train 30 "$name" --device "$device" --steps "$steps" --seed 3 --save "$file-1.safetensors" &&
      train 30 "$name" --device "$device" --steps "$steps" --seed 3 --save "$file-2.safetensors" &&
      train 30 "$name" --device "$device" --steps $((steps / 2)) --seed 3 --save "$file-half.safetensors" &&
      train 30 "$name" --device "$device" --steps "$steps" --resume "$file-half.safetensors" --save "$file-3.safetensors"
    local status=$?
    ((status == 0)) || { missed "$status" "$name"; continue; }
    same "$file-1.safetensors" "$file-2.safetensors" "$name, twice"
    same "$file-1.safetensors" "$file-3.safetensors" "$name, resumed"
  done
}

# rounds FLOP: sets few, many (pairs of products in a step) and steps, so that a measurement takes some tenths of a second on a large card.
rounds() {
  many=$((2000000000000 / $1)) steps=5
  ((many > 200)) && many=200
  ((many < 8)) && many=8
  few=$((many / 4)) # Not one, the recipe's number: that has kernels of its own.
  steps=$((20000000000000 / $1 / many))
  ((steps > 40)) && steps=40
  ((steps < 5)) && steps=5
  ((real)) || few=2 many=3 steps=1
}

part_products() {
  local until=$((seconds * 93 / 100))
  local shape name precision key b m k n back few many steps pair batch status round label a c gap time
  local -A took=() plain=() graphed=() flop=()
  local all=("${SHAPES[@]/#/f32:}" tf32:4096x4096x4096 bf16:4096x4096x4096) there=()
  say "## Products of matrices"
  say
  for label in "${all[@]}"; do
    precision=${label%%:*} shape=${label#*:}
    name=$(program_of "$shape")
    [[ $precision == f32 ]] || name+=-$precision
    have "$name" || { skipped "$name isn't prepared"; continue; }
    parse "$shape"
    flop[$label]=$((4 * b * m * k * n))
    ((real || flop[$label] < 10000000)) || { skipped "$name: too large for the emulator"; continue; }
    there+=("$label")
    # Right before fast: what comes of two passes, beside the CPU's, where that doesn't take too long.
    if ((flop[$label] <= 5000000000)); then
      a='' c=''
      train 40 "$name" --device cpu --batch 2 --steps 1 --log-every 1 && a=$(values step loss) &&
        train 40 "$name" --device "$device" --batch 2 --steps 1 --log-every 1 && c=$(values step loss)
      status=$?
      if [[ $a && $c ]]; then
        a=$(nano "$a") c=$(nano "$c")
        gap=$(((a > c ? a - c : c - a) * 1000000 / (a > 0 ? a : 1)))
        if ((gap <= 100 && a > 0)); then ok "$label: $gap millionths from the CPU's"; else bad "$label: $gap millionths from the CPU's"; fi
      else
        missed "$status" "$label"
      fi
    fi
  done
  for round in 1 $( ((real)) && echo 2); do
    for label in "${there[@]}"; do
      precision=${label%%:*} shape=${label#*:}
      name=$(program_of "$shape")
      [[ $precision == f32 ]] || name+=-$precision
      rounds "${flop[$label]}"
      for batch in "$few" "$many"; do
        train 25 "$name" --device "$device" --batch "$batch" --steps "$steps" --log-every 1000000
        status=$?
        ((status == 0)) || { missed "$status" "$label, round $round"; continue 2; }
        time=$(nano "$(values end train_seconds)")
        key="$label $batch"
        ((${took[$key]:-0} == 0 || time < ${took[$key]:-0})) && took[$key]=$time
      done
    done
    [[ $torch && ${#there[@]} -gt 0 ]] || continue
    attempt 60 python3 bench/gpu/peer_torch.py gemm "${there[@]}" || skipped "PyTorch's products, round $round: $(why $?)"
    while read -r label a c; do
      [[ $a =~ ^[0-9.]+$ ]] || continue
      a=$(nano "$a")
      ((${plain[$label]:-0} == 0 || a < ${plain[$label]:-0})) && plain[$label]=$a
      [[ $c =~ ^[0-9.]+$ ]] || continue
      c=$(nano "$c")
      ((${graphed[$label]:-0} == 0 || c < ${graphed[$label]:-0})) && graphed[$label]=$c
    done <"$work/out"
  done
  say
  say "No kernel is timed alone from outside. A step of nnc's program does some number of pairs of dependent products in a loop; the time of a product is the"
  say "difference between steps of many and of few, by the difference of the numbers, so what a step has beside is out, and what launching them takes is in."
  say "A pair is MxKxN and MxNxK, or with \`:back\` x^T g and g w^T. PyTorch does the same pairs, called one by one, and as a captured graph (without Python's time)."
  say "Microseconds a product, and TFLOP/s (2MKN a product); best of two rounds."
  say
  say "| product | nnc, us | TFLOP/s | torch.matmul, us | TFLOP/s | in a graph, us | TFLOP/s |"
  say "|---|---|---|---|---|---|---|"
  for label in "${there[@]}"; do
    rounds "${flop[$label]}"
    a=${took["$label $few"]:-} c=${took["$label $many"]:-}
    [[ $a && $c ]] || continue
    ((real)) || { say "| $label | (emulator) | | | | | |"; continue; }
    # Nanoseconds of a product times 10^6: microseconds in `fixed`'s form.
    time=$(((c - a) * 1000000 / (steps * (many - few) * 2)))
    pair="| $label"
    for time in "$time" "${plain[$label]:-0}" "${graphed[$label]:-0}"; do
      if ((time > 0)); then
        pair+=" | $(fixed "$time" 2) | $(fixed $((flop[$label] * 5000000 / (time / 100000 + 1))) 2)"
      else
        pair+=" | - | -"
      fi
    done
    say "$pair |"
  done
}

part_profile() {
  say "## Kernels, by Nsight Compute"
  say
  if ! ((real)) || ! command -v ncu >/dev/null; then
    skipped "there is no ncu, or no GPU"
    return
  fi
  local name
  for name in mnist_mlp conv gemm-1024x1024x1024 gemm-4096x4096x4096; do
    have "$name" || continue
    if attempt 40 ncu --clock-control none --csv --metrics gpu__time_duration.sum --launch-count 60 \
      "$folder/$name" train --data data/mnist --device "$device" --steps 2 --quiet; then
      say "$name: nanoseconds of a kernel's launches, the first that come"
      say
      say '```'
      grep gpu__time_duration "$work/out" | sed 's/^"[^"]*","[^"]*","[^"]*","[^"]*","\([^"]*\)".*"\([^"]*\)"$/\1 \2/' | sort | uniq -c | head -n 40 | tee -a "$report"
      say '```'
    else
      skipped "$name under ncu: $(why $?)"
    fi
  done
}
