// What the kernels of an entry cost, counted from the operations in them.
#include "compiler/pipeline/KernelCosts.h"

#include "compiler/codegen/shared/Counts.h"

#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace nnc;
using namespace nnc::codegen;

namespace {

/// Of one call.
struct CallCost {
  Count flops = 0, bytes = 0;
};

} // namespace

static CallCost countCall(kernel::FuncOp kernel, unsigned numDestinations) {
  CallCost cost;
  kernel.walk([&](Operation *op) {
    if (isComputation(op))
      cost.flops = addCounts(cost.flops, countRuns(op));
  });
  for (BlockArgument argument : kernel.getArguments()) {
    if (!isa<ShapedType>(argument.getType()))
      continue;
    cost.bytes = addCounts(cost.bytes, countReads(argument));
    if (argument.getArgNumber() + numDestinations >= kernel.getNumArguments())
      cost.bytes = addCounts(cost.bytes, countBytes(argument.getType()));
  }
  return cost;
}

std::vector<KernelCost> nnc::listKernels(func::FuncOp entry, const codegen::Target &target) {
  SymbolTable symbols(entry->getParentOfType<ModuleOp>());
  llvm::MapVector<Operation *, KernelCost> kernels;
  entry.walk([&](kernel::CallOp call) {
    auto kernel = symbols.lookup<kernel::FuncOp>(call.getCallee());
    auto [known, isNew] = kernels.try_emplace(kernel);
    KernelCost &cost = known->second;
    CallCost own = countCall(kernel, call.getDestinations().size());
    Count calls = countRuns(call);
    if (isNew) {
      cost.name = kernel.getSymName().str();
      cost.calls = cost.flops = cost.bytes = 0;
    }
    cost.places.push_back(call.getLoc());
    cost.calls = addCounts(cost.calls, calls);
    cost.flops = addCounts(cost.flops, multiplyCounts(own.flops, calls));
    cost.bytes = addCounts(cost.bytes, multiplyCounts(own.bytes, calls));
  });
  std::vector<KernelCost> list;
  for (KernelCost &cost : llvm::make_second_range(kernels)) {
    if (cost.flops && cost.bytes)
      cost.time =
          std::max(double(*cost.flops), double(*cost.bytes) * double(target.getFlopsOfByte()));
    list.push_back(std::move(cost));
  }
  return list;
}
