// Types of the language as MLIR types.
#pragma once

#include "compiler/sema/Program.h"

#include "mlir/IR/BuiltinTypes.h"

namespace nnc::emission {

mlir::Type convertElement(sema::Element element, mlir::MLIRContext *context);

/// A ranked tensor; symbolic dimensions are dynamic.
mlir::RankedTensorType convertType(const sema::Type &type, mlir::MLIRContext *context);

} // namespace nnc::emission
