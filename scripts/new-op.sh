#!/bin/sh
# Adds an elementwise operation of one float operand to the language: to the nn dialect, the analysis of .nn files, the
# tests and their reference.
#   scripts/new-op.sh <mnemonic>
# What it leaves builds, passes its tests and works from a .nn file, as a function that returns its operand. Then write the
# function, at the places it prints. A word of several operands or with a shape of its own begins as a copy of one like it.
set -eu
if [ $# -ne 1 ] || ! printf '%s' "$1" | grep -Eq '^[a-z][a-z0-9_]*$'; then
  echo "usage: $0 <mnemonic>   (lower case, digits, _)" >&2
  exit 2
fi
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
mnemonic=$1
class=$(printf '%s' "$mnemonic" | awk -F_ '{ for (i = 1; i <= NF; i++) printf "%s%s", toupper(substr($i, 1, 1)), substr($i, 2) }')Op
if grep -rqs "\"$mnemonic\"" dialects/nn/ir compiler/sema/Primitives*.cpp; then
  echo "$0: '$mnemonic' exists" >&2
  exit 1
fi

# insert FILE LINE_PATTERN: standard input goes before the first line that matches.
insert() {
  text=$(cat)
  if ! grep -q -- "$2" "$1"; then
    echo "$0: no line of $1 matches '$2'" >&2
    exit 1
  fi
  TEXT=$text awk -v pattern="$2" '!done && $0 ~ pattern { print ENVIRON["TEXT"]; done = 1 } { print }' "$1" > "$1.new"
  cat "$1.new" > "$1"
  rm "$1.new"
}

insert dialects/nn/ir/NnUnaryOps.td '^#endif' <<END
def NN_$class : NN_FloatUnaryOp<"$mnemonic"> {
  let summary = "the operand";
  let description = [{
    \`y = x\`. Derivative: \`dx = dy\`.

    \`\`\`mlir
    %y = nn.$mnemonic %x : tensor<?x64xf32>
    \`\`\`
  }];
}

END
insert dialects/nn/ir/NnUnaryOps.cpp '^//===- Derivatives' <<END
Value $class::buildScalar(ImplicitLocOpBuilder &, ValueRange scalars) { return scalars[0]; }

END
insert dialects/nn/ir/NnUnaryOps.cpp '^//===- Folders' <<END
SmallVector<Value> $class::vjp(ImplicitLocOpBuilder &, ValueRange g, ArrayRef<bool>) {
  return {g[0]};
}

END
insert compiler/sema/PrimitivesElementwise.cpp '^const Primitive table' <<END
double fold$class(double x) { return x; }

END
insert compiler/sema/PrimitivesElementwise.cpp '{"maximum", ' <<END
    {"$mnemonic", {{"x"}}, "x.", unaryFloat, "$mnemonic", fold$class},
END
insert compiler/sema/OpFacts.cpp 'Default' <<END
      .Case("$mnemonic", elementwise)
END
insert tests/unit/nn/GradientCases.cpp '{"nn.abs"' <<END
      {"nn.$mnemonic", {unary("$mnemonic", -1, 1)}},
END
insert tests/programs/op_reference.py '^    "abs":' <<END
    "$mnemonic": elementwise("$mnemonic", 1, lambda x: x),
END
scripts/gen-docs.sh >/dev/null 2>&1 || echo "docs/dialects/nn.md isn't made anew: see scripts/gen-docs.sh"
cat <<END
nn.$mnemonic, and '$mnemonic' in .nn files, return their operand. Write the function:
  dialects/nn/ir/NnUnaryOps.td               what it is, and its derivative (NN_$class)
  dialects/nn/ir/NnUnaryOps.cpp              the code of one element, and the derivative ($class)
  compiler/sema/PrimitivesElementwise.cpp    its line of documentation, and of numbers (fold$class)
  tests/unit/nn/GradientCases.cpp            the ranges in which finite differences hold
  tests/programs/op_reference.py             the function in NumPy, and its bound
Then: scripts/gen-docs.sh, scripts/build.sh, scripts/test.sh
END
