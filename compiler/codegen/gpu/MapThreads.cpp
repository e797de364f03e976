// codegen-map-threads: spreads the tasks of kernels over the threads of a grid.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/gpu/Gpu.h"
#include "compiler/codegen/shared/Remarks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Transforms.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_MAPTHREADS
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

using Calls = SmallVector<kernel::CallOp>;

/// One kernel on its way to code that each thread runs.
class ThreadMapper {
public:
  ThreadMapper(RewriterBase &rewriter, kernel::FuncOp kernel, ArrayRef<kernel::CallOp> calls)
      : rewriter(rewriter), kernel(kernel), calls(calls), body(kernel.getBody().front()),
        loc(kernel.getLoc()) {}

  LogicalResult run() {
    liftStackBuffers();
    if (scf::ForallOp loop = findTasks())
      loop.getMapping() ? spreadBlocks(loop) : spreadThreads(loop);
    else if (failed(runOnOneThread()))
      return failure();
    passTasks();
    return success();
  }

  bool isSerial() const { return !tasks; }

private:
  /// The loop of tasks, where it is all that the kernel does; null otherwise.
  scf::ForallOp findTasks() {
    scf::ForallOp found;
    for (Operation &op : body.without_terminator()) {
      if (isMemoryEffectFree(&op) || isa<memref::AllocaOp>(op))
        continue;
      auto loop = dyn_cast<scf::ForallOp>(op);
      if (!loop || found || loop.getNumResults() != 0)
        return {};
      found = loop;
    }
    return found;
  }

  /// Buffers on the stack are a thread's, whichever of its tasks runs.
  void liftStackBuffers() {
    kernel.walk([&](memref::AllocaOp buffer) {
      if (buffer.getType().hasStaticShape())
        buffer->moveBefore(&body, body.begin());
    });
  }

  Value constant(int64_t value) { return arith::ConstantIndexOp::create(rewriter, loc, value); }

  /// A number that the GPU tells each thread.
  template <typename Op> Value read() {
    Value number = Op::create(rewriter, loc, rewriter.getI32Type());
    return arith::IndexCastUIOp::create(rewriter, loc, rewriter.getIndexType(), number);
  }

  Value findThread() {
    Value first =
        arith::MulIOp::create(rewriter, loc, read<NVVM::BlockIdXOp>(), read<NVVM::BlockDimXOp>());
    return arith::AddIOp::create(rewriter, loc, first, read<NVVM::ThreadIdXOp>());
  }

  /// Thread t of n runs the tasks t, t + n, ...: neighbours run side by side.
  void spreadThreads(scf::ForallOp loop) {
    rewriter.setInsertionPoint(loop);
    Value threads =
        arith::MulIOp::create(rewriter, loc, read<NVVM::GridDimXOp>(), read<NVVM::BlockDimXOp>());
    Value thread = findThread();
    spread(loop, thread, threads);
    makeSerial();
  }

  /// The same with blocks, whose threads run a task together. They are told of as so many threads.
  void spreadBlocks(scf::ForallOp loop) {
    rewriter.setInsertionPoint(loop);
    Value blocks = read<NVVM::GridDimXOp>(), block = read<NVVM::BlockIdXOp>();
    spread(loop, block, blocks);
    kernel.walk([&](Operation *op) {
      rewriter.setInsertionPoint(op);
      if (isa<gpu::BarrierOp>(op))
        rewriter.replaceOpWithNewOp<NVVM::Barrier0Op>(op);
      else if (isa<gpu::ThreadIdOp>(op))
        rewriter.replaceOp(op, read<NVVM::ThreadIdXOp>());
      else if (isa<gpu::BlockDimOp>(op))
        rewriter.replaceOp(op, read<NVVM::BlockDimXOp>());
    });
    rewriter.setInsertionPointAfterValue(tasks);
    tasks = arith::MulIOp::create(rewriter, loc, tasks, constant(kBlockThreads));
  }

  /// Makes of `loop` one from `first` on in steps of `step`, both counted in tasks.
  void spread(scf::ForallOp loop, Value first, Value step) {
    rewriter.setInsertionPoint(loop);
    SmallVector<Value> counts, lows, steps;
    tasks = constant(1);
    for (auto [low, high, step] : llvm::zip_equal(loop.getMixedLowerBound(),
                                                  loop.getMixedUpperBound(), loop.getMixedStep())) {
      lows.push_back(getValueOrCreateConstantIndexOp(rewriter, loc, low));
      steps.push_back(getValueOrCreateConstantIndexOp(rewriter, loc, step));
      Value end = getValueOrCreateConstantIndexOp(rewriter, loc, high);
      Value distance = rewriter.createOrFold<arith::SubIOp>(loc, end, lows.back());
      counts.push_back(rewriter.createOrFold<arith::CeilDivSIOp>(loc, distance, steps.back()));
      tasks = rewriter.createOrFold<arith::MulIOp>(loc, tasks, counts.back());
    }
    auto stride = scf::ForOp::create(rewriter, loc, first, tasks, step);
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

  /// What isn't a loop of tasks is done by the first thread, in order.
  LogicalResult runOnOneThread() {
    makeSerial();
    SmallVector<Operation *> ops;
    for (Operation &op : body.without_terminator())
      if (!isa<memref::AllocaOp>(op))
        ops.push_back(&op);
    rewriter.setInsertionPoint(body.getTerminator());
    Value isFirst =
        arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::eq, findThread(), constant(0));
    auto branch = scf::IfOp::create(rewriter, loc, isFirst);
    for (Operation *op : ops)
      rewriter.moveOpBefore(op, branch.thenYield());
    return success();
  }

  /// Each call tells how many tasks there are.
  void passTasks() {
    body.insertArgument(0u, rewriter.getIndexType(), loc);
    SmallVector<Type> types(body.getArgumentTypes());
    kernel.setFunctionType(rewriter.getFunctionType(types, {}));
    for (kernel::CallOp call : calls) {
      rewriter.setInsertionPoint(call);
      IRMapping mapping;
      for (auto [argument, operand] :
           llvm::zip_equal(body.getArguments().drop_front(), call->getOperands()))
        mapping.map(argument, operand);
      SmallVector<Value> inputs{tasks ? copyTo(tasks, mapping) : constant(1)};
      llvm::append_range(inputs, call.getInputs());
      call.getInputsMutable().assign(inputs);
    }
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
  Value tasks; ///< In the kernel; null: one.
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
    for (auto &[op, own] : calls) {
      auto function = cast<kernel::FuncOp>(op);
      ThreadMapper mapper(rewriter, function, own);
      if (failed(mapper.run()))
        return signalPassFailure();
      ++numKernels;
      if (!mapper.isSerial())
        continue;
      ++numSerial;
      if (auto note = Remarks(getArgumentName(), function).left(function))
        note << remark::add("run by one thread")
             << remark::reason("it is a loop whose passes depend on one another");
    }
  }
};

} // namespace
} // namespace nnc::codegen
