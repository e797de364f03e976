// The equation of nn.contract, taken apart.
#pragma once

#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringRef.h"

namespace mlir::nn {

/// `mk,kn->mn`: one letter per dimension of the operands and the result.
struct Equation {
  llvm::StringRef lhs, rhs, result;

  /// Takes `text` apart; fails, with an error at the location if there is one, unless it is three
  /// terms of letters as nn.contract's description wants them.
  static FailureOr<Equation> parse(llvm::StringRef text, std::optional<Location> location);

  /// Letters of the operands that the result lacks, in order of the left operand.
  std::string summed() const;
};

} // namespace mlir::nn
