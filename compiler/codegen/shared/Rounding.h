// Rounds numbers to a precision that products are multiplied in.
#ifndef NNC_COMPILER_CODEGEN_SHARED_ROUNDING_H
#define NNC_COMPILER_CODEGEN_SHARED_ROUNDING_H

#include "compiler/codegen/Target.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace nnc::codegen {

/// The f32 that is nearest to `number`, an f32, of those that `precision` has: ties go to even in
/// bf16 and away from zero in tf32, as tensor cores' operands are rounded.
mlir::Value roundTo(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value number,
                    Precision precision);

} // namespace nnc::codegen

#endif
