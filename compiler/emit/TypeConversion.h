// Types of the language as MLIR types.
#pragma once

#include "compiler/sema/Program.h"
#include "dialects/train/ir/TrainOps.h"

#include "mlir/IR/BuiltinTypes.h"

namespace nnc::emission {

mlir::Type convertElement(sema::Element element, mlir::MLIRContext *context);

/// A ranked tensor; symbolic dimensions are dynamic.
mlir::RankedTensorType convertType(const sema::Type &type, mlir::MLIRContext *context);

/// A size made of the model's dimensions, by their names; null where it is made of others, or is no
/// sum of products.
mlir::train::SizeAttr convertSize(const sema::Dim &size, llvm::ArrayRef<std::string> dims,
                                  mlir::MLIRContext *context);

} // namespace nnc::emission
