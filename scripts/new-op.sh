#!/bin/sh
# Scaffolds an operation of the nn dialect: prints what to paste where, and writes its test.
#   scripts/new-op.sh <mnemonic> [unary|binary]
set -eu
if [ $# -lt 1 ] || ! printf '%s' "$1" | grep -Eq '^[a-z][a-z0-9_]*$'; then
  echo "usage: $0 <mnemonic> [unary|binary]   (mnemonic: lower case, digits, _)" >&2
  exit 2
fi
root=$(cd "$(dirname "$0")/.." && pwd)
mnemonic=$1
kind=${2:-unary}
arity=1
[ "$kind" = unary ] || arity=2
class=$(printf '%s' "$mnemonic" | awk -F_ '{ for (i = 1; i <= NF; i++) printf "%s%s", toupper(substr($i, 1, 1)), substr($i, 2) }')Op
case $kind in
  unary) td=NnUnaryOps.td cpp=NnUnaryOps.cpp base='NN_FloatUnaryOp<"'$mnemonic'">' operands='%x' parameters='%x: tensor<?x4xf32>' ;;
  binary) td=NnElementwiseOps.td cpp=NnElementwiseOps.cpp base='NN_BinaryOp<"'$mnemonic'", NN_FloatTensor, [NN_Differentiable]>' operands='%a, %b' parameters='%a: tensor<?x4xf32>, %b: tensor<?x4xf32>' ;;
  *) echo "$0: expected unary or binary, found '$kind'" >&2; exit 2 ;;
esac
if grep -rqs "\"$mnemonic\"" "$root/dialects/nn/ir" --include='*.td'; then
  echo "$0: nn.$mnemonic exists" >&2
  exit 1
fi
test="$root/tests/nn/ir/$(printf '%s' "$mnemonic" | tr _ -).mlir"
if [ -e "$test" ]; then
  echo "$0: $test exists" >&2
  exit 1
fi
cat > "$test" <<END
// RUN: nn-opt %s | nn-opt | FileCheck %s
// RUN: nn-opt %s --convert-nn-to-linalg | FileCheck %s --check-prefix=LINALG

// CHECK-LABEL: func @$mnemonic
// CHECK: nn.$mnemonic %{{.*}} : tensor<?x4xf32>
// LINALG-LABEL: func @$mnemonic
// LINALG: linalg.generic
func.func @$mnemonic($parameters) -> tensor<?x4xf32> {
  %0 = nn.$mnemonic $operands : tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}
END
cat <<END
Wrote ${test#"$root/"}. Add:

1. dialects/nn/ir/$td

def NN_$class : $base {
  let summary = "<what it is>";
  let description = [{
    \`y = <formula>\`. Derivative: \`<formula>\`.

    \`\`\`mlir
    %y = nn.$mnemonic $operands : tensor<?x64xf32>
    \`\`\`
  }];
}

2. dialects/nn/ir/$cpp

Value $class::buildScalar(ImplicitLocOpBuilder &b, ValueRange scalars) {
  return <arith or math operations on scalars>;
}

SmallVector<Value> $class::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool> wanted) {
  return {<one cotangent per operand, from g[0]>};
}

3. tests/unit/nn/GradientCases.cpp, without which nn_tests fails

      {"nn.$mnemonic", {$kind("$mnemonic", <range of each operand>)}},

4. tests/programs/op_reference.py, without which test_op_values.py fails

    "$mnemonic": elementwise("$mnemonic", $arity, <the function in NumPy>),
END
