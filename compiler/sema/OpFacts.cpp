// The table of facts of operations.
#include "compiler/sema/OpFacts.h"

#include "llvm/ADT/StringSwitch.h"

namespace nnc::sema {

OpFacts factsOf(llvm::StringRef op) {
  constexpr OpFacts flat{.isFlat = true, .isElementwise = true}, moves{.carriesIndex = true},
      elementwise{.isElementwise = true}, combines{.combinesElements = true};
  return llvm::StringSwitch<OpFacts>(op)
      .Case("cast", {.carriesIndex = true, .isElementwise = true})
      .Case("stop_gradient", {.isFlat = true, .carriesIndex = true, .isElementwise = true})
      .Cases({"floor", "ceil", "round", "sign"}, flat)
      .Cases({"reshape", "broadcast", "transpose", "slice", "gather", "take_along"}, moves)
      .Cases({"reduce_max", "reduce_min"}, {.carriesIndex = true, .combinesElements = true})
      .Cases({"reduce_sum", "reduce_mean", "argmax", "scatter_add", "windows_sum"}, combines)
      .Case("contract", {.sumsProducts = true})
      .Case("gradient", {.differentiates = true})
      .Case("constant", {.isConstant = true})
      .Cases({"add", "sub", "mul", "div", "floor_mod", "pow", "maximum", "minimum"}, elementwise)
      .Cases({"and", "or", "compare", "select", "not", "neg", "exp", "log"}, elementwise)
      .Cases({"log1p", "sqrt", "rsqrt", "tanh", "sin", "cos", "erf", "abs"}, elementwise)
      .Cases({"sigmoid", "softplus", "log_sigmoid", "expm1", "normal_cdf", "normal_pdf"},
             elementwise)
      .Default({});
}

} // namespace nnc::sema
