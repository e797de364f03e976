// Registers the kernel dialect.
#include "dialects/kernel/RegisterKernel.h"
#include "dialects/kernel/ir/KernelBufferization.h"
#include "dialects/kernel/ir/KernelDialect.h"

#include "mlir/IR/DialectRegistry.h"

void mlir::kernel::registerKernel(DialectRegistry &registry) {
  registry.insert<KernelDialect>();
  registerBufferization(registry);
}
