// How bufferisation sees calls of kernels: they read inputs and destinations, and write the latter.
#include "dialects/kernel/ir/KernelBufferization.h"
#include "dialects/kernel/ir/KernelOps.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"

using namespace mlir;
using namespace mlir::bufferization;
using namespace mlir::kernel;

namespace {

// External models are made to be shadowed.
// NOLINTBEGIN(bugprone-derived-method-shadowing-base-method)
struct CallModel : BufferizableOpInterface::ExternalModel<CallModel, kernel::CallOp> {
  // What follows from any operation's destinations, said of calls alone: the analysis asks it for
  // each pair of uses of a tensor.
  bool bufferizesToMemoryRead(Operation *, OpOperand &, const AnalysisState &) const {
    return true; // Destinations too: a kernel may start from what is there.
  }

  bool bufferizesToMemoryWrite(Operation *op, OpOperand &operand, const AnalysisState &) const {
    return operand.getOperandNumber() >= firstDestination(op);
  }

  AliasingValueList getAliasingValues(Operation *op, OpOperand &operand,
                                      const AnalysisState &) const {
    unsigned first = firstDestination(op);
    if (operand.getOperandNumber() < first)
      return {};
    return {{op->getResult(operand.getOperandNumber() - first), BufferRelation::Equivalent}};
  }

  static unsigned firstDestination(Operation *op) {
    // On tensors, there is a result for each.
    return op->getNumOperands() - op->getNumResults();
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options, BufferizationState &state) const {
    auto call = cast<kernel::CallOp>(op);
    SmallVector<Value> inputs, destinations;
    auto convert = [&](ValueRange values, SmallVectorImpl<Value> &buffers) -> LogicalResult {
      for (Value value : values) {
        if (isa<TensorType>(value.getType())) {
          FailureOr<Value> buffer = getBuffer(rewriter, value, options, state);
          if (failed(buffer))
            return failure();
          value = *buffer;
        }
        buffers.push_back(value);
      }
      return success();
    };
    if (failed(convert(call.getInputs(), inputs)) ||
        failed(convert(call.getDestinations(), destinations)))
      return failure();
    kernel::CallOp::create(rewriter, call.getLoc(), TypeRange(), call.getCalleeAttr(), inputs,
                           destinations);
    replaceOpWithBufferizedValues(rewriter, op, destinations);
    return success();
  }
};
// NOLINTEND(bugprone-derived-method-shadowing-base-method)

} // namespace

void mlir::kernel::registerBufferization(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, KernelDialect *) {
    kernel::CallOp::attachInterface<CallModel>(*context);
  });
}
