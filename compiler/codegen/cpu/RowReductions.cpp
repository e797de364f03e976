// The vector code of reductions.
#include "compiler/codegen/cpu/RowEmitter.h"

#include "mlir/Dialect/Linalg/Transforms/Transforms.h"

namespace nnc::codegen {

using namespace mlir;

SmallVector<Value>
RowEmitter::runLoops(ArrayRef<unsigned> dims, SmallVector<Value> values,
                     llvm::function_ref<SmallVector<Value>(SmallVector<Value>)> emit) {
  if (dims.empty())
    return emit(std::move(values));
  Value size = rewriter.createOrFold<arith::ConstantIndexOp>(loc, 0);
  unsigned dim = dims.front();
  Value upper = sizeOf(dim);
  auto loop = scf::ForOp::create(rewriter, loc, size, upper, constantIndex(1), values);
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointToStart(loop.getBody());
  ivs[dim] = loop.getInductionVar();
  SmallVector<Value> next =
      runLoops(dims.drop_front(), llvm::to_vector_of<Value>(loop.getRegionIterArgs()), emit);
  scf::YieldOp::create(rewriter, loc, next);
  ivs[dim] = Value();
  return llvm::to_vector_of<Value>(loop.getResults());
}

Value RowEmitter::sizeOf(unsigned dim) {
  if (!ShapedType::isDynamic(sizes[dim]))
    return constantIndex(sizes[dim]);
  for (OpOperand &operand : op->getOpOperands())
    if (std::optional<unsigned> position = positionOf(op.getMatchingIndexingMap(&operand), dim))
      return memref::DimOp::create(rewriter, loc, operand.get(), *position);
  llvm_unreachable("every loop of a linalg operation is a dimension of an operand");
}

SmallVector<unsigned> RowEmitter::reductionLoops() const {
  SmallVector<unsigned> dims;
  for (unsigned dim = 0; dim < iterators.size(); ++dim)
    if (iterators[dim] == utils::IteratorType::reduction && dim != *vectorLoop)
      dims.push_back(dim);
  return dims;
}

void RowEmitter::accumulate() {
  SmallVector<Cell> all = cells();
  SmallVector<Value> accumulators;
  for (const Cell &cell : all)
    for (unsigned result = 0; result < op.getNumDpsInits(); ++result)
      accumulators.push_back(readDestination(result, cell));
  accumulators = runLoops(reductionLoops(), accumulators, [&](const SmallVector<Value> &values) {
    reads.clear();
    SmallVector<Value> next;
    ArrayRef<Value> rest = values;
    for (const Cell &cell : all) {
      next.append(emitBody(cell, rest.take_front(op.getNumDpsInits())));
      rest = rest.drop_front(op.getNumDpsInits());
    }
    return next;
  });
  ArrayRef<Value> rest = accumulators;
  for (const Cell &cell : all) {
    storeCell(cell, rest.take_front(op.getNumDpsInits()));
    rest = rest.drop_front(op.getNumDpsInits());
  }
}

void RowEmitter::reduceRows() {
  SmallVector<Cell> all = cells();
  for (ArrayRef<Cell> rest = all; !rest.empty();) {
    reduceGroup(rest.take_front(maxRows));
    rest = rest.drop_front(std::min(maxRows, rest.size()));
  }
}

void RowEmitter::reduceGroup(ArrayRef<Cell> group) {
  Operation *combiner = findCombiner(op);
  vector::CombiningKind kind = *linalg::getCombinerOpKind(combiner);
  TypedAttr neutral = *arith::getNeutralElement(combiner);
  int64_t size = sizes[*vectorLoop];
  bool isDynamic = ShapedType::isDynamic(size);
  int64_t width = isDynamic ? lanes : std::min(lanes, size);
  int64_t rest = isDynamic ? 1 : size % width; // In one vector, or in elements one by one.
  // Few rows in parts, too: a sum takes four cycles, in which eight others could begin.
  int64_t numRows = group.size(), parts = 1;
  while (!isDynamic && countFlops(op) <= 2 && 2 * parts * numRows <= 8 && size >= 8 * parts * width)
    parts *= 2;
  auto neutrals = [&](int64_t count, int64_t lanes) {
    auto value = DenseElementsAttr::get(vectorOf(neutral.getType(), lanes), Attribute(neutral));
    return SmallVector<Value>(count, arith::ConstantOp::create(rewriter, loc, value));
  };
  // By part and row; then what the whole vectors leave of each row.
  SmallVector<Value> partial = neutrals(parts * numRows, width);
  if (rest != 0)
    partial.append(neutrals(numRows, rest));
  partial = runLoops(reductionLoops(), partial, [&](SmallVector<Value> values) {
    Value zero = constantIndex(0), end = sizeOf(*vectorLoop);
    int64_t even = isDynamic ? 0 : size / (parts * width) * (parts * width);
    Value evenEnd = constantIndex(even), whole = constantIndex(isDynamic ? 0 : size - rest);
    if (isDynamic) {
      Value units = rewriter.createOrFold<arith::DivUIOp>(loc, end, constantIndex(width));
      evenEnd = whole = rewriter.createOrFold<arith::MulIOp>(loc, units, constantIndex(width));
    }
    MutableArrayRef<Value> all(values), first = all.take_front(numRows);
    combineRows(group, all.take_front(parts * numRows), zero, evenEnd, width);
    if (!isDynamic && even != size - rest)
      combineRows(group, first, evenEnd, whole, width);
    if (rest != 0)
      combineRows(group, all.take_back(numRows), whole, end, rest);
    return values;
  });
  for (auto [row, cell] : llvm::enumerate(group)) {
    SmallVector<Value> indices = indicesOf(cell, destinationMap(0));
    Value total =
        fills.front()
            ? fills.front()
            : memref::LoadOp::create(rewriter, loc, destinations.front(), indices).getResult();
    Value vector = partial[row];
    for (int64_t part = 1; part < parts; ++part)
      vector =
          vector::makeArithReduction(rewriter, loc, kind, vector, partial[part * numRows + row]);
    total = vector::ReductionOp::create(rewriter, loc, kind, vector, total);
    if (rest != 0)
      total =
          vector::ReductionOp::create(rewriter, loc, kind, partial[parts * numRows + row], total);
    memref::StoreOp::create(rewriter, loc, total, destinations.front(), indices);
  }
}

void RowEmitter::combineRows(ArrayRef<Cell> group, MutableArrayRef<Value> partial, Value begin,
                             Value end, int64_t width) {
  int64_t step = width * int64_t(partial.size() / group.size());
  auto loop =
      scf::ForOp::create(rewriter, loc, begin, end, constantIndex(step), llvm::to_vector(partial));
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> next;
  for (int64_t at = 0; at < step; at += width) {
    ivs[*vectorLoop] =
        rewriter.createOrFold<arith::AddIOp>(loc, loop.getInductionVar(), constantIndex(at));
    reads.clear();
    for (Cell cell : group) {
      cell.width = width;
      next.push_back(emitBody(cell, loop.getRegionIterArg(next.size())).front());
    }
  }
  scf::YieldOp::create(rewriter, loc, next);
  ivs[*vectorLoop] = Value();
  llvm::copy(loop.getResults(), partial.begin());
}

} // namespace nnc::codegen
