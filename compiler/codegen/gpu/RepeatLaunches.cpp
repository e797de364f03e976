// codegen-repeat-launches: lets the runtime repeat what the passes of a loop launch.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/gpu/PassCounters.h"
#include "compiler/codegen/shared/Counts.h"
#include "compiler/codegen/shared/Entry.h"
#include "compiler/codegen/shared/EraseUnused.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_REPEATLAUNCHES
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// The argument that has an attribute; none: -1.
int findArgument(kernel::FuncOp kernel, StringRef attribute) {
  for (unsigned i = 0; i < kernel.getNumArguments(); ++i)
    if (kernel.getArgAttr(i, attribute))
      return i;
  return -1;
}

class RepeatLaunchesPass : public impl::RepeatLaunchesBase<RepeatLaunchesPass> {
public:
  void runOnOperation() override {
    llvm::StringMap<SmallVector<kernel::CallOp>> calls;
    getOperation().walk([&](kernel::CallOp call) { calls[call.getCallee()].push_back(call); });
    for (auto kernel : getOperation().getOps<kernel::FuncOp>())
      if (int pass = findArgument(kernel, kPassAttr); pass >= 0)
        readPass(kernel, pass, calls[kernel.getSymName()]);
    // What the host computed from the number, which kernels compute now.
    for (auto entry : getOperation().getOps<func::FuncOp>())
      eraseUnused(entry);
    SmallVector<scf::ForOp> loops;
    getOperation().walk([&](scf::ForOp loop) {
      if (loop->hasAttr(kRepeatAttr) && loop.getInductionVar().use_empty())
        loops.push_back(loop);
    });
    for (scf::ForOp loop : loops)
      replace(loop);
  }

private:
  /// Lets each thread read the number of the pass.
  static void readPass(kernel::FuncOp kernel, unsigned pass, ArrayRef<kernel::CallOp> calls) {
    unsigned counter = findArgument(kernel, kCounterAttr);
    int64_t more = kernel.getArgAttrOfType<IntegerAttr>(counter, kCounterAttr).getInt();
    OpBuilder builder = OpBuilder::atBlockBegin(&kernel.getBody().front());
    Location loc = kernel.getLoc();
    Value number = memref::LoadOp::create(builder, loc, kernel.getArgument(counter));
    if (more) {
      Value offset = arith::ConstantIntOp::create(builder, loc, more, 64);
      number = arith::SubIOp::create(builder, loc, number, offset);
    }
    number = arith::IndexCastOp::create(builder, loc, builder.getIndexType(), number);
    kernel.getArgument(pass).replaceAllUsesWith(number);
    (void)kernel.eraseArgument(pass);
    for (kernel::CallOp call : calls)
      call.getInputsMutable().erase(pass);
  }

  void replace(scf::ForOp loop) {
    OpBuilder builder(loop);
    auto repeated = scf::ForallOp::create(
        builder, loop.getLoc(), ArrayRef<OpFoldResult>{loop.getLowerBound()},
        ArrayRef<OpFoldResult>{loop.getUpperBound()}, ArrayRef<OpFoldResult>{loop.getStep()},
        ValueRange(), /*mapping=*/std::nullopt);
    repeated->setAttr(kBatchesAttr, builder.getUnitAttr());
    repeated->setAttr(entry::kRunnerAttr, builder.getStringAttr("nnrt_repeat"));
    for (Operation &op : llvm::make_early_inc_range(loop.getBody()->without_terminator()))
      op.moveBefore(repeated.getTerminator());
    loop.erase();
    ++numLoops;
  }
};

} // namespace
} // namespace nnc::codegen
