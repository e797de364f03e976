# The forms that a training step has: whether they leave the same bits, and how fast they are. See parts.sh for what these parts of bench/gpu.sh use.
# shellcheck shell=bash disable=SC2154,SC2034

# What the report says of each form.
declare -A FORMS=(
  [persistent]="a kernel makes all the steps of a call"
  [launched]="a launch a step"
  [graph]="several launches a step, repeated as CUDA graphs"
  [single]="several launches a step, one by one"
  [waiting]="several launches a step, each waited for (\`NN_SYNC=1\`)"
)

# Sets form and every (the caller's) from a program, the batch that it is to run with, and a form that is asked for: what it will be, and how often a
# step is logged. A call that has fewer steps than two graphs repeats none, so logging them often asks for launches one by one: 'every' is the most for
# which that is sure. A program for one batch size launches each step where it runs with another.
form_of() { # PROGRAM BATCH [FORM]
  local name count launches=0 graph=1
  attempt 10 "$folder/$1" info || return
  while read -r name count _; do
    [[ $count =~ ^[0-9]+$ ]] && launches=$((launches + count))
  done < <(sed -n '/^ *kernels /,/^ *and /p' "$work/out" | grep '_step')
  every=1000000
  if grep -q '_step.*_counted ' "$work/out"; then
    form=${3:-graph}
  elif [[ $1 == *-launched ]] || ! grep -qE "^ *batch +$2\$" "$work/out"; then
    form=launched
  else
    form=persistent
  fi
  if [[ $form == single ]]; then
    while ((2 * graph * launches <= 64)); do graph=$((2 * graph)); done
    every=$((2 * graph - 1))
  fi
}

# Trains in a form, as `train` does.
train_as() { # FORM SECONDS PROGRAM OPTION...
  NN_SYNC=$([[ $1 == waiting ]] && echo 1 || echo 0) train "${@:2}"
}

part_forms() {
  local until=$((seconds * 48 / 100))
  local steps=320 there=emulator:fast name form every asked file status
  [[ $device == emulator:fast ]] && there=emulator
  ((real)) || steps=70 # more than one graph has
  say "## Forms of a step: equal bits after $steps steps"
  say
  # leaves FILE FORM DEVICE PROGRAM OPTION...: weights and optimizer state, in $work.
  leaves() { train_as "$2" 60 "$4" --device "$3" --seed 7 --save "$work/$1.safetensors" "${@:5}"; }
  for name in mnist_mlp norms; do
    if ! have "$name" || ! have "$name-launched"; then skipped "$name and $name-launched aren't both prepared"; continue; fi
    leaves persistent '' "$device" "$name" --steps "$steps" --log-every 1000000 &&
      leaves launched '' "$device" "$name-launched" --steps "$steps" --log-every 1000000 &&
      leaves often '' "$device" "$name" --steps "$steps" --log-every 7
    status=$?
    ((status == 0)) || { missed "$status" "$name in all forms"; continue; }
    same "$work/persistent.safetensors" "$work/launched.safetensors" "$name, one kernel for many steps, and a launch for each"
    same "$work/persistent.safetensors" "$work/often.safetensors" "$name, calls of 256 steps, and of seven"
    leaves emulated '' "$there" "$name" --steps "$steps" && status=0 || status=$?
    ((status == 0)) || { missed "$status" "$name on $there"; continue; }
    same "$work/persistent.safetensors" "$work/emulated.safetensors" "$name, $device and $there"
  done
  # All of five epochs: here, evaluations lie between.
  if ((real)) && have mnist_mlp && have mnist_mlp-launched; then
    leaves persistent '' "$device" mnist_mlp --epochs 5 && leaves launched '' "$device" mnist_mlp-launched --epochs 5 && status=0 || status=$?
    if ((status == 0)); then
      same "$work/persistent.safetensors" "$work/launched.safetensors" "mnist_mlp, five epochs, one kernel for many steps, and a launch for each"
    else
      missed "$status" "five epochs of mnist_mlp in both forms"
    fi
  fi
  name=attention
  have $name || { skipped "$name isn't prepared"; return; }
  for asked in graph single waiting; do
    form_of $name 32 $asked && leaves $asked $asked "$device" $name --steps "$steps" --log-every "$every"
    status=$?
    ((status == 0)) || { missed "$status" "$name, ${FORMS[$asked]}"; return; }
    [[ $form == "$asked" ]] || { bad "$name has no steps of several launches any more: another program is needed"; return; }
    [[ $asked == graph ]] || same "$work/graph.safetensors" "$work/$asked.safetensors" "$name, launches as graphs, and $asked"
  done
}

# speed_of PROGRAM BATCH FORM: nanoseconds of its best epoch, and of five in one run, in the arrays of the caller that are called `best` and `five`.
speed_of() {
  local value form every
  form_of "$@" || return
  train_as "$form" 40 "$1" --device "$device" --epochs 5 --log-every "$every" --batch "$2" || return
  forms[$label]=$form
  value=$(values epoch seconds | least)
  [[ $value ]] || return 1
  value=$(nano "$value")
  ((value > 0 && (${best[$label]:-0} == 0 || value < ${best[$label]:-0}))) && best[$label]=$value
  value=$(nano "$(values end train_seconds)")
  ((value > 0 && (${five[$label]:-0} == 0 || value < ${five[$label]:-0}))) && five[$label]=$value
  return 0
}

part_speed() {
  local until=$((seconds * 72 / 100))
  local -A best=() five=() forms=() rates=() means=() accuracies=()
  local label round batch name asked steps line rate mean accuracy key
  local all=("mnist_mlp 32" "mnist_mlp-launched 32" "mnist_mlp-512 512" "mnist_mlp 512" "attention 32 graph" "attention 32 single" "attention 32 waiting"
    "conv 32" "norms 32" "norms-launched 32" "recurrent 32")
  say "## Speed of training"
  say
  ((real)) || { skipped "the emulator is no measure of speed"; return; }
  for round in 1 2; do
    for label in "${all[@]}"; do
      read -r name batch asked <<<"$label"
      have "$name" || continue
      speed_of "$name" "$batch" "$asked" || missed $? "$label, round $round"
    done
    [[ $torch ]] || continue
    for batch in 32 512; do
      # Compiling takes most of the first round, and is kept for the second.
      attempt 90 env TORCHINDUCTOR_CACHE_DIR="$work/inductor" python3 bench/gpu/peer_torch.py mlp "$batch" 5 ||
        skipped "some modes of PyTorch at batch $batch, round $round: $(why $?)"
      while read -r name rate mean accuracy; do
        [[ $rate =~ ^[0-9.]+$ && $mean =~ ^[0-9.]+$ ]] || continue
        rate=$(nano "$rate") mean=$(nano "$mean")
        key="$name $batch"
        ((mean > ${means[$key]:-0})) && means[$key]=$mean
        ((rate > ${rates[$key]:-0})) && rates[$key]=$rate accuracies[$key]=$accuracy
      done <"$work/out"
      grep -h '^[a-z-]*: ' "$work/err" | sed 's/^/- PyTorch, /' | cut -c 1-240 | tee -a "$report"
    done
  done
  [[ $torch ]] || skipped "PyTorch: python3 has none with CUDA"
  skipped "batches that the host brings: a program keeps its data on the GPU wherever that takes no more than half of the free memory, as here"
  say
  say "Best of two rounds of five epochs, taking turns. nnc's epochs are of 60,000 examples (of 10,000 in attention, conv, norms and recurrent); its data lies on"
  say "the GPU, and the first of five epochs has in it whatever is done once. PyTorch's data lies there too, TF32 off, 25 steps to a captured graph; what it"
  say "compiles and captures comes before its epochs. Launches go one by one where losses are looked at so often that"
  say "no graph is worth it: every 31 steps, of a program with three launches."
  say
  say "| program | batch | form | steps a second | seconds an epoch | five epochs |"
  say "|---|---|---|---|---|---|"
  for label in "${all[@]}"; do
    [[ ${best[$label]:-} ]] || continue
    read -r name batch asked <<<"$label"
    steps=$((($([[ $name == mnist_mlp* ]] && echo 60000 || echo 10000) + batch - 1) / batch))
    say "| nnc: $name | $batch | ${FORMS[${forms[$label]}]} | $((steps * 1000000000 / best[$label])) | $(fixed "${best[$label]}" 4) | $(fixed "${five[$label]:-0}" 3) |"
  done
  for line in "eager" "compiled" "graph" "compiled-graph"; do
    for batch in 32 512; do
      key="$line $batch"
      rate=${rates[$key]:-} mean=${means[$key]:-}
      [[ $rate ]] || continue
      steps=$(((60000 + batch - 1) / batch))
      say "| PyTorch (accuracy ${accuracies[$key]}) | $batch | $line | $(fixed "$rate" 0) | $(fixed $((steps * 1000000000000 / (rate / 1000000))) 4) | $(fixed $((5 * steps * 1000000000000 / (mean / 1000000))) 3) |"
    done
  done
}
