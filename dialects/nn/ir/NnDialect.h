// The nn dialect class.
#pragma once

#include "mlir/IR/Dialect.h"
#include "mlir/IR/Operation.h"

#include "dialects/nn/ir/NnDialect.h.inc"
