// codegen-block-reductions: lets threads reduce together.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/gpu/Gpu.h"
#include "compiler/codegen/gpu/Phases.h"
#include "compiler/codegen/gpu/ReductionEmitter.h"
#include "compiler/codegen/gpu/TaskContraction.h"
#include "compiler/codegen/shared/Remarks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_BLOCKREDUCTIONS
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

class BlockReductionsPass : public impl::BlockReductionsBase<BlockReductionsPass> {
public:
  using BlockReductionsBase::BlockReductionsBase;

  void runOnOperation() override {
    given = parseReductionPlan(plan);
    if (!plan.empty() && !given) {
      getOperation().emitOpError("expected a plan of a block's threads, as elements:32:1");
      return signalPassFailure();
    }
    if (!hasClosedPhases(getOperation()))
      return;        // One thread runs them all.
    wrapped.clear(); // Of another kernel.
    IRRewriter rewriter(&getContext());
    Remarks remarks(getArgumentName(), getOperation());
    wrapSingleTasks(rewriter);
    SmallVector<Work> works;
    for (auto tasks :
         llvm::make_early_inc_range(getOperation().getBody().front().getOps<scf::ForallOp>())) {
      StringRef why;
      if (std::optional<Work> work = findWork(tasks, why)) {
        works.push_back(std::move(*work));
      } else {
        bool reduces = llvm::any_of(tasks.getOps<linalg::GenericOp>(), [](linalg::GenericOp op) {
          return op.getNumReductionLoops() != 0;
        });
        if (reduces)
          if (auto note = remarks.left(tasks))
            note << remark::add("not reduced by several threads") << remark::reason("{0}", why);
        unwrap(rewriter, tasks);
      }
    }
    if (llvm::any_of(works, [](const Work &work) { return work.plan.chunks > 1; }))
      partPhases(getOperation());
    for (Work &work : works) {
      if (auto note = remarks.done(work.tasks))
        note << remark::add("each result reduced by {0} threads",
                            work.plan.parts * work.plan.chunks);
      for (linalg::GenericOp &op : work.reductions)
        op = collapseReducedLoops(rewriter, op);
      ReductionEmitter(rewriter, work.tasks, work.reductions, work.plan).run();
      ++numLoops;
    }
  }

private:
  struct Work {
    scf::ForallOp tasks;
    SmallVector<linalg::GenericOp> reductions;
    ReductionPlan plan;
  };

  std::optional<Work> findWork(scf::ForallOp tasks, StringRef &why) {
    std::optional<SmallVector<linalg::GenericOp>> reductions = findReductions(tasks, why);
    if (!reductions)
      return std::nullopt;
    TaskScalars scalars(tasks, *reductions, ReductionStart::Neutral);
    why = scalars.getObstacle();
    if (!why.empty())
      return std::nullopt;
    ReductionOrder order = findOrder(*reductions, tasks);
    int64_t count = multiplySizes(tasks.getMixedUpperBound());
    std::optional<ReductionPlan> chosen;
    for (linalg::GenericOp op : *reductions) {
      SmallVector<int64_t> depths;
      for (auto [size, iterator] :
           llvm::zip_equal(op.getStaticLoopRanges(), op.getIteratorTypesArray()))
        if (iterator == utils::IteratorType::reduction)
          depths.push_back(size);
      if (std::optional<ReductionPlan> own = planReduction(count, depths, order))
        if (!chosen || own->parts * own->chunks > chosen->parts * chosen->chunks)
          chosen = own;
    }
    if (given) {
      chosen = given;
      if (ShapedType::isDynamic(count))
        chosen->chunks = 1;
    }
    why = "what it reduces is little, or its results are many";
    if (!chosen)
      return std::nullopt;
    return Work{tasks, std::move(*reductions), *chosen};
  }

  //===--------------------------------------------------------------------===//
  // What one thread does outside of tasks
  //===--------------------------------------------------------------------===//

  /// Whether an operation with effects computes single elements, or reduces to them, so that it may
  /// be a task's.
  static bool canBeInTask(Operation &op) {
    return isa<linalg::GenericOp, linalg::FillOp, memref::CopyOp>(op) &&
           (!isa<linalg::GenericOp>(op) || cast<linalg::GenericOp>(op).hasPureBufferSemantics());
  }

  static bool reduces(Operation &op) {
    auto generic = dyn_cast<linalg::GenericOp>(op);
    return generic && generic.getNumReductionLoops() != 0;
  }

  /// Makes tasks of the neighbouring operations that one thread would run, each with one reduction
  /// at most.
  void wrapSingleTasks(RewriterBase &rewriter) {
    SmallVector<Operation *> run;
    bool hasReduction = false;
    auto finish = [&] {
      if (hasReduction)
        wrap(rewriter, run);
      run.clear();
      hasReduction = false;
    };
    for (Operation &op :
         llvm::make_early_inc_range(getOperation().getBody().front().without_terminator())) {
      if (isMemoryEffectFree(&op) || isa<memref::AllocaOp>(op))
        continue;
      if (!canBeInTask(op)) {
        finish();
        continue;
      }
      // A fill is what the next one begins with.
      if (hasReduction && (reduces(op) || isa<linalg::FillOp>(op)))
        finish();
      hasReduction |= reduces(op);
      run.push_back(&op);
    }
    finish();
  }

  void wrap(RewriterBase &rewriter, SmallVector<Operation *> run) {
    Location loc = run.front()->getLoc();
    // Buffers on the stack are the task's, or there can be none.
    SmallVector<Operation *> buffers;
    for (auto buffer : getOperation().getBody().front().getOps<memref::AllocaOp>()) {
      auto isUsed = [&](Operation *user) { return llvm::is_contained(run, user); };
      if (llvm::all_of(buffer->getUsers(), isUsed))
        buffers.push_back(buffer);
      else if (llvm::any_of(buffer->getUsers(), isUsed))
        return;
    }
    run.insert(run.begin(), buffers.begin(), buffers.end());
    // What lies between depends on none of them: it goes before the task.
    rewriter.setInsertionPoint(run.back());
    OpFoldResult zero = rewriter.getIndexAttr(0), one = rewriter.getIndexAttr(1);
    auto tasks = scf::ForallOp::create(rewriter, loc, zero, one, one, ValueRange(),
                                       /*mapping=*/std::nullopt);
    for (Operation *op : run)
      rewriter.moveOpBefore(op, tasks.getTerminator());
    wrapped.insert(tasks);
  }

  void unwrap(RewriterBase &rewriter, scf::ForallOp tasks) {
    if (!wrapped.contains(tasks))
      return;
    for (Operation &op : llvm::make_early_inc_range(tasks.getBody()->without_terminator()))
      rewriter.moveOpBefore(&op, tasks);
    rewriter.eraseOp(tasks);
  }

  std::optional<ReductionPlan> given;
  llvm::SmallPtrSet<Operation *, 4> wrapped;
};

} // namespace
} // namespace nnc::codegen
