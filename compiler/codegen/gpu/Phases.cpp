// The phases of a kernel on buffers, and what they take.
#include "compiler/codegen/gpu/Phases.h"
#include "compiler/codegen/gpu/Gpu.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace nnc::codegen {

using namespace mlir;

bool Phase::isForBlocks() {
  return loop && loop.getMapping() && !loop.getMapping()->empty() &&
         llvm::all_of(*loop.getMapping(), llvm::IsaPred<gpu::GPUBlockMappingAttr>);
}

SmallVector<Stage> findStages(Block &block) {
  SmallVector<Stage> stages(1);
  bool joins = false; // Whether the next operation belongs to the phase before it.
  for (Operation &op : block.without_terminator()) {
    SmallVector<Phase> &phases = stages.back().phases;
    if (auto sync = dyn_cast<kernel::SyncOp>(op)) {
      stages.back().end = sync;
      stages.emplace_back();
      joins = false;
    } else if (auto loop = dyn_cast<scf::ForallOp>(op); loop && loop.getNumResults() == 0) {
      phases.push_back({.loop = loop, .passes = {}, .ops = {&op}});
      joins = false;
    } else if (auto passes = dyn_cast<scf::ForOp>(op);
               passes && !passes.getBody()->getOps<kernel::SyncOp>().empty()) {
      phases.push_back({.loop = {}, .passes = passes, .ops = {&op}});
      joins = false;
    } else if (!isMemoryEffectFree(&op) && !isa<memref::AllocaOp>(op)) {
      if (!std::exchange(joins, true))
        phases.emplace_back();
      phases.back().ops.push_back(&op);
    }
  }
  if (stages.size() > 1 && stages.back().phases.empty())
    stages.pop_back();
  return stages;
}

bool isClosed(kernel::FuncOp kernel, const Phase &phase) {
  if (phase.passes) {
    for (Stage &stage : findStages(*scf::ForOp(phase.passes).getBody()))
      for (Phase &inner : stage.phases)
        if (!isClosed(kernel, inner))
          return false;
    return true;
  }
  Block &block = *phase.ops.front()->getBlock();
  auto isOwn = [&](Operation *user) {
    return llvm::is_contained(phase.ops, block.findAncestorOpInBlock(*user));
  };
  WalkResult walk = kernel.walk([&](memref::AllocaOp buffer) {
    bool isShared =
        llvm::any_of(buffer->getUsers(), isOwn) && !llvm::all_of(buffer->getUsers(), isOwn);
    return isShared ? WalkResult::interrupt() : WalkResult::advance();
  });
  if (walk.wasInterrupted())
    return false;
  SmallVector<Operation *> ops(phase.ops);
  for (unsigned i = 0; i < ops.size(); ++i)
    for (Operation *user : ops[i]->getUsers()) {
      if (isOwn(user))
        continue;
      Operation *op = block.findAncestorOpInBlock(*user);
      if (!isMemoryEffectFree(op) || isa<scf::ForallOp>(op))
        return false;
      ops.push_back(op); // It goes with what it takes.
    }
  return true;
}

static double productOf(ArrayRef<int64_t> sizes) {
  double product = 1;
  for (int64_t size : sizes)
    product *= ShapedType::isDynamic(size) ? kGuessedSize : size;
  return product;
}

double countElements(MemRefType type) { return productOf(type.getShape()); }

/// How often a loop's body runs.
static double countPasses(Operation *op) {
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return productOf(linalgOp.getStaticLoopRanges());
  auto loop = dyn_cast<LoopLikeOpInterface>(op);
  if (!loop)
    return 1;
  std::optional<APInt> passes = loop.getStaticTripCount();
  return passes ? double(passes->getZExtValue()) : kGuessedSize;
}

static double countTasks(scf::ForallOp loop) {
  double tasks = 1;
  for (auto [low, high, step] :
       llvm::zip_equal(loop.getMixedLowerBound(), loop.getMixedUpperBound(), loop.getMixedStep())) {
    std::optional<int64_t> from = getConstantIntValue(low), to = getConstantIntValue(high),
                           by = getConstantIntValue(step);
    tasks *= from && to && by ? double(llvm::divideCeil(std::max<int64_t>(0, *to - *from), *by))
                              : double(kGuessedSize);
  }
  return tasks;
}

PhaseWork countWork(Phase &phase) {
  PhaseWork work;
  if (phase.loop)
    work.tasks = countTasks(phase.loop);
  for (Operation *top : phase.ops)
    top->walk([&](Operation *op) {
      bool computes = isa_and_present<arith::ArithDialect, math::MathDialect>(op->getDialect()) &&
                      !op->hasTrait<OpTrait::ConstantLike>();
      if (!computes && !isa<memref::LoadOp, memref::StoreOp, linalg::YieldOp>(op))
        return;
      double runs = 1;
      for (Operation *around = op; around != top;) {
        around = around->getParentOp();
        if (around != phase.loop)
          runs *= countPasses(around);
      }
      work.operationsOfTask += runs;
    });
  if (phase.isForBlocks()) // Written for one of its threads.
    work.operationsOfTask *= kBlockThreads;
  return work;
}

bool hasClosedPhases(kernel::FuncOp kernel) {
  return llvm::all_of(findStages(kernel.getBody().front()), [&](const Stage &stage) {
    return llvm::all_of(stage.phases, [&](const Phase &phase) { return isClosed(kernel, phase); });
  });
}

void partPhases(kernel::FuncOp kernel) {
  SmallVector<Stage> stages = findStages(kernel.getBody().front());
  if (stages.size() > 1 || stages.front().phases.empty())
    return;
  OpBuilder builder(kernel.getContext());
  for (Phase &phase : llvm::drop_begin(stages.front().phases)) {
    builder.setInsertionPoint(phase.ops.front());
    kernel::SyncOp::create(builder, phase.ops.front()->getLoc(), /*block=*/false);
  }
}

} // namespace nnc::codegen
