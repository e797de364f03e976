// nn-differentiate: gradients of a function, by the adjoint of its body.
#include "dialects/nn/transforms/Differentiate.h"

#include "dialects/nn/ir/NnAdjoint.h"
#include "dialects/nn/ir/NnAttributes.h"
#include "dialects/nn/ir/NnOps.h"
#include "dialects/nn/transforms/Passes.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::nn;

namespace mlir::nn {
#define GEN_PASS_DEF_DIFFERENTIATEPASS
#include "dialects/nn/transforms/Passes.h.inc"
} // namespace mlir::nn

/// The gradients of result 0 with respect to arguments of the function, before its return.
static FailureOr<SmallVector<Value>> buildGradients(func::FuncOp function,
                                                    func::ReturnOp terminator,
                                                    ArrayRef<unsigned> arguments,
                                                    unsigned *numAdjoints) {
  Value loss = terminator.getOperand(0);
  auto at = [&](Value value) -> Location {
    return NameLoc::get(StringAttr::get(value.getContext(), "vjp"), value.getLoc());
  };
  ImplicitLocOpBuilder builder(at(loss), terminator);
  AdjointRequest request;
  for (unsigned number : arguments)
    request.wrt.push_back(function.getArgument(number));
  request.seeds.push_back({loss, buildConstantLike(builder, loss, 1.0)});
  request.from = "an argument marked 'nn.wrt'";
  request.to = "result 0";
  request.owner = function.getLoc();
  FailureOr<SmallVector<Value>> gradients =
      buildAdjoint(builder, function.getBody().front(), request, numAdjoints);
  if (failed(gradients))
    return failure();
  for (auto [argument, gradient] : llvm::zip_equal(request.wrt, *gradients))
    if (!gradient) {
      builder.setLoc(at(argument));
      gradient = buildConstantLike(builder, argument, 0.0);
    }
  return gradients;
}

LogicalResult nn::differentiate(func::FuncOp function, unsigned *numAdjoints) {
  StringRef mark = kWrtAttr;
  SmallVector<unsigned> arguments;
  for (unsigned number = 0; number < function.getNumArguments(); ++number)
    if (function.getArgAttr(number, mark))
      arguments.push_back(number);
  if (arguments.empty() || function.isExternal())
    return success();

  if (!function.getBody().hasOneBlock())
    return function.emitOpError("has marked arguments and expects one block, found several");
  if (function.getNumResults() == 0 || !isFloatTensor(function.getResultTypes()[0]) ||
      cast<RankedTensorType>(function.getResultTypes()[0]).getRank() != 0)
    return function.emitOpError(
        "has marked arguments and expects a rank-0 float tensor as result 0");

  auto terminator = cast<func::ReturnOp>(function.getBody().front().getTerminator());
  FailureOr<SmallVector<Value>> gradients =
      buildGradients(function, terminator, arguments, numAdjoints);
  if (failed(gradients))
    return failure();

  Builder attributes(function.getContext());
  terminator.getOperandsMutable().append(*gradients);
  unsigned numResults = function.getNumResults();
  for (auto [argument, gradient] : llvm::zip_equal(arguments, *gradients)) {
    function.removeArgAttr(argument, mark);
    DictionaryAttr origin = attributes.getDictionaryAttr(
        attributes.getNamedAttr(kGradientOfAttr, attributes.getI64IntegerAttr(argument)));
    if (failed(function.insertResult(numResults++, gradient.getType(), origin)))
      return failure();
  }
  return success();
}

namespace {
struct DifferentiatePass : nn::impl::DifferentiatePassBase<DifferentiatePass> {
  void runOnOperation() override {
    unsigned adjoints = 0;
    if (failed(differentiate(getOperation(), &adjoints)))
      return signalPassFailure();
    numAdjoints += adjoints;
  }
};
} // namespace
