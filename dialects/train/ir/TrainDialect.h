// The train dialect: declarations generated from TrainDialect.td.
#pragma once

#include "mlir/IR/Dialect.h"

#include "dialects/train/ir/TrainDialect.h.inc"
