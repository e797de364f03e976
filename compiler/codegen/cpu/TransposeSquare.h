// Transposing in vector registers.
#ifndef NNC_COMPILER_CODEGEN_CPU_TRANSPOSESQUARE_H
#define NNC_COMPILER_CODEGEN_CPU_TRANSPOSESQUARE_H

#include "mlir/IR/Builders.h"

namespace nnc::codegen {

/// Replaces the rows of a square matrix by its columns. `rows` are one-dimensional vectors, as many
/// as each has elements: a power of two.
void transposeSquare(mlir::OpBuilder &builder, mlir::Location loc,
                     mlir::MutableArrayRef<mlir::Value> rows);

} // namespace nnc::codegen

#endif
