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
  // Each use of an empty tensor is a new one.
  if (!op || op->getBlock() != insert->getBlock() || !op.hasPureTensorSemantics() ||
      whole.getDefiningOp<tensor::EmptyOp>())
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

/// Whether `operand` is where its operation begins to write.
static bool isDestination(OpOperand &operand) {
  Operation *op = operand.getOwner();
  if (auto linalg = dyn_cast<linalg::LinalgOp>(op))
    return linalg.isDpsInit(&operand);
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
    return &operand == &insert.getDestMutable();
  return isa<scf::ForOp, bufferization::MaterializeInDestinationOp>(op);
}

/// Gives what begins to write in a fill one of its own: one that others use too would be copied for
/// each, which takes longer than to fill.
static void separateFills(RewriterBase &rewriter, func::FuncOp func) {
  SmallVector<linalg::FillOp> fills;
  func.walk([&](linalg::FillOp fill) {
    if (fill.getOutputs().front().getDefiningOp<tensor::EmptyOp>())
      fills.push_back(fill);
  });
  for (linalg::FillOp fill : fills)
    for (OpOperand &use : llvm::make_early_inc_range(fill->getUses())) {
      if (fill->hasOneUse() || !isDestination(use))
        continue;
      rewriter.setInsertionPoint(use.getOwner());
      Operation *own = rewriter.clone(*fill);
      rewriter.modifyOpInPlace(use.getOwner(), [&] { use.set(own->getResult(0)); });
    }
}

/// The parts of a new tensor, from the first to the last that is put in.
using Parts = SmallVector<tensor::InsertSliceOp>;

/// Whether nothing more is put into what `insert` makes.
static bool isLast(tensor::InsertSliceOp insert) {
  return llvm::none_of(insert->getUsers(), [&](Operation *user) {
    auto next = dyn_cast<tensor::InsertSliceOp>(user);
    return next && next.getDest() == insert.getResult();
  });
}

/// What leads to `last`, where that is the whole of a new tensor that nothing but its parts uses
/// before. Empty where it isn't.
static Parts findParts(tensor::InsertSliceOp last) {
  Parts parts{last};
  while (auto insert = parts.back().getDest().getDefiningOp<tensor::InsertSliceOp>()) {
    if (!insert->hasOneUse() || insert->getBlock() != last->getBlock())
      return {};
    parts.push_back(insert);
  }
  std::reverse(parts.begin(), parts.end());
  // An empty tensor may be shared: each use of one is a new tensor.
  Operation *whole = parts.front().getDest().getDefiningOp();
  bool isNew = isa_and_present<tensor::EmptyOp>(whole) ||
               (isa_and_present<linalg::FillOp>(whole) && whole->hasOneUse());
  return isNew ? parts : Parts();
}

/// Whether the parts are known to lie beside one another along one dimension.
static bool areDisjoint(const Parts &parts) {
  auto isAlong = [&](int64_t d) {
    SmallVector<std::pair<int64_t, int64_t>> spans;
    for (tensor::InsertSliceOp part : parts) {
      int64_t begin = part.getStaticOffsets()[d], size = part.getStaticSizes()[d];
      if (ShapedType::isDynamic(begin) || ShapedType::isDynamic(size) ||
          part.getStaticStrides()[d] != 1)
        return false;
      spans.push_back({begin, begin + size});
    }
    llvm::sort(spans);
    return llvm::all_of(llvm::zip(spans, llvm::drop_begin(spans)), [](auto pair) {
      auto [left, right] = pair;
      return left.second <= right.first;
    });
  };
  tensor::InsertSliceOp first = parts.front();
  return parts.size() == 1 ||
         llvm::any_of(llvm::seq<int64_t>(0, first.getDestType().getRank()), isAlong);
}

/// The tensor that `op`, an empty one or a fill of it, makes, before `first`; null where what it
/// takes isn't there yet.
static Value moveWhole(RewriterBase &rewriter, Operation *op, Operation *first) {
  auto fill = dyn_cast<linalg::FillOp>(op);
  Value value = fill ? fill.getOutputs().front() : op->getResult(0);
  auto empty = value.getDefiningOp<tensor::EmptyOp>();
  auto isThere = [&](Value operand) { return isBefore(operand, first); };
  if (!empty || !llvm::all_of(empty.getDynamicSizes(), isThere) ||
      (fill && !isThere(fill.getInputs().front())))
    return {};
  rewriter.setInsertionPoint(first);
  if (!fill) // A memory of its own, which other passes don't take for any other empty one.
    return bufferization::AllocTensorOp::create(rewriter, op->getLoc(), empty.getType(),
                                                empty.getDynamicSizes());
  Operation *own = rewriter.clone(*empty);
  rewriter.modifyOpInPlace(fill, [&] { fill.getOutputsMutable()[0].set(own->getResult(0)); });
  rewriter.moveOpBefore(fill, first);
  return fill->getResult(0);
}

/// What is put into a tensor is a fill rather than a constant of one value, which would be copied.
static void fillConstantPart(RewriterBase &rewriter, tensor::InsertSliceOp insert) {
  DenseElementsAttr elements;
  if (!matchPattern(insert.getSource(), m_Constant(&elements)) || !elements.isSplat())
    return;
  rewriter.setInsertionPoint(insert);
  Location loc = insert.getLoc();
  Value value = arith::ConstantOp::create(rewriter, loc, elements.getSplatValue<TypedAttr>());
  Value empty = tensor::EmptyOp::create(rewriter, loc, insert.getSourceType().getShape(),
                                        insert.getSourceType().getElementType());
  Value fill = linalg::FillOp::create(rewriter, loc, value, empty).getResult(0);
  rewriter.modifyOpInPlace(insert, [&] { insert.getSourceMutable().assign(fill); });
}

/// Puts the parts of a new tensor in as soon as they are computed, so that the tensor is there when
/// they are.
static void orderParts(RewriterBase &rewriter, tensor::InsertSliceOp last) {
  Parts parts = findParts(last);
  if (parts.empty() || !areDisjoint(parts))
    return;
  for (tensor::InsertSliceOp part : parts)
    fillConstantPart(rewriter, part);
  Block *block = last->getBlock();
  // What each part waits for. Where others read what is put in, they do so before the next is.
  auto findReady = [&](tensor::InsertSliceOp part) -> Operation * {
    auto op = part.getSource().getDefiningOp<linalg::LinalgOp>();
    bool isReady = op && op->getBlock() == block && op->hasOneUse() &&
                   llvm::all_of(part->getOperands().drop_front(2),
                                [&](Value operand) { return isBefore(operand, op); });
    return isReady ? op.getOperation() : part.getOperation();
  };
  SmallVector<std::pair<Operation *, tensor::InsertSliceOp>> ready;
  for (tensor::InsertSliceOp part : parts)
    ready.push_back({findReady(part), part});
  llvm::sort(ready, [](auto &a, auto &b) {
    return a.first != b.first && a.first->isBeforeInBlock(b.first);
  });
  Value whole = moveWhole(rewriter, parts.front().getDest().getDefiningOp(), ready.front().first);
  if (!whole)
    return;
  auto users = llvm::map_to_vector(last->getUses(), [](OpOperand &use) { return &use; });
  for (auto [op, part] : ready) {
    rewriter.modifyOpInPlace(
        part, [&whole, part = part]() mutable { part.getDestMutable().assign(whole); });
    if (op != part)
      rewriter.moveOpAfter(part, op);
    whole = part.getResult();
  }
  for (OpOperand *use : users)
    rewriter.modifyOpInPlace(use->getOwner(), [&] { use->set(whole); });
}

class ReuseDestinationsPass : public impl::ReuseDestinationsBase<ReuseDestinationsPass> {
public:
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<bufferization::MaterializeInDestinationOp> writes;
    getOperation().walk(
        [&](bufferization::MaterializeInDestinationOp write) { writes.push_back(write); });
    separateFills(rewriter, getOperation());
    for (bufferization::MaterializeInDestinationOp write : writes)
      numReused += reuse(rewriter, write);
    SmallVector<scf::ForOp> loops;
    getOperation().walk([&](scf::ForOp loop) { loops.push_back(loop); });
    for (scf::ForOp loop : loops)
      numReused += carryInPlace(rewriter, loop);
    SmallVector<tensor::InsertSliceOp> inserts;
    getOperation().walk([&](tensor::InsertSliceOp insert) { inserts.push_back(insert); });
    for (tensor::InsertSliceOp insert : inserts)
      if (isLast(insert))
        orderParts(rewriter, insert);
    for (tensor::InsertSliceOp insert : inserts)
      numReused += computeInSlice(rewriter, insert);
  }
};

} // namespace
} // namespace nnc::codegen
