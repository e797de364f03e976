// codegen-count-work: notes what a kernel has to do at least.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/gpu/KernelWork.h"
#include "compiler/codegen/shared/Counts.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_COUNTWORK
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// What an operation on elements counts as, in a program whose products are in `precision`.
Arithmetic classify(Operation *op, Precision precision) {
  unsigned width = op->getResult(0).getType().getIntOrFloatBitWidth();
  if (width != 32)
    return width < 32 ? Arithmetic::Bf16 : Arithmetic::F64;
  // Tensor cores may do what is summed.
  auto around = op->getParentOfType<linalg::LinalgOp>();
  if (!around || around.getNumReductionLoops() == 0)
    return Arithmetic::F32;
  switch (precision) {
  case Precision::F32:
    return Arithmetic::F32;
  case Precision::Tf32:
    return Arithmetic::Tf32;
  case Precision::Bf16:
    return Arithmetic::Bf16;
  }
  llvm_unreachable("a precision");
}

class CountWorkPass : public impl::CountWorkBase<CountWorkPass> {
public:
  using CountWorkBase::CountWorkBase;

  LogicalResult initialize(MLIRContext *context) override {
    known = parsePrecision(precision);
    if (!known)
      return emitError(UnknownLoc::get(context), "unknown precision '" + precision + "'");
    return success();
  }

  void runOnOperation() override {
    kernel::FuncOp kernel = getOperation();
    if (kernel.getExternal())
      return;
    KernelWork work;
    WalkResult walk = kernel.walk([&](Operation *op) {
      if (!isComputation(op))
        return WalkResult::advance();
      Count runs = countRuns(op);
      if (!runs)
        return WalkResult::interrupt();
      work.flops[size_t(classify(op, *known))] += *runs;
      return WalkResult::advance();
    });
    if (walk.wasInterrupted())
      return;
    unsigned firstDestination = kernel.getNumArguments() - kernel.getResultTypes().size();
    for (BlockArgument argument : kernel.getArguments()) {
      if (!isa<ShapedType>(argument.getType()))
        continue;
      Count bytes = countReads(argument);
      if (argument.getArgNumber() >= firstDestination)
        bytes = addCounts(bytes, countBytes(argument.getType()));
      if (!bytes)
        return;
      work.bytes += *bytes;
      noteBytes(kernel, argument.getArgNumber(), *bytes);
    }
    noteWork(kernel, work);
    ++numCounted;
  }

private:
  std::optional<Precision> known;
};

} // namespace
} // namespace nnc::codegen
