// Reductions within loops of tasks; see the header.
#include "compiler/codegen/gpu/TaskReduction.h"
#include "compiler/codegen/shared/Buffers.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace nnc::codegen {

using namespace mlir;

Value cloneCombiner(OpBuilder &builder, Operation *combiner, Value argument, Value a, Value b) {
  unsigned of = combiner->getOperand(0) == argument ? 0 : 1;
  IRMapping mapping;
  mapping.map(combiner->getOperand(of), a);
  mapping.map(combiner->getOperand(1 - of), b);
  return builder.clone(*combiner, mapping)->getResult(0);
}

/// What `combiner` leaves as it is; none where it isn't one that may combine in any order.
static std::optional<TypedAttr> findNeutral(Operation *combiner) {
  if (combiner->getNumOperands() != 2)
    return std::nullopt;
  if (isa<arith::AddFOp>(combiner)) // A positive zero would change a negative one.
    return FloatAttr::get(combiner->getResult(0).getType(), -0.0);
  return arith::getNeutralElement(combiner);
}

std::optional<SmallVector<ReducedOutput>> findOutputs(linalg::GenericOp op) {
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  for (auto [size, iterator] : llvm::zip_equal(sizes, op.getIteratorTypesArray()))
    if (iterator == utils::IteratorType::parallel && size != 1)
      return std::nullopt;
  for (Operation &inner : op.getBlock()->without_terminator()) {
    bool isRead = !isa<memref::LoadOp>(inner) && !isMemoryEffectFree(&inner);
    if (isRead || inner.getNumRegions() != 0)
      return std::nullopt;
  }
  SmallVector<ReducedOutput> outputs;
  for (auto [position, argument] : llvm::enumerate(op.getRegionOutputArgs())) {
    SmallVector<Operation *> combiners;
    auto type = dyn_cast<MemRefType>(op.getOutputs()[position].getType());
    bool isOne = type && type.hasStaticShape() && type.getNumElements() == 1;
    if (!isOne || !argument.getType().isIntOrFloat() ||
        !matchReduction(op.getRegionOutputArgs(), unsigned(position), combiners) ||
        combiners.size() != 1)
      return std::nullopt;
    std::optional<TypedAttr> neutral = findNeutral(combiners.front());
    if (!neutral)
      return std::nullopt;
    outputs.push_back({argument, combiners.front(), *neutral});
  }
  return outputs;
}

std::optional<SmallVector<linalg::GenericOp>> findReductions(scf::ForallOp tasks, StringRef &why) {
  why = "its tasks don't share loops from zero";
  if (tasks.getNumResults() != 0 || tasks.getMapping() || !tasks.isNormalized())
    return std::nullopt;
  SmallVector<linalg::GenericOp> found;
  llvm::SmallDenseSet<Value> written;
  for (Operation &op : tasks.getBody()->without_terminator()) {
    why = "its tasks share a buffer on the stack";
    if (llvm::any_of(op.getOperands(), [&](Value operand) {
          auto buffer = findRoot(operand).getDefiningOp<memref::AllocaOp>();
          return buffer && !tasks->isProperAncestor(buffer);
        }))
      return std::nullopt;
    auto generic = dyn_cast<linalg::GenericOp>(op);
    bool reduces = generic && generic.getNumReductionLoops() != 0;
    if (reduces) {
      why = "its tasks don't combine elements by one operation in any order";
      if (!findOutputs(generic))
        return std::nullopt;
      why = "its tasks compute what they reduce";
      SmallVector<Value> read(generic.getInputs());
      generic.walk([&](memref::LoadOp load) { read.push_back(load.getMemRef()); });
      if (llvm::any_of(read, [&](Value value) { return written.contains(findRoot(value)); }))
        return std::nullopt;
      found.push_back(generic);
    }
    if (auto destination = dyn_cast<DestinationStyleOpInterface>(op))
      for (Value output : destination.getDpsInits())
        written.insert(findRoot(output));
    else if (auto copy = dyn_cast<memref::CopyOp>(op))
      written.insert(findRoot(copy.getTarget()));
  }
  why = "its tasks reduce nothing";
  return found.empty() ? std::nullopt : std::optional(found);
}

linalg::GenericOp collapseReducedLoops(RewriterBase &rewriter, linalg::GenericOp op) {
  auto isPermutation = [](AffineMap map) { return map.isProjectedPermutation(); };
  if (!llvm::all_of(op.getIndexingMapsArray(), isPermutation))
    return op;
  for (int64_t loop = 0; loop + 1 < op.getNumLoops();) {
    SmallVector<ReassociationIndices> pair{{loop, loop + 1}};
    auto iterators = op.getIteratorTypesArray();
    rewriter.setInsertionPoint(op);
    FailureOr<linalg::CollapseResult> collapsed = failure();
    if (iterators[loop] == utils::IteratorType::reduction &&
        iterators[loop + 1] == utils::IteratorType::reduction &&
        linalg::areDimSequencesPreserved(op.getIndexingMapsArray(), pair))
      collapsed = linalg::collapseOpIterationDims(op, pair, rewriter);
    if (failed(collapsed)) {
      ++loop;
      continue;
    }
    rewriter.eraseOp(op);
    op = cast<linalg::GenericOp>(collapsed->collapsedOp);
  }
  return op;
}

namespace {
/// How the elements of an operand lie.
enum class Side { Elements, Results, Other };
} // namespace

/// Whether what `value` is computed from involves `loop`, within the tasks.
static bool involves(Value value, Value loop, scf::ForallOp tasks) {
  if (value == loop)
    return true;
  Operation *op = value.getDefiningOp();
  return op && tasks->isProperAncestor(op) && llvm::any_of(op->getOperands(), [&](Value operand) {
           return involves(operand, loop, tasks);
         });
}

/// What the innermost dimension of an operand goes along. Dimensions of one element are passed
/// over, unless tasks choose them.
static Side findSide(linalg::GenericOp op, OpOperand &operand, scf::ForallOp tasks) {
  auto type = dyn_cast<MemRefType>(operand.get().getType());
  if (!type)
    return Side::Other;
  AffineMap map = op.getMatchingIndexingMap(&operand);
  auto iterators = op.getIteratorTypesArray();
  auto view = operand.get().getDefiningOp<memref::SubViewOp>();
  if (view && view.getSourceType().getRank() != type.getRank())
    return Side::Other;
  for (unsigned position = map.getNumResults(); position-- > 0;) {
    for (unsigned loop = 0; loop < map.getNumDims(); ++loop)
      if (iterators[loop] == utils::IteratorType::reduction &&
          map.getResult(position).isFunctionOfDim(loop) && type.getDimSize(position) != 1)
        return Side::Elements;
    auto offset = view ? dyn_cast<Value>(view.getMixedOffsets()[position]) : Value();
    if (offset && involves(offset, tasks.getInductionVars().back(), tasks))
      return Side::Results;
    if (offset || type.getDimSize(position) != 1)
      return Side::Other;
  }
  return Side::Other;
}

ReductionOrder findOrder(ArrayRef<linalg::GenericOp> reductions, scf::ForallOp tasks) {
  int64_t elements = 0, results = 0;
  for (linalg::GenericOp op : reductions)
    for (OpOperand *operand : op.getDpsInputOperands()) {
      // What all tasks read alike is near.
      bool isOwn = llvm::any_of(tasks.getInductionVars(),
                                [&](Value loop) { return involves(operand->get(), loop, tasks); });
      int64_t weight = isOwn ? 2 : 1;
      Side side = findSide(op, *operand, tasks);
      elements += side == Side::Elements ? weight : 0;
      results += side == Side::Results ? weight : 0;
    }
  return results > elements ? ReductionOrder::Results : ReductionOrder::Elements;
}

} // namespace nnc::codegen
