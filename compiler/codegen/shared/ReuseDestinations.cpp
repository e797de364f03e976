// codegen-reuse-destinations: computes updated arguments, carried values and parts of tensors in
// the places where they go.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/shared/LinalgUtils.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

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

/// Makes `place` the destination of result `result` of `op`, where that has none of its own yet.
static bool computeIn(RewriterBase &rewriter, linalg::LinalgOp op, unsigned result, Value place) {
  OpOperand &init = *op.getDpsInitOperand(result);
  OpOperand *destination = findFreshDestination(op, init);
  if (!destination)
    return false;
  if (auto generic = dyn_cast<linalg::GenericOp>(op.getOperation()))
    if (destination == &init && updateInPlace(rewriter, generic, init, place))
      return true;
  rewriter.modifyOpInPlace(destination->getOwner(), [&] { destination->set(place); });
  if (auto fill = dyn_cast<linalg::FillOp>(destination->getOwner())) {
    fill->getResult(0).setType(place.getType());
    // The place may be newer than the fill, or of one pass of a loop around the operation, out of
    // which the fill was moved.
    rewriter.moveOpBefore(fill, op);
  }
  return true;
}

/// Lets result `result` of `loop` begin in `place`, where it begins as an empty tensor.
static bool carryIn(RewriterBase &rewriter, scf::ForOp loop, unsigned result, Value place) {
  OpOperand &init = loop.getInitArgsMutable()[result];
  auto fill = init.get().getDefiningOp<linalg::FillOp>();
  if (fill && fill->hasOneUse() && fill.getOutputs().front().getDefiningOp<tensor::EmptyOp>()) {
    rewriter.modifyOpInPlace(fill, [&] {
      fill.getOutputsMutable()[0].set(place);
      fill->getResult(0).setType(place.getType());
    });
    return true;
  }
  if (!init.get().getDefiningOp<tensor::EmptyOp>())
    return false;
  rewriter.modifyOpInPlace(loop, [&] { init.set(place); });
  return true;
}

static bool reuse(RewriterBase &rewriter, bufferization::MaterializeInDestinationOp write) {
  auto op = write.getSource().getDefiningOp<linalg::LinalgOp>();
  auto loop = write.getSource().getDefiningOp<scf::ForOp>();
  if ((!op && !loop) || !isa<MemRefType>(write.getDest().getType()))
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
  return loop ? carryIn(rewriter, loop, result, old) : computeIn(rewriter, op, result, old);
}

/// Whether `value` is there when `op` runs.
static bool isBefore(Value value, Operation *op) {
  Operation *definition = value.getDefiningOp();
  if (!definition || definition->getBlock() != op->getBlock())
    return value.getParentRegion()->isAncestor(op->getParentRegion());
  return definition->isBeforeInBlock(op);
}

/// Whether nothing but `except` uses `value`, or a view of it, once `op`, in the same block, has
/// begun.
static bool isUnusedFrom(Value value, Operation *op, Operation *except) {
  return llvm::all_of(value.getUsers(), [&](Operation *user) {
    if (user == except || user == op)
      return true;
    Operation *ancestor = op->getBlock()->findAncestorOpInBlock(*user);
    return ancestor && ancestor->isBeforeInBlock(op) &&
           (!isView(user) || isUnusedFrom(user->getResult(0), op, except));
  });
}

/// Computes what is inserted into a tensor within that tensor.
static bool computeInSlice(RewriterBase &rewriter, tensor::InsertSliceOp insert) {
  auto op = insert.getSource().getDefiningOp<linalg::LinalgOp>();
  Value whole = insert.getDest();
  if (!op || op->getBlock() != insert->getBlock() || !op.hasPureTensorSemantics())
    return false;
  for (Value operand : insert->getOperands())
    if (operand != insert.getSource() && !isBefore(operand, op))
      return false;
  unsigned result = cast<OpResult>(insert.getSource()).getResultNumber();
  if (!isUnusedFrom(whole, op, insert) || llvm::is_contained(op->getOperands(), whole) ||
      !findFreshDestination(op, *op.getDpsInitOperand(result)))
    return false;
  rewriter.setInsertionPoint(op);
  Value place = tensor::ExtractSliceOp::create(rewriter, insert.getLoc(), insert.getSourceType(),
                                               whole, insert.getMixedOffsets(),
                                               insert.getMixedSizes(), insert.getMixedStrides());
  return computeIn(rewriter, op, result, place);
}

/// Whether `value` is made of `carried` by operations that write parts of it, or all, in place.
static bool isRenewed(Value value, BlockArgument carried) {
  while (value != carried) {
    Operation *op = value.getDefiningOp();
    if (!op || op->getBlock() != carried.getOwner())
      return false;
    Value source;
    if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
      source = insert.getDest();
    else if (auto insert = dyn_cast<tensor::InsertOp>(op))
      source = insert.getDest();
    else if (auto loop = dyn_cast<scf::ForOp>(op))
      source = loop.getInitArgs()[cast<OpResult>(value).getResultNumber()];
    else
      return false;
    if (!isUnusedFrom(source, op, op))
      return false;
    value = source;
  }
  return true;
}

/// Whether `value` is a carried value of `loop`, or a view of one.
static bool isViewOfCarried(Value value, scf::ForOp loop) {
  auto argument = dyn_cast<BlockArgument>(findViewed(value));
  return argument && argument.getOwner() == loop.getBody();
}

/// Whether a contraction that may be computed within the tiles of `op` reads `value`: it would
/// still be read when its first elements are renewed.
static bool isReadByContraction(linalg::LinalgOp op, Value value) {
  return llvm::any_of(op.getDpsInputs(), [&](Value input) {
    auto producer = input.getDefiningOp<linalg::LinalgOp>();
    return producer && isContraction(producer) &&
           llvm::any_of(producer.getDpsInputs(),
                        [&](Value read) { return findViewed(read) == value; });
  });
}

/// Whether `op` reads `value`, or a view of it, anywhere but where it writes `result`.
static bool isReadElsewhere(linalg::LinalgOp op, OpResult result, Value value) {
  AffineMap written = op.getIndexingMapMatchingResult(result);
  return llvm::any_of(op.getDpsInputOperands(), [&](OpOperand *input) {
    bool isThere =
        input->get() == value && isElementwiseOp(op) && op.getMatchingIndexingMap(input) == written;
    return findViewed(input->get()) == value && !isThere;
  });
}

/// Lets a loop in the body of `loop` that begins with a carried value, which it isn't the one to
/// renew, begin with a copy: the buffer of that value is renewed while the result is still read.
static void copyWhereLoopsBegin(RewriterBase &rewriter, scf::ForOp loop) {
  for (auto inner : loop.getOps<scf::ForOp>())
    for (OpOperand &init : inner.getInitArgsMutable()) {
      if (!isa<RankedTensorType>(init.get().getType()) || !isViewOfCarried(init.get(), loop))
        continue;
      auto carried = cast<BlockArgument>(findViewed(init.get()));
      if (isRenewed(loop.getTiedLoopYieldedValue(carried)->get(), carried) &&
          isUnusedFrom(carried, inner, inner))
        continue;
      rewriter.setInsertionPoint(inner);
      Value copy = bufferization::AllocTensorOp::create(
          rewriter, inner.getLoc(), cast<RankedTensorType>(init.get().getType()), ValueRange{},
          init.get());
      rewriter.modifyOpInPlace(inner, [&] { init.set(copy); });
    }
}

/// Carries each tensor of `loop` in one buffer: the next value is computed in the place of the last
/// one, or copied there.
static unsigned carryInPlace(RewriterBase &rewriter, scf::ForOp loop) {
  auto yield = cast<scf::YieldOp>(loop.getBody()->getTerminator());
  SmallVector<OpOperand *> renewed;
  unsigned numReused = 0;
  copyWhereLoopsBegin(rewriter, loop);
  for (OpOperand &operand : yield->getOpOperands()) {
    BlockArgument carried = loop.getRegionIterArg(operand.getOperandNumber());
    if (!isa<RankedTensorType>(operand.get().getType()) || isRenewed(operand.get(), carried))
      continue;
    if (isViewOfCarried(operand.get(), loop)) {
      // Before any is overwritten: two may swap places.
      rewriter.setInsertionPoint(yield);
      Value copy = bufferization::AllocTensorOp::create(
          rewriter, yield.getLoc(), cast<RankedTensorType>(operand.get().getType()), ValueRange{},
          operand.get());
      operand.set(copy);
      renewed.push_back(&operand);
      continue;
    }
    auto op = operand.get().getDefiningOp<linalg::LinalgOp>();
    if (op && op->getBlock() == loop.getBody() && op.hasPureTensorSemantics() &&
        isUnusedFrom(carried, op, op) && !isReadByContraction(op, carried) &&
        !isReadElsewhere(op, cast<OpResult>(operand.get()), carried) &&
        computeIn(rewriter, op, cast<OpResult>(operand.get()).getResultNumber(), carried))
      ++numReused;
    else
      renewed.push_back(&operand);
  }
  rewriter.setInsertionPoint(yield);
  for (OpOperand *operand : renewed) {
    Value carried = loop.getRegionIterArg(operand->getOperandNumber());
    auto write = bufferization::MaterializeInDestinationOp::create(
        rewriter, yield.getLoc(), carried.getType(), operand->get(), carried);
    operand->set(write.getResult());
  }
  return numReused;
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
    SmallVector<scf::ForOp> loops;
    getOperation().walk([&](scf::ForOp loop) { loops.push_back(loop); });
    for (scf::ForOp loop : loops)
      numReused += carryInPlace(rewriter, loop);
    SmallVector<tensor::InsertSliceOp> inserts;
    getOperation().walk([&](tensor::InsertSliceOp insert) { inserts.push_back(insert); });
    for (tensor::InsertSliceOp insert : inserts)
      numReused += computeInSlice(rewriter, insert);
  }
};

} // namespace
} // namespace nnc::codegen
