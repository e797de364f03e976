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
  llvm::MapVector<Location, Count> parts;
};

} // namespace

static CallCost countCall(kernel::FuncOp kernel, unsigned numDestinations) {
  CallCost cost;
  kernel.walk([&](Operation *op) {
    if (!isComputation(op))
      return;
    Count flops = countRuns(op);
    cost.flops = addCounts(cost.flops, flops);
    Count &part = cost.parts.try_emplace(op->getLoc(), 0).first->second;
    part = addCounts(part, flops);
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
      for (auto [place, flops] : own.parts)
        cost.parts.push_back({place, flops});
    }
    // Constants have no place once they are shared.
    bool isShared = isa<UnknownLoc>(call.getLoc());
    cost.places.push_back(isShared ? entry.getLoc() : call.getLoc());
    cost.calls = addCounts(cost.calls, calls);
    cost.flops = addCounts(cost.flops, multiplyCounts(own.flops, calls));
    cost.bytes = addCounts(cost.bytes, multiplyCounts(own.bytes, calls));
  });
  std::vector<KernelCost> list;
  for (KernelCost &cost : llvm::make_second_range(kernels)) {
    if (cost.flops && cost.bytes) {
      double computing = double(*cost.flops);
      double moving = double(*cost.bytes) * double(target.getFlopsOfByte());
      cost.time = std::max(computing, moving);
      cost.isBoundByMemory = moving > computing;
    }
    list.push_back(std::move(cost));
  }
  return list;
}
