// The operations of the nn dialect.
#pragma once

#include "dialects/nn/ir/NnDialect.h"
#include "dialects/nn/ir/NnInterfaces.h"
#include "dialects/nn/ir/NnShapes.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

#define GET_OP_CLASSES
#include "dialects/nn/ir/NnOps.h.inc"
