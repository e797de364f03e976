// nn-differentiate: reverse mode over straight-line code, by NnDifferentiableOpInterface.
#include "dialects/nn/transforms/Differentiate.h"

#include "dialects/nn/ir/NnAttributes.h"
#include "dialects/nn/ir/NnOps.h"
#include "dialects/nn/transforms/Passes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace mlir::nn;

namespace mlir::nn {
#define GEN_PASS_DEF_DIFFERENTIATEPASS
#include "dialects/nn/transforms/Passes.h.inc"
} // namespace mlir::nn

static bool isFloatTensor(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && isa<FloatType>(tensor.getElementType());
}

/// Whether a derivative may flow from the operand to a result. What has no interface is taken to
/// let it through, so that it is found and reported rather than silently left out.
static bool carriesDerivative(OpOperand &operand) {
  if (!isFloatTensor(operand.get().getType()))
    return false;
  if (auto op = dyn_cast<NnDifferentiableOpInterface>(operand.getOwner()))
    return op.isDifferentiableWrt(operand.getOperandNumber());
  return llvm::any_of(operand.getOwner()->getResultTypes(), isFloatTensor);
}

/// A float tensor from outside that the op's regions use and `reached` holds, or null. A cotangent
/// could only come to it through the op's operands, which is what vjp speaks of.
static Value findCaptured(Operation &op, const DenseSet<Value> &reached) {
  if (op.getNumRegions() == 0)
    return {};
  llvm::SetVector<Value> captured;
  getUsedValuesDefinedAbove(op.getRegions(), captured);
  auto found = llvm::find_if(captured, [&](Value value) {
    return isFloatTensor(value.getType()) && reached.contains(value);
  });
  return found == captured.end() ? Value() : *found;
}

namespace {
/// Builds the gradients of one function, before its return.
class Differentiator {
public:
  Differentiator(func::FuncOp function, func::ReturnOp terminator, ArrayRef<unsigned> arguments)
      : function(function), terminator(terminator), arguments(arguments),
        builder(terminator.getLoc(), terminator) {}

  FailureOr<SmallVector<Value>> run();
  unsigned numAdjoints = 0;

private:
  void findActive();
  LogicalResult refuseCaptures();
  LogicalResult pullBack(Operation &op);
  void accumulate(Value value, Value cotangent);

  func::FuncOp function;
  func::ReturnOp terminator;
  ArrayRef<unsigned> arguments;
  ImplicitLocOpBuilder builder;
  /// Values between a marked argument and the loss: those that get a cotangent.
  DenseSet<Value> active;
  /// Operations on the way to the loss whose regions use a value that a marked argument reaches,
  /// last first.
  SmallVector<std::pair<Operation *, Value>> captures;
  DenseMap<Value, Value> cotangents;
};
} // namespace

/// Active: depends on a marked argument, and the loss depends on it.
void Differentiator::findActive() {
  DenseSet<Value> reached;
  for (unsigned argument : arguments)
    reached.insert(function.getArgument(argument));
  Block &body = function.getBody().front();
  for (Operation &op : body)
    if (llvm::any_of(op.getOpOperands(),
                     [&](OpOperand &operand) {
                       return reached.contains(operand.get()) && carriesDerivative(operand);
                     }) ||
        findCaptured(op, reached))
      for (Value result : op.getResults())
        if (isFloatTensor(result.getType()))
          reached.insert(result);

  Value loss = terminator.getOperand(0);
  if (reached.contains(loss))
    active.insert(loss);
  for (Operation &op : llvm::reverse(body)) {
    if (llvm::none_of(op.getResults(), [&](Value result) { return active.contains(result); }))
      continue;
    for (OpOperand &operand : op.getOpOperands())
      if (reached.contains(operand.get()) && carriesDerivative(operand))
        active.insert(operand.get());
    if (Value value = findCaptured(op, reached))
      captures.push_back({&op, value});
  }
}

LogicalResult Differentiator::refuseCaptures() {
  for (auto [op, value] : captures) {
    InFlightDiagnostic error =
        op->emitOpError("uses a value in its region that depends on an argument marked 'nn.wrt', "
                        "and only operands get a derivative");
    error.attachNote(value.getLoc()) << "this value";
  }
  return success(captures.empty());
}

void Differentiator::accumulate(Value value, Value cotangent) {
  Value &sum = cotangents[value];
  sum = sum ? Value(AddOp::create(builder, sum, cotangent)) : cotangent;
}

LogicalResult Differentiator::pullBack(Operation &op) {
  auto results =
      llvm::map_to_vector(op.getResults(), [&](Value result) { return cotangents.lookup(result); });
  if (llvm::none_of(results, [](Value cotangent) { return static_cast<bool>(cotangent); }))
    return success();
  auto differentiable = dyn_cast<NnDifferentiableOpInterface>(op);
  if (!differentiable) {
    InFlightDiagnostic error = op.emitOpError(
        "has no derivative, but lies between an argument marked 'nn.wrt' and result 0");
    error.attachNote(function.getLoc()) << "of this function";
    return error;
  }
  auto wanted = llvm::map_to_vector(op.getOpOperands(), [&](OpOperand &operand) {
    return active.contains(operand.get()) && carriesDerivative(operand);
  });
  builder.setLoc(NameLoc::get(builder.getStringAttr("vjp"), op.getLoc()));
  SmallVector<Value> operands = differentiable.vjp(builder, results, wanted);
  assert(operands.size() <= op.getNumOperands() && "more cotangents than operands");
  for (auto [operand, cotangent, isWanted] : llvm::zip(op.getOperands(), operands, wanted))
    if (cotangent && isWanted)
      accumulate(operand, cotangent);
  ++numAdjoints;
  return success();
}

FailureOr<SmallVector<Value>> Differentiator::run() {
  findActive();
  if (failed(refuseCaptures()))
    return failure();
  Value loss = terminator.getOperand(0);
  builder.setLoc(NameLoc::get(builder.getStringAttr("vjp"), loss.getLoc()));
  if (active.contains(loss))
    accumulate(loss, buildConstantLike(builder, loss, 1.0));
  SmallVector<Operation *> operations;
  for (Operation &op : function.getBody().front().without_terminator())
    if (llvm::any_of(op.getResults(), [&](Value result) { return active.contains(result); }))
      operations.push_back(&op);
  for (Operation *op : llvm::reverse(operations))
    if (failed(pullBack(*op)))
      return failure();
  return llvm::map_to_vector(arguments, [&](unsigned number) -> Value {
    Value argument = function.getArgument(number);
    if (Value cotangent = cotangents.lookup(argument))
      return cotangent;
    builder.setLoc(NameLoc::get(builder.getStringAttr("vjp"), argument.getLoc()));
    return buildConstantLike(builder, argument, 0.0);
  });
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
  Differentiator differentiator(function, terminator, arguments);
  FailureOr<SmallVector<Value>> gradients = differentiator.run();
  if (failed(gradients))
    return failure();
  if (numAdjoints)
    *numAdjoints = differentiator.numAdjoints;

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
