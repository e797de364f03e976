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

/// Moves a body before its op, and gives the op's results the values.
static void inlineBody(IRRewriter &rewriter, Operation *op, Block &body, ValueRange arguments,
                       ValueRange results) {
  Operation *yield = body.getTerminator();
  rewriter.inlineBlockBefore(&body, op, arguments);
  rewriter.eraseOp(yield);
  for (auto [old, value] : llvm::zip_equal(op->getResults(), results)) {
    // A type that knows more goes on to users, which know no less for it.
    rewriter.replaceAllUsesWith(old, value);
  }
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
    Value result = gradient ? gradient : buildConstantLike(builder, argument, 0.0);
    // An argument is the operand once the body is inlined.
    auto same = dyn_cast<BlockArgument>(result);
    results.push_back(same && same.getOwner() == &body ? op.getOperand(same.getArgNumber())
                                                       : result);
  }
  inlineBody(rewriter, op, body, op.getOperands(), results);
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
    SmallVector<Value> results;
    for (Value value : body.getTerminator()->getOperands()) {
      auto same = dyn_cast<BlockArgument>(value);
      results.push_back(same && same.getOwner() == &body ? op.getOperand(same.getArgNumber())
                                                         : value);
    }
    inlineBody(rewriter, op, body, op.getOperands(), results);
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
