// What the analysis knows of operations of the nn dialect beyond their types: one table.
#pragma once

#include "llvm/ADT/StringRef.h"

namespace nnc::sema {

struct OpFacts {
  /// Its derivative is 0 wherever there is one.
  bool isFlat = false;
  /// Each element of its result is one of its first operand's: what is known of these holds.
  bool carriesIndex = false;
  /// Works element by element on operands of its result's shape.
  bool isElementwise = false;
};
OpFacts factsOf(llvm::StringRef op);

} // namespace nnc::sema
