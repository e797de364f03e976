// nnc-verify-stage: verifies that a module is at a stage of the pipeline.
#include "compiler/pipeline/Passes.h"
#include "compiler/pipeline/Pipeline.h"
#include "dialects/nn/ir/NnDialect.h"
#include "dialects/train/ir/TrainOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace nnc {
#define GEN_PASS_DEF_NNCVERIFYSTAGE
#include "compiler/pipeline/Passes.h.inc"
} // namespace nnc

using namespace mlir;
using namespace nnc;

namespace {
struct VerifyStage : nnc::impl::NncVerifyStageBase<VerifyStage> {
  using NncVerifyStageBase::NncVerifyStageBase;
  void runOnOperation() override;
};
} // namespace

static bool isExpected(Operation *op, Stage stage) {
  Dialect *dialect = op->getDialect();
  if (stage == Stage::Nn || stage == Stage::Grad)
    return isa_and_nonnull<nn::NnDialect, arith::ArithDialect, func::FuncDialect,
                           tensor::TensorDialect>(dialect);
  if (isa_and_nonnull<nn::NnDialect, train::TrainDialect>(dialect))
    return false;
  // What an entry computes is in kernels.
  if (stage == Stage::Kernels)
    return !isa<linalg::LinalgOp>(op) || !op->getParentOfType<func::FuncOp>();
  auto isTensor = [](Type type) { return isa<TensorType>(type); };
  return stage == Stage::Linalg || (llvm::none_of(op->getOperandTypes(), isTensor) &&
                                    llvm::none_of(op->getResultTypes(), isTensor));
}

static LogicalResult verifyModels(ModuleOp module, Stage stage) {
  for (Operation &op : module.getOps())
    if (stage == Stage::Nn ? isa<train::ProgramOp>(op) : isa<train::ModelOp>(op))
      return op.emitOpError() << "is not expected at stage " << spelling(stage);
  bool hasTensors = stage == Stage::Grad || stage == Stage::Linalg;
  return hasTensors ? LogicalResult(describeModels(module)) : success();
}

void VerifyStage::runOnOperation() {
  std::optional<Stage> expected = parseStage(stage);
  if (!expected || *expected == Stage::Llvm) {
    getOperation().emitError()
        << "nnc-verify-stage expected stage nn, grad, linalg, kernels or bufferized, "
        << "found '" << stage << "'";
    return signalPassFailure();
  }
  markAllAnalysesPreserved();
  if (failed(verifyModels(getOperation(), *expected)))
    return signalPassFailure();
  for (auto function : getOperation().getOps<FunctionOpInterface>()) {
    WalkResult result = function.getFunctionBody().walk([&](Operation *op) {
      if (isExpected(op, *expected))
        return WalkResult::advance();
      op->emitOpError() << "is not expected at stage " << stage;
      return WalkResult::interrupt();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
  }
}
