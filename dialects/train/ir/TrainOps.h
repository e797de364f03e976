// The operations of the train dialect.
#pragma once

#include "dialects/train/ir/TrainAttributes.h"
#include "dialects/train/ir/TrainDialect.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"

namespace mlir::train {
class OptimizerStateOp;
class PreparationOp;
class RecipeOp;
class TensorOp;
} // namespace mlir::train

#define GET_OP_CLASSES
#include "dialects/train/ir/TrainOps.h.inc"
