// The table of facts of operations.
#include "compiler/sema/OpFacts.h"

#include "llvm/ADT/StringSwitch.h"

namespace nnc::sema {

OpFacts factsOf(llvm::StringRef op) {
  constexpr OpFacts flat{true, false, true}, moves{false, true, false},
      elementwise{false, false, true};
  return llvm::StringSwitch<OpFacts>(op)
      .Case("cast", {false, true, true})
      .Case("stop_gradient", {true, true, true})
      .Cases({"floor", "ceil", "round", "sign"}, flat)
      .Cases({"reshape", "broadcast", "transpose", "slice", "gather", "take_along"}, moves)
      .Cases({"reduce_max", "reduce_min"}, moves)
      .Cases({"add", "sub", "mul", "div", "floor_mod", "pow", "maximum", "minimum"}, elementwise)
      .Cases({"and", "or", "compare", "select", "not", "neg", "exp", "log"}, elementwise)
      .Cases({"log1p", "sqrt", "rsqrt", "tanh", "sin", "cos", "erf", "abs"}, elementwise)
      .Cases({"sigmoid", "softplus", "log_sigmoid", "expm1", "normal_cdf", "normal_pdf"},
             elementwise)
      .Default({});
}

} // namespace nnc::sema
