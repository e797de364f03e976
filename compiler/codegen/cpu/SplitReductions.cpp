// codegen-split-reductions: makes large reductions to few results reductions of parts.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/cpu/TilePlan.h"
#include "compiler/codegen/shared/LinalgUtils.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_SPLITREDUCTIONS
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// The loop whose iterations become parts: the outermost reduced one. None where the parts would be
/// few or small, or the result large enough to be shared in tiles.
std::optional<unsigned> findParts(linalg::GenericOp op, uint64_t leastWork) {
  constexpr int64_t kFewResults = 1024, kManyParts = 8, kManyTerms = 64;
  if (!op.hasPureTensorSemantics() || op.hasIndexSemantics() || !findCombiner(op) ||
      !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isProjectedPermutation())
    return std::nullopt;
  SmallVector<int64_t> sizes = loopSizes(op);
  std::optional<unsigned> parts;
  int64_t results = 1, terms = 1;
  for (auto [dim, iterator] : llvm::enumerate(op.getIteratorTypesArray())) {
    if (iterator == utils::IteratorType::reduction && sizes[dim] != 1 && !parts) {
      parts = dim;
      continue;
    }
    if (ShapedType::isDynamic(sizes[dim]))
      return std::nullopt;
    (iterator == utils::IteratorType::reduction ? terms : results) *= sizes[dim];
  }
  if (!parts || results == 0 || results > kFewResults || terms < kManyTerms ||
      (!ShapedType::isDynamic(sizes[*parts]) && sizes[*parts] < kManyParts))
    return std::nullopt;
  // The decision is the same for a number of parts that is known and one that isn't: so is the
  // order of the sum.
  return countWork(op) * uint64_t(results * terms) >= leastWork ? parts : std::nullopt;
}

/// `op` with loop `parts` outermost and parallel, over a result of as many parts.
linalg::GenericOp reduceParts(RewriterBase &rewriter, linalg::GenericOp op, unsigned parts) {
  Location loc = op.getLoc();
  MLIRContext *context = rewriter.getContext();
  SmallVector<AffineExpr> loops(op.getNumLoops());
  SmallVector<utils::IteratorType> iterators{utils::IteratorType::parallel};
  loops[parts] = rewriter.getAffineDimExpr(0);
  for (unsigned dim = 0; dim < op.getNumLoops(); ++dim) {
    if (dim == parts)
      continue;
    loops[dim] = rewriter.getAffineDimExpr(iterators.size());
    iterators.push_back(op.getIteratorTypesArray()[dim]);
  }
  SmallVector<AffineMap> maps;
  for (AffineMap map : op.getIndexingMapsArray())
    maps.push_back(map.replaceDimsAndSymbols(loops, {}, map.getNumDims(), 0));
  SmallVector<AffineExpr> result(maps.back().getResults());
  result.insert(result.begin(), rewriter.getAffineDimExpr(0));
  maps.back() = AffineMap::get(op.getNumLoops(), 0, result, context);

  SmallVector<OpFoldResult> sizes =
      tensor::getMixedSizes(rewriter, loc, op.getDpsInitOperand(0)->get());
  SmallVector<Range> ranges = cast<linalg::LinalgOp>(*op).createLoopRanges(rewriter, loc);
  sizes.insert(sizes.begin(), ranges[parts].size);
  Value neutral =
      arith::ConstantOp::create(rewriter, loc, *arith::getNeutralElement(findCombiner(op)));
  Value empty = tensor::EmptyOp::create(rewriter, loc, sizes, neutral.getType());
  Value start = linalg::FillOp::create(rewriter, loc, neutral, empty).getResult(0);
  auto partial = linalg::GenericOp::create(rewriter, loc, start.getType(), op.getInputs(), start,
                                           maps, iterators);
  rewriter.cloneRegionBefore(op.getRegion(), partial.getRegion(), partial.getRegion().end());
  return partial;
}

/// Combines the parts of the result of `op`, in their order.
void combineParts(RewriterBase &rewriter, linalg::GenericOp op, Value partial) {
  Operation *combiner = findCombiner(op);
  unsigned rank = cast<ShapedType>(partial.getType()).getRank();
  AffineMap whole = rewriter.getMultiDimIdentityMap(rank);
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  iterators.front() = utils::IteratorType::reduction;
  auto total =
      linalg::GenericOp::create(rewriter, op.getLoc(), op.getResultTypes(), partial,
                                op.getDpsInits(), ArrayRef<AffineMap>{whole, whole.dropResult(0)},
                                iterators, [&](OpBuilder &body, Location loc, ValueRange values) {
                                  Operation *combine = body.clone(*combiner);
                                  combine->setOperands({values[1], values[0]});
                                  linalg::YieldOp::create(body, loc, combine->getResult(0));
                                });
  rewriter.replaceOp(op, total);
}

class SplitReductionsPass : public impl::SplitReductionsBase<SplitReductionsPass> {
public:
  using SplitReductionsBase::SplitReductionsBase;

  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<linalg::GenericOp> generics;
    getOperation().walk([&](linalg::GenericOp op) { generics.push_back(op); });
    for (linalg::GenericOp op : generics) {
      std::optional<unsigned> parts = findParts(op, leastWork);
      if (!parts)
        continue;
      rewriter.setInsertionPoint(op);
      combineParts(rewriter, op, reduceParts(rewriter, op, *parts).getResult(0));
      ++numSplit;
    }
  }
};

} // namespace
} // namespace nnc::codegen
