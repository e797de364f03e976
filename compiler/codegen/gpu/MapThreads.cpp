// codegen-map-threads: spreads the tasks of kernels over the threads of a grid.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/gpu/Gpu.h"
#include "compiler/codegen/gpu/GridBarrier.h"
#include "compiler/codegen/gpu/Phases.h"
#include "compiler/codegen/shared/EraseUnused.h"
#include "compiler/codegen/shared/Remarks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Transforms.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_MAPTHREADS
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

using Calls = SmallVector<kernel::CallOp>;

/// Threads that share the tasks of a phase: the `index`-th of `count` runs every count-th.
struct Share {
  Value index, count;
};

/// One kernel on its way to code that each thread runs.
class ThreadMapper {
public:
  ThreadMapper(RewriterBase &rewriter, kernel::FuncOp kernel, ArrayRef<kernel::CallOp> calls)
      : rewriter(rewriter), kernel(kernel), calls(calls), body(kernel.getBody().front()),
        loc(kernel.getLoc()) {}

  LogicalResult run() {
    eraseUnused(kernel);
    bool isParted = true;
    for (Stage &stage : findStages(body))
      for (Phase &phase : stage.phases)
        isParted &= isClosed(kernel, phase);
    kernel.walk([&](kernel::SyncOp) { hasSyncs = true; });
    if (!isParted && hasSyncs)
      return kernel.emitOpError("expected phases that hand on nothing but memory");
    liftStackBuffers();
    if (isParted)
      map(body, /*isPass=*/false);
    else
      runAllOnOneThread();
    makeSerial();
    lowerThreadNumbers();
    passBlocks();
    if (hasSyncs)
      shareDestinations();
    return success();
  }

  /// Whether one thread does all.
  bool isSerial = true;

private:
  /// What tasks of blocks say of their threads.
  void lowerThreadNumbers() {
    kernel.walk([&](Operation *op) {
      rewriter.setInsertionPoint(op);
      if (isa<gpu::BarrierOp>(op))
        rewriter.replaceOpWithNewOp<NVVM::Barrier0Op>(op);
      else if (isa<gpu::ThreadIdOp>(op))
        rewriter.replaceOp(op, readThread());
      else if (isa<gpu::BlockDimOp>(op))
        rewriter.replaceOp(op, read<NVVM::BlockDimXOp>());
    });
  }

  /// Where phases hand on more than memory.
  void runAllOnOneThread() {
    SmallVector<Operation *> ops;
    for (Operation &op : body.without_terminator())
      if (!isa<memref::AllocaOp>(op))
        ops.push_back(&op);
    rewriter.setInsertionPoint(body.getTerminator());
    runOnOneThread(ops, gridShare(constant(0)));
  }

  /// Buffers on the stack are a thread's, whichever of its tasks runs.
  void liftStackBuffers() {
    kernel.walk([&](memref::AllocaOp buffer) {
      if (buffer.getType().hasStaticShape() && !buffer.getType().getMemorySpace())
        buffer->moveBefore(&body, body.begin());
    });
  }

  Value constant(int64_t value) { return arith::ConstantIndexOp::create(rewriter, loc, value); }

  /// A number that the GPU tells each thread.
  template <typename Op> Value read() {
    Value number = Op::create(rewriter, loc, rewriter.getI32Type());
    return arith::IndexCastUIOp::create(rewriter, loc, rewriter.getIndexType(), number);
  }

  /// The thread in its block. Where there are stages each phase asks anew, and nobody knows that it
  /// is the same: what is computed from it would be computed once for all, and take registers from
  /// there on.
  Value readThread() {
    Value number = NVVM::ThreadIdXOp::create(rewriter, loc, rewriter.getI32Type());
    if (hasSyncs)
      number =
          LLVM::InlineAsmOp::create(rewriter, loc, rewriter.getI32Type(), number, "", "=r,0",
                                    /*has_side_effects=*/true, /*is_align_stack=*/false,
                                    LLVM::TailCallKind::None, LLVM::AsmDialectAttr(), ArrayAttr())
              .getResult(0);
    return arith::IndexCastUIOp::create(rewriter, loc, rewriter.getIndexType(), number);
  }

  /// This block among all, counted from `first` on, so that phases that run at the same time begin
  /// at different blocks.
  Share blockShare(Value first) {
    Share share{read<NVVM::BlockIdXOp>(), read<NVVM::GridDimXOp>()};
    if (isConstantIntValue(first, 0))
      return share;
    Value before = arith::RemUIOp::create(rewriter, loc, first, share.count);
    Value distance = arith::SubIOp::create(rewriter, loc, share.count, before);
    share.index = arith::AddIOp::create(rewriter, loc, share.index, distance);
    share.index = arith::RemUIOp::create(rewriter, loc, share.index, share.count);
    return share;
  }

  /// This thread among those of its block.
  Share ownBlockShare() { return {readThread(), read<NVVM::BlockDimXOp>()}; }

  /// This thread among all.
  Share gridShare(Value firstBlock) {
    Share block = blockShare(firstBlock), own = ownBlockShare();
    Value before = arith::MulIOp::create(rewriter, loc, block.index, own.count);
    Value count = arith::MulIOp::create(rewriter, loc, block.count, own.count);
    return {arith::AddIOp::create(rewriter, loc, before, own.index), count};
  }

  /// Gives each stage to the grid, or to the first block where that alone waits at its ends. The
  /// first stage of a pass begins at the end of the pass before, too.
  void map(Block &block, bool isPass) {
    SmallVector<Stage> stages = findStages(block);
    auto isBlocks = [](kernel::SyncOp sync) { return sync && sync.getBlock(); };
    bool isOfBlock = isPass && isBlocks(stages.back().end); // The sync before the stage.
    for (Stage &stage : stages) {
      kernel::SyncOp sync = stage.end;
      bool isSmall = isOfBlock || isBlocks(sync);
      isOfBlock = isBlocks(sync);
      if (isSmall)
        mapToBlock(stage);
      else
        mapToGrid(stage, block.getTerminator());
      if (!sync)
        break;
      rewriter.setInsertionPoint(sync);
      loc = sync.getLoc();
      if (isOfBlock)
        rewriter.moveOpBefore(NVVM::Barrier0Op::create(rewriter, loc), onFirstBlock().thenYield());
      else
        func::CallOp::create(rewriter, loc, kGridBarrier, TypeRange());
      rewriter.eraseOp(sync);
    }
  }

  void mapToGrid(Stage &stage, Operation *end) {
    OpFoldResult used = rewriter.getIndexAttr(0);
    for (Phase &phase : stage.phases) {
      if (phase.passes) {
        map(*phase.passes.getBody(), /*isPass=*/true);
        continue;
      }
      setPlace(phase);
      isSerial &= !phase.loop;
      Value first = getValueOrCreateConstantIndexOp(rewriter, loc, used);
      Value own = constant(1);
      if (!phase.loop)
        runOnOneThread(phase.ops, gridShare(first));
      else if (phase.isForBlocks())
        own = spread(phase.loop, blockShare(first)).second;
      else
        own = countBlocks(spread(phase.loop, gridShare(first)).second);
      used = getAsOpFoldResult(rewriter.createOrFold<arith::AddIOp>(loc, first, own));
    }
    rewriter.setInsertionPoint(stage.end ? stage.end.getOperation() : end);
    Value own = getValueOrCreateConstantIndexOp(rewriter, loc, used);
    if (isKnownBefore(own))
      blocks.push_back(own);
  }

  void mapToBlock(Stage &stage) {
    for (Phase &phase : stage.phases) {
      if (phase.passes) {
        map(*phase.passes.getBody(), /*isPass=*/true);
        continue;
      }
      setPlace(phase);
      isSerial &= !phase.loop;
      Operation *code;
      if (!phase.loop)
        code = runOnOneThread(phase.ops, ownBlockShare());
      else if (phase.isForBlocks())
        code = spread(phase.loop, {constant(0), constant(1)}).first;
      else
        code = spread(phase.loop, ownBlockShare()).first;
      rewriter.setInsertionPoint(code);
      rewriter.moveOpBefore(code, onFirstBlock().thenYield());
    }
  }

  /// A branch that the first block takes.
  scf::IfOp onFirstBlock() {
    Value isFirst = arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::eq,
                                          read<NVVM::BlockIdXOp>(), constant(0));
    return scf::IfOp::create(rewriter, loc, isFirst);
  }

  /// What is computed for a phase stands before it.
  void setPlace(const Phase &phase) {
    Operation *op = phase.ops.back();
    loc = op->getLoc();
    if (phase.loop)
      rewriter.setInsertionPoint(op);
    else
      rewriter.setInsertionPointAfter(op);
  }

  /// The blocks that so many tasks of single threads fill.
  Value countBlocks(Value tasks) {
    Value up = rewriter.createOrFold<arith::AddIOp>(loc, tasks, constant(kBlockThreads - 1));
    return rewriter.createOrFold<arith::DivUIOp>(loc, up, constant(kBlockThreads));
  }

  /// Lets the share run the tasks that are its own: neighbours run side by side. Returns the loop
  /// and how many tasks there are.
  std::pair<scf::ForOp, Value> spread(scf::ForallOp loop, const Share &share) {
    rewriter.setInsertionPoint(loop);
    SmallVector<Value> counts, lows, steps;
    Value tasks = constant(1);
    for (auto [low, high, step] : llvm::zip_equal(loop.getMixedLowerBound(),
                                                  loop.getMixedUpperBound(), loop.getMixedStep())) {
      lows.push_back(getValueOrCreateConstantIndexOp(rewriter, loc, low));
      steps.push_back(getValueOrCreateConstantIndexOp(rewriter, loc, step));
      Value end = getValueOrCreateConstantIndexOp(rewriter, loc, high);
      Value distance = rewriter.createOrFold<arith::SubIOp>(loc, end, lows.back());
      counts.push_back(rewriter.createOrFold<arith::CeilDivSIOp>(loc, distance, steps.back()));
      tasks = rewriter.createOrFold<arith::MulIOp>(loc, tasks, counts.back());
    }
    auto stride = scf::ForOp::create(rewriter, loc, share.index, tasks, share.count);
    rewriter.setInsertionPointToStart(stride.getBody());
    SmallVector<Value> indices(counts.size());
    Value rest = stride.getInductionVar();
    for (unsigned dim = counts.size(); dim-- > 0;) {
      Value index = rest;
      if (dim > 0) {
        index = arith::RemUIOp::create(rewriter, loc, rest, counts[dim]);
        rest = arith::DivUIOp::create(rewriter, loc, rest, counts[dim]);
      }
      index = rewriter.createOrFold<arith::MulIOp>(loc, index, steps[dim]);
      indices[dim] = rewriter.createOrFold<arith::AddIOp>(loc, index, lows[dim]);
    }
    rewriter.eraseOp(loop.getTerminator());
    rewriter.inlineBlockBefore(loop.getBody(), stride.getBody()->getTerminator(), indices);
    rewriter.eraseOp(loop);
    rewriter.setInsertionPointAfter(stride);
    return {stride, tasks};
  }

  /// Loops of tasks within a thread's own code are loops.
  void makeSerial() {
    SmallVector<scf::ForallOp> loops;
    kernel.walk([&](scf::ForallOp loop) { loops.push_back(loop); });
    for (scf::ForallOp loop : loops) {
      rewriter.setInsertionPoint(loop);
      (void)scf::forallToForLoop(rewriter, loop);
    }
  }

  /// What isn't a loop of tasks is done by the first thread, in order, with what depends on it.
  scf::IfOp runOnOneThread(ArrayRef<Operation *> ops, const Share &share) {
    Value isFirst =
        arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::eq, share.index, constant(0));
    auto branch = scf::IfOp::create(rewriter, loc, isFirst);
    llvm::SetVector<Operation *> moved(ops.begin(), ops.end());
    for (unsigned i = 0; i < moved.size(); ++i)
      for (Operation *user : moved[i]->getUsers())
        moved.insert(ops.front()->getBlock()->findAncestorOpInBlock(*user));
    SmallVector<Operation *> ordered(moved.getArrayRef());
    llvm::sort(ordered, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    for (Operation *op : ordered)
      rewriter.moveOpBefore(op, branch.thenYield());
    rewriter.setInsertionPointAfter(branch);
    return branch;
  }

  /// Each call tells how many blocks the kernel's tasks fill, at least one.
  void passBlocks() {
    (void)kernel.insertArgument(0, rewriter.getIndexType(), {}, kernel.getLoc());
    for (kernel::CallOp call : calls) {
      rewriter.setInsertionPoint(call);
      loc = call.getLoc();
      IRMapping mapping;
      for (auto [argument, operand] :
           llvm::zip_equal(body.getArguments().drop_front(), call->getOperands()))
        mapping.map(argument, operand);
      Value count = constant(1);
      for (Value number : blocks)
        count = rewriter.createOrFold<arith::MaxUIOp>(loc, copyTo(number, mapping), count);
      SmallVector<Value> inputs{count};
      llvm::append_range(inputs, call.getInputs());
      call.getInputsMutable().assign(inputs);
    }
  }

  /// What a phase writes, another reads or writes.
  void shareDestinations() {
    for (kernel::CallOp call : calls)
      for (OpOperand &destination : call.getDestinationsMutable())
        kernel.setArgAttr(destination.getOperandNumber(), kernel::FuncOp::kSharedAttr,
                          rewriter.getUnitAttr());
  }

  /// Whether a number follows from the kernel's arguments alone, not from a pass of a loop.
  bool isKnownBefore(Value value) const {
    Operation *op = value.getDefiningOp();
    if (!op)
      return cast<BlockArgument>(value).getOwner() == &body;
    return llvm::all_of(op->getOperands(), [&](Value operand) { return isKnownBefore(operand); });
  }

  /// Computes at a call what the kernel computes from its arguments.
  Value copyTo(Value value, IRMapping &mapping) {
    if (Value known = mapping.lookupOrNull(value))
      return known;
    Operation *op = value.getDefiningOp();
    for (Value operand : op->getOperands())
      (void)copyTo(operand, mapping);
    rewriter.clone(*op, mapping);
    return mapping.lookup(value);
  }

  RewriterBase &rewriter;
  kernel::FuncOp kernel;
  ArrayRef<kernel::CallOp> calls;
  Block &body;
  Location loc;
  bool hasSyncs = false;
  SmallVector<Value> blocks; ///< That the tasks of stages fill, in the kernel.
};

class MapThreadsPass : public impl::MapThreadsBase<MapThreadsPass> {
public:
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    llvm::MapVector<Operation *, Calls> calls;
    for (auto function : getOperation().getOps<kernel::FuncOp>())
      calls[function];
    getOperation().walk([&](kernel::CallOp call) {
      calls[symbols.lookup<kernel::FuncOp>(call.getCallee())].push_back(call);
    });
    IRRewriter rewriter(&getContext());
    declareBarrier(rewriter);
    for (auto &[op, own] : calls) {
      auto function = cast<kernel::FuncOp>(op);
      ThreadMapper mapper(rewriter, function, own);
      if (failed(mapper.run()))
        return signalPassFailure();
      ++numKernels;
      if (!mapper.isSerial)
        continue;
      ++numSerial;
      if (auto note = Remarks(getArgumentName(), function).left(function))
        note << remark::add("run by one thread")
             << remark::reason("it is a loop whose passes depend on one another");
    }
  }

private:
  void declareBarrier(RewriterBase &rewriter) {
    bool isUsed = false;
    getOperation().walk([&](kernel::SyncOp sync) { isUsed |= !sync.getBlock(); });
    if (!isUsed)
      return;
    rewriter.setInsertionPointToStart(getOperation().getBody());
    auto barrier = func::FuncOp::create(rewriter, getOperation().getLoc(), kGridBarrier,
                                        rewriter.getFunctionType({}, {}));
    barrier.setPrivate();
    // No thread may come to it by another way than the others.
    barrier->setAttr("passthrough", rewriter.getStrArrayAttr({"convergent", "nounwind"}));
  }
};

} // namespace
} // namespace nnc::codegen
