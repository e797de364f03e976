// The kernel dialect: registration.
#include "dialects/kernel/ir/KernelDialect.h"
#include "dialects/kernel/ir/KernelOps.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir::kernel;

#include "dialects/kernel/ir/KernelDialect.cpp.inc"

void KernelDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/kernel/ir/KernelOps.cpp.inc"
      >();
}
