// codegen-collapse-elementwise: treats contiguous tensors of an elementwise operation as vectors.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/shared/LinalgUtils.h"

#include "mlir/Dialect/Linalg/Transforms/Transforms.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_COLLAPSEELEMENTWISE
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// Whether an operand read at `map` walks through loops `first` to the last as through one: it has
/// them all, innermost and in order, or none of them.
static bool walksAsOne(AffineMap map, unsigned first) {
  unsigned count = map.getNumDims() - first;
  unsigned found = 0;
  for (unsigned dim = first; dim < map.getNumDims(); ++dim)
    found += positionOf(map, dim).has_value();
  if (found == 0)
    return true;
  if (found != count || map.getNumResults() < count)
    return false;
  for (unsigned i = 0; i < count; ++i)
    if (map.getDimPosition(map.getNumResults() - count + i) != first + i)
      return false;
  return true;
}

/// Whether the elements of `value` are known to lie in one piece: not those of a slice with gaps.
static bool isInOnePiece(Value value) {
  auto slice = value.getDefiningOp<tensor::ExtractSliceOp>();
  if (!slice)
    return true;
  ArrayRef<int64_t> sizes = slice.getStaticSizes();
  ArrayRef<int64_t> all = slice.getSourceType().getShape();
  if (llvm::any_of(slice.getStaticStrides(), [](int64_t stride) { return stride != 1; }))
    return false;
  size_t dim = sizes.size();
  while (dim > 0 && sizes[dim - 1] == all[dim - 1] && !ShapedType::isDynamic(sizes[dim - 1]))
    --dim;
  // The dimension that is cut, and nothing but ones around it.
  return llvm::all_of(sizes.take_front(dim > 0 ? dim - 1 : 0),
                      [](int64_t size) { return size == 1; }) &&
         isInOnePiece(slice.getSource());
}

/// The first of the innermost loops that can be merged; the number of loops where there are none.
static unsigned firstMergedLoop(linalg::GenericOp op) {
  SmallVector<int64_t> sizes = loopSizes(op);
  unsigned first = op.getNumLoops();
  for (unsigned dim = op.getNumLoops(); dim-- > 0;) {
    if (ShapedType::isDynamic(sizes[dim]))
      break;
    if (llvm::all_of(op.getIndexingMapsArray(),
                     [&](AffineMap map) { return walksAsOne(map, dim); }))
      first = dim;
  }
  return first;
}

class CollapseElementwisePass : public impl::CollapseElementwiseBase<CollapseElementwisePass> {
public:
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<linalg::GenericOp> generics;
    getOperation().walk([&](linalg::GenericOp op) { generics.push_back(op); });
    for (linalg::GenericOp op : generics) {
      // What reads a contraction belongs into that contraction's tile.
      if (op.getNumLoops() < 2 || op.hasIndexSemantics() || !isElementwiseOp(op) ||
          readsContraction(op) || !llvm::all_of(op->getOperands(), isInOnePiece))
        continue;
      unsigned first = firstMergedLoop(op);
      if (first + 1 >= op.getNumLoops())
        continue;
      ReassociationIndices merged;
      for (unsigned dim = first; dim < op.getNumLoops(); ++dim)
        merged.push_back(dim);
      rewriter.setInsertionPoint(op);
      FailureOr<linalg::CollapseResult> result =
          linalg::collapseOpIterationDims(op, {merged}, rewriter);
      if (failed(result))
        continue;
      rewriter.replaceOp(op, result->results);
      ++numCollapsed;
    }
  }
};

} // namespace
} // namespace nnc::codegen
