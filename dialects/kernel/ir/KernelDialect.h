// The kernel dialect: declarations generated from KernelDialect.td.
#pragma once

#include "mlir/IR/Dialect.h"

#include "dialects/kernel/ir/KernelDialect.h.inc"
