#!/bin/sh
# Scaffolds a pass over the nn dialect: writes its file and its test, prints its entry for Passes.td.
#   scripts/new-pass.sh nn-<verb>-<object>
set -eu
if [ $# -ne 1 ] || ! printf '%s' "$1" | grep -Eq '^nn(-[a-z0-9]+)+$'; then
  echo "usage: $0 nn-<verb>-<object>" >&2
  exit 2
fi
root=$(cd "$(dirname "$0")/.." && pwd)
name=$1
words=${name#nn-}
class=$(printf '%s' "$words" | awk -F- '{ for (i = 1; i <= NF; i++) printf "%s%s", toupper(substr($i, 1, 1)), substr($i, 2) }')
source="$root/dialects/nn/transforms/$class.cpp"
test="$root/tests/nn/transforms/$words.mlir"
for file in "$source" "$test"; do
  if [ -e "$file" ]; then
    echo "$0: $file exists" >&2
    exit 1
  fi
done
macro=$(printf '%sPASS' "$class" | tr '[:lower:]' '[:upper:]')
cat > "$source" <<END
// $name: <what it does, in a line>.
#include "dialects/nn/ir/NnOps.h"
#include "dialects/nn/transforms/Passes.h"

using namespace mlir;
using namespace mlir::nn;

namespace mlir::nn {
#define GEN_PASS_DEF_$macro
#include "dialects/nn/transforms/Passes.h.inc"
} // namespace mlir::nn

namespace {
struct ${class}Pass : nn::impl::${class}PassBase<${class}Pass> {
  void runOnOperation() override {}
};
} // namespace
END
cat > "$test" <<END
// RUN: nn-opt %s --$name | FileCheck %s

// CHECK-LABEL: func @f
// CHECK: nn.exp
func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = nn.exp %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
END
cat <<END
Wrote ${source#"$root/"} and ${test#"$root/"}.
Add transforms/$class.cpp to dialects/nn/CMakeLists.txt, and to dialects/nn/transforms/Passes.td:

def ${class}Pass : Pass<"$name", "::mlir::func::FuncOp"> {
  let summary = "<what it does>";
  let description = [{
    <why, and what it leaves alone>

    \`\`\`mlir
    <before>
    \`\`\`
    becomes
    \`\`\`mlir
    <after>
    \`\`\`
  }];
  let statistics = [Statistic<"num<Done>", "<done>", "<what was done how often>">];
}

tests/docs/pass-examples.test runs the example: both modules are whole, and options stand between them as \`name=value\`.
END
