// nn-expand-gradients and nn-inline-forward: ordinary code in place of nn.gradient and
// nn.with_gradient.
#include "dialects/nn/transforms/ExpandGradients.h"

#include "dialects/nn/ir/NnAdjoint.h"
#include "dialects/nn/ir/NnOps.h"
#include "dialects/nn/transforms/Passes.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::nn;

namespace mlir::nn {
#define GEN_PASS_DEF_EXPANDGRADIENTSPASS
#define GEN_PASS_DEF_INLINEFORWARDPASS
#include "dialects/nn/transforms/Passes.h.inc"
} // namespace mlir::nn

/// Moves a body before its op, and gives the op's results values of the body. Types within may know
/// more or less than those around: users of either are kept to what they were made for.
static void inlineBody(IRRewriter &rewriter, Operation *op, Block &body, ValueRange results) {
  ImplicitLocOpBuilder builder(op->getLoc(), op);
  SmallVector<Value> arguments, values;
  for (auto [operand, argument] : llvm::zip_equal(op->getOperands(), body.getArguments()))
    arguments.push_back(buildAs(builder, operand, argument.getType()));
  for (Value result : results) {
    auto same = dyn_cast<BlockArgument>(result);
    values.push_back(same && same.getOwner() == &body ? arguments[same.getArgNumber()] : result);
  }
  Operation *yield = body.getTerminator();
  rewriter.inlineBlockBefore(&body, op, arguments);
  rewriter.eraseOp(yield);
  for (auto [old, value] : llvm::zip_equal(op->getResults(), values))
    rewriter.replaceAllUsesWith(old, buildAs(builder, value, old.getType()));
  rewriter.eraseOp(op);
}

static LogicalResult expand(IRRewriter &rewriter, GradientOp op) {
  Block &body = op.getBody().front();
  Value value = body.getTerminator()->getOperand(0);
  ImplicitLocOpBuilder builder(op.getLoc(), body.getTerminator());
  AdjointRequest request;
  for (Value argument : body.getArguments().take_front(op.getWrt().size()))
    request.wrt.push_back(argument);
  request.seeds.push_back({value, buildConstantLike(builder, value, 1.0)});
  FailureOr<SmallVector<Value>> gradients = buildAdjoint(builder, body, request);
  if (failed(gradients))
    return failure();
  SmallVector<Value> results;
  for (auto [argument, gradient] : llvm::zip_equal(request.wrt, *gradients)) {
    builder.setLoc(op.getLoc());
    results.push_back(gradient ? gradient : buildConstantLike(builder, argument, 0.0));
  }
  inlineBody(rewriter, op, body, results);
  return success();
}

LogicalResult nn::expandGradients(Operation *root, unsigned *numExpanded) {
  IRRewriter rewriter(root->getContext());
  // Post-order: the gradient inside another one is code by the time that one is differentiated.
  SmallVector<GradientOp> gradients;
  root->walk<WalkOrder::PostOrder>([&](GradientOp op) { gradients.push_back(op); });
  for (GradientOp op : gradients)
    if (failed(expand(rewriter, op)))
      return failure();
  if (numExpanded)
    *numExpanded += gradients.size();
  return success();
}

unsigned nn::inlineForward(Operation *root) {
  IRRewriter rewriter(root->getContext());
  SmallVector<WithGradientOp> declared;
  root->walk<WalkOrder::PostOrder>([&](WithGradientOp op) { declared.push_back(op); });
  unsigned number = 0;
  for (WithGradientOp op : declared) {
    // Bodies that are gone with an op around them have been visited before it; their ops are no
    // longer anywhere.
    Block &body = op.getForward().front();
    inlineBody(rewriter, op, body, llvm::to_vector(body.getTerminator()->getOperands()));
    ++number;
  }
  return number;
}

namespace {
struct ExpandGradientsPass : nn::impl::ExpandGradientsPassBase<ExpandGradientsPass> {
  void runOnOperation() override {
    unsigned number = 0;
    if (failed(expandGradients(getOperation(), &number)))
      return signalPassFailure();
    numExpanded += number;
  }
};

struct InlineForwardPass : nn::impl::InlineForwardPassBase<InlineForwardPass> {
  void runOnOperation() override { numInlined += inlineForward(getOperation()); }
};
} // namespace
