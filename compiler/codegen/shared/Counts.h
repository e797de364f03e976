// What linalg on tensors costs: floating-point operations and bytes, counted from the operations.
#ifndef NNC_COMPILER_CODEGEN_SHARED_COUNTS_H
#define NNC_COMPILER_CODEGEN_SHARED_COUNTS_H

#include "mlir/IR/Operation.h"

#include <optional>

namespace nnc::codegen {

/// None: it depends on a size that is known only when the program runs.
using Count = std::optional<uint64_t>;

inline Count multiplyCounts(Count a, Count b) { return a && b ? Count(*a * *b) : std::nullopt; }
inline Count addCounts(Count a, Count b) { return a && b ? Count(*a + *b) : std::nullopt; }

/// Of a loop over the batches of a call: what is counted is counted for one of them.
inline constexpr llvm::StringLiteral kBatchesAttr = "nnc.batches";

/// How often what stands in `op` runs while `op` does. Of branches that exclude each other, each
/// counts.
Count countPasses(mlir::Operation *op);
/// How often `op` runs while the function that it is in does.
Count countRuns(mlir::Operation *op);
/// Whether `op` computes a float, and doesn't only move or convert one.
bool isComputation(mlir::Operation *op);
/// Bytes of a number or a tensor.
Count countBytes(mlir::Type type);
/// Bytes that are read of a tensor by all that use it, each once. Of what it is only looked things
/// up in, those that are looked at.
Count countReads(mlir::Value value);

} // namespace nnc::codegen

#endif
