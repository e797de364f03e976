// codegen-reuse-destinations: computes updated arguments in the place of the old ones.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/shared/LinalgUtils.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_REUSEDESTINATIONS
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// The tensor that `buffer` holds when the function starts.
static Value findTensorOf(Value buffer) {
  for (Operation *user : buffer.getUsers())
    if (auto tensor = dyn_cast<bufferization::ToTensorOp>(user))
      return tensor.getResult();
  return {};
}

/// Takes input `number` out of `op`.
static linalg::GenericOp removeInput(RewriterBase &rewriter, linalg::GenericOp op,
                                     unsigned number) {
  SmallVector<Value> inputs(op.getInputs());
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  inputs.erase(inputs.begin() + number);
  maps.erase(maps.begin() + number);
  rewriter.setInsertionPoint(op);
  auto smaller = linalg::GenericOp::create(rewriter, op.getLoc(), op->getResultTypes(), inputs,
                                           op.getOutputs(), maps, op.getIteratorTypesArray());
  smaller.getRegion().takeBody(op.getRegion());
  smaller.getBody()->eraseArgument(number);
  rewriter.replaceOp(op, smaller->getResults());
  return smaller;
}

/// The operand through which `op` gets memory for its result and nothing else: its own, or that of
/// the fill that it starts from. Null where what is there is read.
static OpOperand *findFreshDestination(linalg::LinalgOp op, OpOperand &init) {
  if (init.get().getDefiningOp<tensor::EmptyOp>())
    return op.payloadUsesValueFromOperand(&init) ? nullptr : &init;
  auto fill = init.get().getDefiningOp<linalg::FillOp>();
  if (fill && fill->hasOneUse() && fill.getOutputs().front().getDefiningOp<tensor::EmptyOp>())
    return fill.getDpsInitOperand(0);
  return nullptr;
}

/// Makes `old` the destination of an elementwise operation that reads it at the same index, in the
/// place of that input.
static bool updateInPlace(RewriterBase &rewriter, linalg::GenericOp op, OpOperand &init,
                          Value old) {
  if (!isElementwiseOp(op))
    return false;
  for (OpOperand *input : op.getDpsInputOperands()) {
    if (input->get() != old || op.getMatchingIndexingMap(input) != op.getMatchingIndexingMap(&init))
      continue;
    rewriter.modifyOpInPlace(op, [&] { init.set(old); });
    op.getMatchingBlockArgument(input).replaceAllUsesWith(op.getMatchingBlockArgument(&init));
    removeInput(rewriter, op, input->getOperandNumber());
    return true;
  }
  return false;
}

static bool reuse(RewriterBase &rewriter, bufferization::MaterializeInDestinationOp write) {
  auto op = write.getSource().getDefiningOp<linalg::LinalgOp>();
  if (!op || !isa<MemRefType>(write.getDest().getType()))
    return false;
  Value buffer = write.getDest();
  Value old = findTensorOf(buffer);
  if (!old) {
    // A buffer that is only written.
    auto argument = dyn_cast<BlockArgument>(buffer);
    if (!argument)
      return false;
    rewriter.setInsertionPointToStart(argument.getOwner());
    auto tensor = bufferization::ToTensorOp::create(rewriter, write.getLoc(),
                                                    write.getSource().getType(), buffer);
    tensor.setRestrict(true);
    tensor.setWritable(true);
    old = tensor;
  }
  unsigned result = cast<OpResult>(write.getSource()).getResultNumber();
  OpOperand &init = *op.getDpsInitOperand(result);
  OpOperand *destination = findFreshDestination(op, init);
  if (!destination)
    return false;
  if (auto generic = dyn_cast<linalg::GenericOp>(op.getOperation()))
    if (destination == &init && updateInPlace(rewriter, generic, init, old))
      return true;
  rewriter.modifyOpInPlace(destination->getOwner(), [&] { destination->set(old); });
  if (auto fill = dyn_cast<linalg::FillOp>(destination->getOwner()))
    fill->getResult(0).setType(old.getType());
  return true;
}

class ReuseDestinationsPass : public impl::ReuseDestinationsBase<ReuseDestinationsPass> {
public:
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<bufferization::MaterializeInDestinationOp> writes;
    getOperation().walk(
        [&](bufferization::MaterializeInDestinationOp write) { writes.push_back(write); });
    for (bufferization::MaterializeInDestinationOp write : writes)
      numReused += reuse(rewriter, write);
  }
};

} // namespace
} // namespace nnc::codegen
