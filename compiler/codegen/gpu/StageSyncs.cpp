// What parts the stages of a kernel: barriers of its grid, of a block, or nothing.
#include "compiler/codegen/gpu/StageSyncs.h"
#include "compiler/codegen/gpu/BufferParts.h"
#include "compiler/codegen/gpu/Gpu.h"
#include "compiler/codegen/shared/Buffers.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace nnc::codegen {

using namespace mlir;

namespace {

/// An H100, in microseconds. Of one thread: an operation among others that it waits for; and what a
/// grid's barrier takes.
constexpr double kOperationTime = 2e-3, kBarrierTime = 1.2;

/// What it takes longer if one block runs a phase, in place of many.
double estimateDelay(const PhaseWork &work) {
  double rounds = std::ceil(work.tasks / double(kBlockThreads));
  return (rounds - 1) * std::max(8., work.operationsOfTask) * kOperationTime;
}

/// A buffer, or a part of it, that a phase reads or writes.
struct Access {
  Value view;
  bool isWrite;
};

/// What an operation does with a buffer that it is given; null: nothing but to make a view.
std::optional<Access> findAccess(Operation *op, Value buffer) {
  if (isMemoryEffectFree(op)) {
    bool isHarmless =
        isa<memref::DimOp>(op) || llvm::any_of(op->getResultTypes(), llvm::IsaPred<MemRefType>);
    return isHarmless ? std::nullopt : std::optional(Access{buffer, true});
  }
  auto effects = dyn_cast<MemoryEffectOpInterface>(op);
  SmallVector<MemoryEffects::EffectInstance> own;
  if (effects)
    effects.getEffectsOnValue(buffer, own);
  bool onlyReads = !own.empty() && llvm::all_of(own, [](const auto &effect) {
    return isa<MemoryEffects::Read>(effect.getEffect());
  });
  return Access{buffer, !onlyReads};
}

SmallVector<Access> findAccesses(ArrayRef<Stage> stages) {
  SmallVector<Access> accesses;
  for (const Stage &stage : stages)
    for (const Phase &phase : stage.phases)
      for (Operation *top : phase.ops)
        top->walk([&](Operation *op) {
          for (Value operand : op->getOperands())
            if (isa<MemRefType>(operand.getType()))
              if (std::optional<Access> access = findAccess(op, operand))
                accesses.push_back(*access);
        });
  return accesses;
}

/// Whether nothing else in the kernel is the same buffer.
bool isKnown(Value root) {
  auto argument = dyn_cast<BlockArgument>(root);
  return argument ? isa<kernel::FuncOp>(argument.getOwner()->getParentOp())
                  : isa<memref::AllocaOp>(root.getDefiningOp());
}

/// The first or last stages of a pass that nothing parts but barriers of one block.
ArrayRef<Stage> findRun(ArrayRef<Stage> stages, bool isAtEnd) {
  auto isBlocks = [](const Stage &stage) { return kernel::SyncOp(stage.end).getBlock(); };
  unsigned length = 1;
  while (length < stages.size() &&
         isBlocks(isAtEnd ? stages[stages.size() - 1 - length] : stages[length - 1]))
    ++length;
  return isAtEnd ? stages.take_back(length) : stages.take_front(length);
}

/// Whether the first stages of a pass have to wait for the last ones of the passes before. What is
/// further apart has a barrier of the grid between it.
bool dependOnPassBefore(scf::ForOp loop, ArrayRef<Stage> stages) {
  ArrayRef<Stage> late = findRun(stages, /*isAtEnd=*/true);
  if (late.size() == stages.size())
    return true; // One block's, or a single one: what makes it a loop of stages.
  SmallVector<Access> before = findAccesses(late),
                      after = findAccesses(findRun(stages, /*isAtEnd=*/false));
  for (const Access &a : before)
    for (const Access &b : after) {
      Value root = findRoot(a.view), other = findRoot(b.view);
      if (!isKnown(root) || !isKnown(other))
        return true;
      if (root == other && (a.isWrite || b.isWrite) && overlapAcrossPasses(a.view, b.view, loop))
        return true;
    }
  return false;
}

} // namespace

bool isSmall(const PhaseWork &work) { return estimateDelay(work) < kBarrierTime; }

bool isSmall(Stage &stage) {
  double delay = 0;
  for (Phase &phase : stage.phases) {
    if (phase.passes) {
      if (!llvm::all_of(findStages(*phase.passes.getBody()),
                        [](Stage &inner) { return isSmall(inner); }))
        return false;
      continue;
    }
    PhaseWork work = countWork(phase);
    if (phase.isForBlocks() && work.tasks > 1)
      return false;
    delay += estimateDelay(work);
  }
  return delay < kBarrierTime;
}

void settleSyncs(Block &block) {
  SmallVector<Stage> stages = findStages(block);
  for (Stage &stage : stages)
    for (Phase &phase : stage.phases)
      if (phase.passes)
        settleSyncs(*phase.passes.getBody());
  auto loop = dyn_cast<scf::ForOp>(block.getParentOp());
  for (auto [i, stage] : llvm::enumerate(stages)) {
    if (!stage.end || (i + 1 == stages.size() && !loop))
      continue;
    if (isSmall(stage) && isSmall(stages[(i + 1) % stages.size()]))
      stage.end.setBlock(true);
  }
  if (kernel::SyncOp last = stages.back().end; loop && last && !dependOnPassBefore(loop, stages))
    last.erase();
}

} // namespace nnc::codegen
