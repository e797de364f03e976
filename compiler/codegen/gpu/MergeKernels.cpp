// codegen-merge-kernels: lets neighbouring small kernels be phases of one.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/gpu/BufferParts.h"
#include "compiler/codegen/gpu/LoopNumbers.h"
#include "compiler/codegen/gpu/MergedKernel.h"
#include "compiler/codegen/gpu/Phases.h"
#include "compiler/codegen/shared/EraseUnused.h"
#include "compiler/codegen/shared/Remarks.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/Support/FormatVariadic.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_MERGEKERNELS
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// Merges what one entry calls.
class EntryMerger {
public:
  EntryMerger(func::FuncOp entry, KernelTable &kernels, const Remarks &remarks)
      : entry(entry), kernels(kernels), remarks(remarks) {}

  void run() {
    entry.walk([](scf::ForOp loop) { makeNumbersValues(loop); });
    SmallVector<Block *> blocks; // A loop's before that in which it stands.
    entry.walk([&](Block *block) {
      if (!isa<linalg::LinalgOp>(block->getParentOp()))
        blocks.push_back(block);
    });
    for (Block *block : blocks)
      merge(*block);
  }

  unsigned numMerged = 0, numSyncs = 0, numCalls = 0;

private:
  void merge(Block &block) {
    MergedKernel merged(kernels);
    auto finish = [&] {
      if (merged.isWorthIt())
        replace(merged);
      merged = MergedKernel(kernels);
    };
    for (Operation &op : llvm::make_early_inc_range(block)) {
      if (merged.add(&op))
        continue;
      if (isIndependent(&op))
        continue;
      finish();
      (void)merged.add(&op);
    }
    finish();
  }

  /// Whether calls around `op` may trade places with it.
  static bool isIndependent(Operation *op) {
    if (isa<memref::AllocOp, memref::DeallocOp>(op))
      return true; // A workspace takes their place.
    WalkResult walk = op->walk([](Operation *inner) {
      bool isHarmless = inner->hasTrait<OpTrait::HasRecursiveMemoryEffects>() ||
                        isMemoryEffectFree(inner) ||
                        (isa<memref::MemRefDialect, linalg::LinalgDialect>(inner->getDialect()) &&
                         llvm::all_of(inner->getOperands(), [](Value operand) {
                           return !isa<MemRefType>(operand.getType()) || isOnHost(operand);
                         }));
      return isHarmless ? WalkResult::advance() : WalkResult::interrupt();
    });
    return !walk.wasInterrupted();
  }

  void replace(MergedKernel &merged) {
    kernel::CallOp call = merged.create(entry, (entry.getName() + ".merged").str());
    ArrayRef<Operation *> calls = merged.getCalls();
    for (auto [i, op] : llvm::enumerate(calls)) {
      if (auto note = remarks.done(op))
        note << remark::add(isa<scf::ForOp>(op) ? "all passes launched at once, with {0} others"
                                                : "launched with {0} others",
                            calls.size() - 1)
             << remark::metric("Stage", llvm::formatv("{0} of {1}", merged.getStageOf(i) + 1,
                                                      merged.getNumStages())
                                            .str());
      op->erase();
    }
    auto kernel = kernels.symbols.lookup<kernel::FuncOp>(call.getCallee());
    kernel.walk([&](kernel::SyncOp sync) { numSyncs += !sync.getBlock(); });
    numCalls += calls.size();
    ++numMerged;
  }

  func::FuncOp entry;
  KernelTable &kernels;
  const Remarks &remarks;
};

class MergeKernelsPass : public impl::MergeKernelsBase<MergeKernelsPass> {
public:
  using MergeKernelsBase::MergeKernelsBase;

  void runOnOperation() override {
    for (auto kernel : getOperation().getOps<kernel::FuncOp>())
      if (hasClosedPhases(kernel))
        partPhases(kernel);
    SymbolTable symbols(getOperation());
    KernelTable kernels(symbols, persistent);
    for (auto entry : llvm::to_vector(getOperation().getOps<func::FuncOp>())) {
      if (entry.isExternal() || entry::runsOnce(entry))
        continue;
      Remarks remarks(getArgumentName(), entry);
      EntryMerger merger(entry, kernels, remarks);
      merger.run();
      numMerged += merger.numMerged;
      numCalls += merger.numCalls;
      numSyncs += merger.numSyncs;
      if (merger.numMerged > 0)
        eraseUnused(entry); // Views that the kernels make now.
    }
    eraseUncalledKernels(getOperation());
  }
};

} // namespace
} // namespace nnc::codegen
