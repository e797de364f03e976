// What an operation takes from outside when it becomes a function of its own.
#ifndef NNC_COMPILER_CODEGEN_SHARED_CAPTURES_H
#define NNC_COMPILER_CODEGEN_SHARED_CAPTURES_H

#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/Value.h"

namespace nnc::codegen {

/// The values that the function is given, and the constants that are copied into it instead.
struct Captures {
  explicit Captures(mlir::ValueRange used) {
    for (mlir::Value value : used) {
      mlir::Operation *op = value.getDefiningOp();
      if (op && op->hasTrait<mlir::OpTrait::ConstantLike>())
        constants.push_back(op);
      else
        values.push_back(value);
    }
  }

  llvm::SmallVector<mlir::Value> values;
  llvm::SmallVector<mlir::Operation *> constants;
};

} // namespace nnc::codegen

#endif
