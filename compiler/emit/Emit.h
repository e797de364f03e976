// From a checked program to the nn and train dialects.
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace nnc {
class SourceManager;
namespace sema {
struct Model;
}

/// A module with a `train.model` for each of these models, and the functions that it names. Every
/// operation has the place in the source that it comes from. The module is verified; null after an
/// error, which the context's diagnostic handler was told.
mlir::OwningOpRef<mlir::ModuleOp> emit(llvm::ArrayRef<const sema::Model *> models,
                                       const SourceManager &sources, mlir::MLIRContext &context);

} // namespace nnc
