// Reverse-mode differentiation of a block of operations, by NnDifferentiableOpInterface.
#pragma once

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/DenseSet.h"

namespace mlir::nn {

/// A value, and the gradient of what is differentiated with respect to it.
struct Seed {
  Value value, cotangent;
};

/// What a block is differentiated for, and how its errors speak of that.
struct AdjointRequest {
  SmallVector<Value> wrt; ///< arguments of the block, or values from outside
  SmallVector<Seed> seeds;
  llvm::StringRef from = "a value that is differentiated by";
  llvm::StringRef to = "what is differentiated";
  /// Whose body the block is, for a note; may be unknown.
  std::optional<Location> owner = std::nullopt;
};

/// Builds, at the builder's place (behind the block's operations, or before its terminator), the
/// products that lead from the cotangents of the seeds to those of `wrt`: one value for each, of
/// its type, or null where it is zero whatever the input. Fails with an error at the operation that
/// has no derivative. `numProducts`, if given, counts those built.
///
/// A cotangent that a choice (`nn.select`) made zero stays zero through elementwise operations,
/// also where their derivative there is infinite or NaN: where(x > 0, sqrt(x), x) has a gradient
/// everywhere.
FailureOr<SmallVector<Value>> buildAdjoint(ImplicitLocOpBuilder &builder, Block &block,
                                           const AdjointRequest &request,
                                           unsigned *numProducts = nullptr);

/// The values of the block, and `roots`, that a derivative may reach from the roots.
llvm::DenseSet<Value> findReached(Block &block, ArrayRef<Value> roots);

} // namespace mlir::nn
