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
  /// Multiplies and adds for each point of the space that the letters of its `equation` span.
  bool sumsProducts = false;
  /// Combines each element of its first operand with others.
  bool combinesElements = false;
  /// Runs its body forwards, and then backwards.
  bool differentiates = false;
  /// Its value stands in an attribute: as a number, or as the bytes of its elements.
  bool isConstant = false;

  /// Its result is its operand, in another type perhaps.
  bool onlyConverts() const { return isElementwise && carriesIndex && !isFlat; }
};
OpFacts factsOf(llvm::StringRef op);

} // namespace nnc::sema
