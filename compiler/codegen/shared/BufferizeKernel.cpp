// codegen-bufferize-kernel: lets a kernel compute on buffers.
#include "compiler/codegen/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/Bufferize.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_BUFFERIZEKERNEL
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

class BufferizeKernelPass : public impl::BufferizeKernelBase<BufferizeKernelPass> {
public:
  void runOnOperation() override {
    kernel::FuncOp function = getOperation();
    WalkResult noConstant = function.walk([](arith::ConstantOp constant) {
      if (!isa<TensorType>(constant.getType()))
        return WalkResult::advance();
      constant.emitOpError("expected no constant tensor in a kernel");
      return WalkResult::interrupt();
    });
    bufferization::OneShotBufferizationOptions options;
    bufferization::BufferizationState state;
    bufferization::BufferizationStatistics found;
    if (noConstant.wasInterrupted() ||
        failed(bufferization::runOneShotBufferize(function, options, state, &found)))
      return signalPassFailure();
    numBuffers += found.numBufferAlloc;
    numCopies += found.numTensorOutOfPlace;
  }
};

} // namespace
} // namespace nnc::codegen
