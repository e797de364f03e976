// Vector code for a small static linalg operation, row by row in one-dimensional vectors.
#include "compiler/codegen/cpu/RowEmitter.h"

namespace nnc::codegen {

using namespace mlir;

LogicalResult RowEmitter::run(int64_t maxElements) {
  if (!vectorLoop || !isSupported(maxElements))
    return failure();
  rewriter.setInsertionPoint(op);
  for (OpOperand &init : op.getDpsInitsMutable())
    startDestination(init);
  if (iterators[*vectorLoop] == utils::IteratorType::reduction) {
    reduceRows();
  } else if (op.getNumReductionLoops() > 0) {
    accumulate();
  } else {
    for (const Cell &cell : cells())
      storeCell(cell, emitBody(cell, readDestinations(cell)));
  }
  for (Value destination : destinations)
    contents.forget(destination);
  for (auto &[result, cell, value] : written)
    contents.put(destinations[result], positionsOf(cell, destinationMap(result)), cell.width,
                 value);
  for (linalg::FillOp fill : fillOps)
    rewriter.eraseOp(fill);
  rewriter.eraseOp(op);
  return success();
}

bool RowEmitter::isSupported(int64_t maxElements) {
  int64_t elements = 1;
  if (sizes[*vectorLoop] == 0)
    return false;
  for (auto [dim, size] : llvm::enumerate(sizes)) {
    if (iterators[dim] == utils::IteratorType::reduction)
      continue;
    if (ShapedType::isDynamic(size) || size == 0)
      return false;
    elements *= size;
  }
  if (elements > maxElements)
    return false;
  if (!hasLinearIndices(op))
    return false;
  for (OpOperand &init : op.getDpsInitsMutable())
    if (!op.getMatchingIndexingMap(&init).isProjectedPermutation())
      return false;
  for (Operation &inner : op.getBody()->without_terminator()) {
    bool known = isa<arith::ConstantOp, linalg::IndexOp>(inner) ||
                 OpTrait::hasElementwiseMappableTraits(&inner);
    if (!known || !llvm::all_of(inner.getResultTypes(), VectorType::isValidElementType))
      return false;
  }
  for (Value init : op.getDpsInits())
    if (!isa<MemRefType>(init.getType()))
      return false;
  return iterators[*vectorLoop] == utils::IteratorType::parallel || findCombiner(op);
}

LogicalResult vectorizeRows(RewriterBase &rewriter, linalg::LinalgOp op, const VectorUnit &unit,
                            int64_t maxElements, TileContents &contents) {
  auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
  if (!generic || !generic.hasPureBufferSemantics() || generic.getNumLoops() == 0)
    return failure();
  return RowEmitter(rewriter, generic, unit, contents).run(maxElements);
}

} // namespace nnc::codegen
