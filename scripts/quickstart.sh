#!/usr/bin/env bash
# From a fresh clone to a trained network: installs the dependencies, builds nnc, compiles the MNIST classifier,
# trains it, and shows what it learnt.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*"; }

say "Dependencies"
scripts/install-deps.sh

say "Building nnc"
scripts/build.sh dev nnc # no tests: they would take as long again as the rest of this

say "The program: examples/mnist_mlp.nn"
cat examples/mnist_mlp.nn

say "Compiling it to a native executable"
out=build/quickstart
mkdir -p "$out"
build/bin/nnc build examples/mnist_mlp.nn -o "$out/mnist_mlp"
ls -lh "$out/mnist_mlp" | awk '{print $9 ": " $5}'

say "Training it on MNIST"
"$out/mnist_mlp" train --data data/mnist --save "$out/mnist_mlp.safetensors"

say "What it learnt"
"$out/mnist_mlp" eval --weights "$out/mnist_mlp.safetensors" --data data/mnist
"$out/mnist_mlp" predict --weights "$out/mnist_mlp.safetensors" examples/seven.png

cat <<EOF

The trained program is $out/mnist_mlp. Try
  $out/mnist_mlp --help
  build/bin/nnc summary examples/mnist_mlp.nn
and read docs/tutorial.md.
EOF
