// Reverse-mode differentiation of a block of operations, by NnDifferentiableOpInterface.
#include "dialects/nn/ir/NnAdjoint.h"

#include "dialects/nn/ir/NnOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace mlir::nn;

/// Whether a derivative may flow from the operand to a result. What has no interface is taken to
/// let it through, so that it is found and reported rather than silently left out.
static bool carriesDerivative(OpOperand &operand) {
  if (!isFloatTensor(operand.get().getType()))
    return false;
  if (auto op = dyn_cast<NnDifferentiableOpInterface>(operand.getOwner()))
    return op.isDifferentiableWrt(operand.getOperandNumber());
  return llvm::any_of(operand.getOwner()->getResultTypes(), isFloatTensor);
}

/// A float tensor from outside that the op's regions use and `isReached` tells of, or null. A
/// cotangent could only come to it through the op's operands, which is what vjp speaks of.
static Value findCaptured(Operation &op, function_ref<bool(Value)> isReached) {
  if (op.getNumRegions() == 0 || op.hasTrait<OpTrait::IsIsolatedFromAbove>())
    return {};
  llvm::SetVector<Value> captured;
  getUsedValuesDefinedAbove(op.getRegions(), captured);
  auto found = llvm::find_if(
      captured, [&](Value value) { return isFloatTensor(value.getType()) && isReached(value); });
  return found == captured.end() ? Value() : *found;
}

DenseSet<Value> nn::findReached(Block &block, ArrayRef<Value> roots) {
  DenseSet<Value> reached(roots.begin(), roots.end());
  for (Operation &op : block)
    if (llvm::any_of(op.getOpOperands(),
                     [&](OpOperand &operand) {
                       return reached.contains(operand.get()) && carriesDerivative(operand);
                     }) ||
        findCaptured(op, [&](Value value) { return reached.contains(value); }))
      for (Value result : op.getResults())
        if (isFloatTensor(result.getType()))
          reached.insert(result);
  return reached;
}

//===- Choices --------------------------------------------------------------===//

static bool isZero(Value value) {
  std::optional<APFloat> splat = getSplatFloat(value);
  return splat && splat->isZero();
}

/// Whether both are computed alike, from the same values, in a few steps: operations that CSE would
/// merge, but in what is being built it hasn't run.
static bool areAlike(Value a, Value b, int steps = 4) {
  if (a == b)
    return true;
  Operation *left = a.getDefiningOp(), *right = b.getDefiningOp();
  if (!left || !right || steps == 0 || left->getNumRegions() != 0 ||
      cast<OpResult>(a).getResultNumber() != cast<OpResult>(b).getResultNumber())
    return false;
  return OperationEquivalence::isEquivalentTo(
      left, right, [&](Value x, Value y) { return success(areAlike(x, y, steps - 1)); },
      /*markEquivalent=*/nullptr, OperationEquivalence::IgnoreLocations);
}

/// A cotangent that is zero where the condition doesn't hold (or does, if `holds` is false).
namespace {
struct Choice {
  Value condition;
  bool holds;
  bool operator==(const Choice &other) const {
    return holds == other.holds && areAlike(condition, other.condition);
  }
};
} // namespace

/// Takes the outermost choice off a cotangent: what it is where it isn't zero.
static std::optional<Choice> peel(Value &cotangent) {
  auto select = cotangent ? cotangent.getDefiningOp<SelectOp>() : SelectOp();
  if (!select)
    return std::nullopt;
  if (isZero(select.getOnFalse())) {
    cotangent = select.getOnTrue();
    return Choice{select.getCondition(), true};
  }
  if (isZero(select.getOnTrue())) {
    cotangent = select.getOnFalse();
    return Choice{select.getCondition(), false};
  }
  return std::nullopt;
}

static Value apply(ImplicitLocOpBuilder &b, Choice choice, Value cotangent) {
  Value zero = buildConstantLike(b, cotangent, 0.0);
  return choice.holds ? SelectOp::create(b, choice.condition, cotangent, zero)
                      : SelectOp::create(b, choice.condition, zero, cotangent);
}

/// The condition under which all of the choices let a cotangent through.
static Value buildConjunction(ImplicitLocOpBuilder &b, ArrayRef<Choice> choices) {
  Value all;
  for (const Choice &choice : choices) {
    Value holds = choice.holds ? choice.condition : NotOp::create(b, choice.condition);
    all = all ? Value(AndOp::create(b, all, holds)) : holds;
  }
  return all;
}

/// The sum of two cotangents. It is known to be zero where each of them is by a choice.
static Value buildSum(ImplicitLocOpBuilder &b, Value lhs, Value rhs) {
  // Choices of both, outermost.
  SmallVector<Choice> common;
  Value left = lhs, right = rhs;
  while (true) {
    Value innerLeft = left, innerRight = right;
    std::optional<Choice> ofLeft = peel(innerLeft), ofRight = peel(innerRight);
    if (!ofLeft || !ofRight || !(*ofLeft == *ofRight))
      break;
    common.push_back(*ofLeft);
    left = innerLeft;
    right = innerRight;
  }
  auto peelAll = [](Value cotangent) {
    SmallVector<Choice> choices;
    while (std::optional<Choice> choice = peel(cotangent))
      choices.push_back(*choice);
    return choices;
  };
  SmallVector<Choice> ofLeft = peelAll(left), ofRight = peelAll(right);
  Value sum = AddOp::create(b, left, right);
  if (!ofLeft.empty() && !ofRight.empty()) {
    Value either = OrOp::create(b, buildConjunction(b, ofLeft), buildConjunction(b, ofRight));
    sum = apply(b, {either, true}, sum);
  }
  for (Choice choice : llvm::reverse(common))
    sum = apply(b, choice, sum);
  return sum;
}

namespace {
/// Builds the products of one block.
class Adjoint {
public:
  Adjoint(ImplicitLocOpBuilder &builder, Block &block, const AdjointRequest &request)
      : builder(builder), block(block), request(request) {}

  FailureOr<SmallVector<Value>> run();
  unsigned numProducts = 0;

private:
  void findActive();
  void refuseCapture(Operation &op, Value value);
  LogicalResult refuseCaptures();
  LogicalResult refuseWithin(Operation &op);
  InFlightDiagnostic refuse(Operation &op);
  LogicalResult pullBack(Operation &op);
  SmallVector<Value> buildProduct(NnDifferentiableOpInterface op, SmallVector<Value> results,
                                  ArrayRef<bool> wanted);
  void accumulate(Value value, Value cotangent);

  ImplicitLocOpBuilder &builder;
  Block &block;
  const AdjointRequest &request;
  /// Values between `wrt` and the seeds: those that get a cotangent.
  DenseSet<Value> active;
  /// Operations on the way to the seeds whose regions use a value that `wrt` reaches, last first.
  SmallVector<std::pair<Operation *, Value>> captures;
  DenseMap<Value, Value> cotangents;
};
} // namespace

/// Active: depends on `wrt`, and a seed depends on it.
void Adjoint::findActive() {
  DenseSet<Value> reached = findReached(block, request.wrt);
  for (const Seed &seed : request.seeds)
    if (reached.contains(seed.value))
      active.insert(seed.value);
  for (Operation &op : llvm::reverse(block)) {
    if (llvm::none_of(op.getResults(), [&](Value result) { return active.contains(result); }))
      continue;
    for (OpOperand &operand : op.getOpOperands())
      if (reached.contains(operand.get()) && carriesDerivative(operand))
        active.insert(operand.get());
    if (Value value = findCaptured(op, [&](Value used) { return reached.contains(used); }))
      captures.push_back({&op, value});
  }
}

void Adjoint::refuseCapture(Operation &op, Value value) {
  InFlightDiagnostic error = op.emitOpError("uses a value in its region that depends on ")
                             << request.from << ", and only operands get a derivative";
  error.attachNote(value.getLoc()) << "this value";
}

LogicalResult Adjoint::refuseCaptures() {
  for (auto [op, value] : captures)
    refuseCapture(*op, value);
  return success(captures.empty());
}

InFlightDiagnostic Adjoint::refuse(Operation &op) {
  InFlightDiagnostic error = op.emitOpError("has no derivative, but lies between ")
                             << request.from << " and " << request.to;
  if (request.owner)
    error.attachNote(request.owner) << "of this function";
  return error;
}

/// A body is differentiated by its op's vjp, which cannot fail: so what has no derivative is found
/// before.
LogicalResult Adjoint::refuseWithin(Operation &op) {
  if (!isa<NnBodyOpInterface>(op) || isa<WithGradientOp>(op))
    return success();
  WalkResult result = op.walk<WalkOrder::PreOrder>([&](Operation *nested) {
    if (isa<WithGradientOp>(nested))
      return WalkResult::skip();
    if (Value value = findCaptured(*nested, [](Value) { return true; })) {
      refuseCapture(*nested, value);
      return WalkResult::interrupt();
    }
    bool carries = llvm::any_of(nested->getOpOperands(), carriesDerivative);
    if (nested == &op || !carries || isa<NnDifferentiableOpInterface>(nested))
      return WalkResult::advance();
    refuse(*nested);
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

void Adjoint::accumulate(Value value, Value cotangent) {
  // Sizes are known where a cotangent is computed that the value's own type may not tell.
  cotangent = buildAs(builder, cotangent, value.getType());
  Value &sum = cotangents[value];
  sum = sum ? buildSum(builder, sum, cotangent) : cotangent;
}

/// The product, with choices moved from the result's cotangent to those of the operands: a product
/// is linear in the cotangent, and each element depends on one alone.
SmallVector<Value> Adjoint::buildProduct(NnDifferentiableOpInterface op, SmallVector<Value> results,
                                         ArrayRef<bool> wanted) {
  SmallVector<Choice> choices;
  if (isa<NnElementwiseOpInterface>(op.getOperation()))
    while (std::optional<Choice> choice = peel(results[0]))
      choices.push_back(*choice);
  SmallVector<Value> operands = op.vjp(builder, results, wanted);
  for (Value &operand : operands)
    if (operand)
      for (Choice choice : llvm::reverse(choices))
        operand = apply(builder, choice, operand);
  return operands;
}

LogicalResult Adjoint::pullBack(Operation &op) {
  auto results =
      llvm::map_to_vector(op.getResults(), [&](Value result) { return cotangents.lookup(result); });
  if (llvm::none_of(results, [](Value cotangent) { return static_cast<bool>(cotangent); }))
    return success();
  auto differentiable = dyn_cast<NnDifferentiableOpInterface>(op);
  if (!differentiable)
    return refuse(op);
  if (failed(refuseWithin(op)))
    return failure();
  auto wanted = llvm::map_to_vector(op.getOpOperands(), [&](OpOperand &operand) {
    return active.contains(operand.get()) && carriesDerivative(operand);
  });
  builder.setLoc(NameLoc::get(builder.getStringAttr("vjp"), op.getLoc()));
  SmallVector<Value> operands = buildProduct(differentiable, results, wanted);
  assert(operands.size() <= op.getNumOperands() && "more cotangents than operands");
  for (auto [operand, cotangent, isWanted] : llvm::zip(op.getOperands(), operands, wanted))
    if (cotangent && isWanted)
      accumulate(operand, cotangent);
  ++numProducts;
  return success();
}

FailureOr<SmallVector<Value>> Adjoint::run() {
  findActive();
  if (failed(refuseCaptures()))
    return failure();
  for (const Seed &seed : request.seeds)
    if (active.contains(seed.value))
      accumulate(seed.value, seed.cotangent);
  SmallVector<Operation *> operations;
  for (Operation &op : block)
    if (llvm::any_of(op.getResults(), [&](Value result) { return active.contains(result); }))
      operations.push_back(&op);
  for (Operation *op : llvm::reverse(operations))
    if (failed(pullBack(*op)))
      return failure();
  SmallVector<Value> gradients =
      llvm::map_to_vector(request.wrt, [&](Value value) { return cotangents.lookup(value); });
  // Loops that a product has replaced by ones with more results.
  for (Operation *op : llvm::reverse(operations))
    if (isa<NnBodyOpInterface>(op) && op->use_empty() &&
        llvm::none_of(gradients, [&](Value value) { return value && value.getDefiningOp() == op; }))
      op->erase();
  return gradients;
}

FailureOr<SmallVector<Value>> nn::buildAdjoint(ImplicitLocOpBuilder &builder, Block &block,
                                               const AdjointRequest &request,
                                               unsigned *numProducts) {
  Adjoint adjoint(builder, block, request);
  FailureOr<SmallVector<Value>> gradients = adjoint.run();
  if (numProducts)
    *numProducts += adjoint.numProducts;
  return gradients;
}
