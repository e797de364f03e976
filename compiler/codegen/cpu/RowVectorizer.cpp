// Vector code for a small static linalg operation, row by row in one-dimensional vectors.
#include "compiler/codegen/cpu/RowVectorizer.h"
#include "compiler/codegen/cpu/TransposeSquare.h"
#include "compiler/codegen/shared/LinalgUtils.h"

#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace nnc::codegen {

using namespace mlir;

namespace {

/// A vector's worth of the iteration space: a position for each loop that isn't run, and where the
/// vector starts.
struct Cell {
  SmallVector<int64_t> position;
  int64_t width;
};

/// Emits the code for one operation.
class RowEmitter {
public:
  RowEmitter(RewriterBase &rewriter, linalg::GenericOp op, const VectorUnit &unit,
             TileContents &contents)
      : rewriter(rewriter), contents(contents), op(op), loc(op.getLoc()), sizes(loopSizes(op)),
        iterators(op.getIteratorTypesArray()), ivs(op.getNumLoops()) {
    vectorLoop = findVectorLoop(op);
    lanes = unit.lanes(rewriter.getI8Type());
    for (Type type : op.getBody()->getArgumentTypes())
      lanes = std::min(lanes, unit.lanes(type));
    for (Operation &inner : op.getBody()->without_terminator())
      for (Type type : inner.getResultTypes())
        if (type.isIntOrFloat())
          lanes = std::min(lanes, unit.lanes(type));
  }

  LogicalResult run(int64_t maxElements) {
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

private:
  bool isSupported(int64_t maxElements) {
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

  /// All vectors of the iteration space that are computed at once, row by row.
  SmallVector<Cell> cells() const {
    SmallVector<Cell> all;
    SmallVector<int64_t> position(sizes.size(), 0);
    collectCells(0, position, all);
    return all;
  }

  void collectCells(unsigned dim, SmallVector<int64_t> &position, SmallVector<Cell> &all) const {
    if (dim == sizes.size()) {
      int64_t size = sizes[*vectorLoop];
      if (iterators[*vectorLoop] == utils::IteratorType::reduction) {
        all.push_back({position, 1});
        return;
      }
      for (int64_t start = 0; start < size; start += lanes) {
        position[*vectorLoop] = start;
        all.push_back({position, std::min(lanes, size - start)});
      }
      position[*vectorLoop] = 0;
      return;
    }
    bool isRow = iterators[dim] == utils::IteratorType::parallel && dim != *vectorLoop;
    for (int64_t i = 0, e = isRow ? sizes[dim] : 1; i < e; ++i) {
      position[dim] = i;
      collectCells(dim + 1, position, all);
    }
    position[dim] = 0;
  }

  /// Where the result is written, and a scalar that it starts from instead of what is there.
  void startDestination(OpOperand &init) {
    linalg::FillOp fill = findFillBefore(op, init.get());
    destinations.push_back(init.get());
    fills.push_back(fill ? fill.getInputs().front() : Value());
    if (fill)
      fillOps.insert(fill); // Results that nothing reads may share one.
  }

  Value constantIndex(int64_t value) {
    return rewriter.createOrFold<arith::ConstantIndexOp>(loc, value);
  }

  /// The index of loop `dim` at `cell`.
  Value indexOf(const Cell &cell, unsigned dim) {
    if (ivs[dim])
      return ivs[dim];
    return constantIndex(cell.position[dim]);
  }

  /// The indices at which `map` reads for lane `lane` of `cell`.
  SmallVector<Value> indicesOf(const Cell &cell, AffineMap map, int64_t lane = 0) {
    SmallVector<Value> indices;
    for (auto [i, fixed] : llvm::enumerate(positionsOf(cell, map, lane))) {
      LinearIndex index = *getLinearIndex(map.getResult(i), map.getNumDims());
      Value sum;
      for (auto [dim, factor] : llvm::enumerate(index.factors)) {
        if (factor == 0 || !ivs[dim])
          continue;
        Value term = ivs[dim];
        if (factor != 1)
          term = rewriter.createOrFold<arith::MulIOp>(loc, term, constantIndex(factor));
        sum = sum ? rewriter.createOrFold<arith::AddIOp>(loc, sum, term) : term;
      }
      if (sum && fixed != 0)
        sum = rewriter.createOrFold<arith::AddIOp>(loc, sum, constantIndex(fixed));
      indices.push_back(sum ? sum : constantIndex(fixed));
    }
    return indices;
  }

  /// The part of these that no loop changes.
  SmallVector<int64_t> positionsOf(const Cell &cell, AffineMap map, int64_t lane = 0) const {
    SmallVector<int64_t> positions;
    for (AffineExpr expr : map.getResults()) {
      LinearIndex index = *getLinearIndex(expr, map.getNumDims());
      int64_t position = index.constant;
      for (auto [dim, factor] : llvm::enumerate(index.factors)) {
        position += ivs[dim] ? 0 : factor * cell.position[dim];
        position += dim == *vectorLoop ? factor * lane : 0;
      }
      positions.push_back(position);
    }
    return positions;
  }

  VectorType vectorOf(Type element, int64_t width) { return VectorType::get({width}, element); }

  Value splat(Value scalar, int64_t width) {
    return vector::BroadcastOp::create(rewriter, loc, vectorOf(scalar.getType(), width), scalar);
  }

  /// The elements of `buffer` at `cell`: a vector along the vector loop, or one element for all
  /// lanes.
  Value read(Value buffer, AffineMap map, const Cell &cell) {
    auto type = dyn_cast<MemRefType>(buffer.getType());
    if (!type)
      return splat(buffer, cell.width);
    Walk walk = walkAlong(map, *vectorLoop);
    bool isFixed = true;
    for (unsigned dim = 0; dim < map.getNumDims(); ++dim)
      isFixed &= !ivs[dim] || !involves(map, dim);
    // What is known is rows: a column that starts where a row does isn't the row.
    if (walk == Walk::Row && isFixed)
      if (Value known = contents.get(buffer, positionsOf(cell, map), cell.width))
        return known;
    if (walk == Walk::Stays)
      return splat(memref::LoadOp::create(rewriter, loc, buffer, indicesOf(cell, map)), cell.width);
    VectorType vectorType = vectorOf(type.getElementType(), cell.width);
    if (walk == Walk::Row)
      return vector::TransferReadOp::create(rewriter, loc, vectorType, buffer, indicesOf(cell, map),
                                            /*padding=*/std::nullopt, ArrayRef<bool>{true});
    SmallVector<Value> elements;
    for (int64_t lane = 0; lane < cell.width; ++lane)
      elements.push_back(memref::LoadOp::create(rewriter, loc, buffer, indicesOf(cell, map, lane)));
    return vector::FromElementsOp::create(rewriter, loc, vectorType, elements);
  }

  AffineMap destinationMap(unsigned result) {
    return op.getMatchingIndexingMap(op.getDpsInitOperand(result));
  }

  /// What is at `cell` of result `result` before this operation.
  Value readDestination(unsigned result, const Cell &cell) {
    if (fills[result])
      return splat(fills[result], cell.width);
    return read(destinations[result], destinationMap(result), cell);
  }

  /// The same for all results whose old value is used; null for the others.
  SmallVector<Value> readDestinations(const Cell &cell) {
    SmallVector<Value> values;
    for (auto [i, init] : llvm::enumerate(op.getDpsInitsMutable()))
      values.push_back(op.payloadUsesValueFromOperand(&init) ? readDestination(i, cell) : Value());
    return values;
  }

  void storeCell(const Cell &cell, ArrayRef<Value> values) {
    for (auto [i, value] : llvm::enumerate(values)) {
      AffineMap map = destinationMap(i);
      if (walkAlong(map, *vectorLoop) == Walk::Row) {
        vector::TransferWriteOp::create(rewriter, loc, value, destinations[i], indicesOf(cell, map),
                                        ArrayRef<bool>{true});
        written.push_back({unsigned(i), cell, value});
        continue;
      }
      for (int64_t lane = 0; lane < cell.width; ++lane) {
        Value element = vector::ExtractOp::create(rewriter, loc, value, lane);
        memref::StoreOp::create(rewriter, loc, element, destinations[i],
                                indicesOf(cell, map, lane));
      }
    }
  }

  /// The body at `cell`; `old` are the values of the results so far. Reads made since `reads` was
  /// last cleared are shared.
  SmallVector<Value> emitBody(const Cell &cell, ArrayRef<Value> old) {
    IRMapping mapping;
    for (OpOperand *input : op.getDpsInputOperands())
      if (op.payloadUsesValueFromOperand(input))
        mapping.map(op.getMatchingBlockArgument(input), readInput(*input, cell));
    for (auto [argument, value] : llvm::zip_equal(op.getRegionOutputArgs(), old))
      if (value)
        mapping.map(argument, value);
    for (Operation &inner : op.getBody()->without_terminator())
      emitVector(inner, cell, mapping);
    SmallVector<Value> results;
    for (Value value : op.getBody()->getTerminator()->getOperands())
      results.push_back(lookup(mapping, value, cell.width));
    return results;
  }

  Value readInput(OpOperand &input, const Cell &cell) {
    AffineMap map = op.getMatchingIndexingMap(&input);
    SmallVector<int64_t> positions = positionsOf(cell, map);
    std::vector<int64_t> key{int64_t(input.getOperandNumber()), cell.width};
    key.insert(key.end(), positions.begin(), positions.end());
    Value &value = reads[key];
    if (!value)
      value = readTransposed(input, cell);
    if (!value)
      value = read(input.get(), map, cell);
    return value;
  }

  /// The elements of `input` at `cell`, of a square that is read along its rows and transposed in
  /// registers; null where it isn't one.
  Value readTransposed(OpOperand &input, const Cell &cell) {
    std::optional<unsigned> other = findTransposedLoop(op, input, *vectorLoop);
    if (!other || cell.width != sizes[*other] || cell.width < 4 || !llvm::isPowerOf2_64(cell.width))
      return {};
    std::vector<int64_t> key{int64_t(input.getOperandNumber())};
    key.insert(key.end(), cell.position.begin(), cell.position.end());
    key[*other + 1] = 0;
    SmallVector<Value> &rows = squares[key];
    if (!rows.empty())
      return rows[cell.position[*other]];
    AffineMap map = op.getMatchingIndexingMap(&input);
    VectorType type = vectorOf(getElementTypeOrSelf(input.get().getType()), cell.width);
    Cell first = cell;
    first.position[*other] = 0;
    for (int64_t lane = 0; lane < cell.width; ++lane)
      rows.push_back(vector::TransferReadOp::create(rewriter, loc, type, input.get(),
                                                    indicesOf(first, map, lane), std::nullopt,
                                                    ArrayRef<bool>{true}));
    transposeSquare(rewriter, loc, rows);
    return rows[cell.position[*other]];
  }

  Value lookup(IRMapping &mapping, Value value, int64_t width) {
    if (Value mapped = mapping.lookupOrNull(value))
      return mapped;
    return splat(value, width); // From outside the operation.
  }

  void emitVector(Operation &inner, const Cell &cell, IRMapping &mapping) {
    if (auto constant = dyn_cast<arith::ConstantOp>(inner)) {
      auto value =
          DenseElementsAttr::get(vectorOf(constant.getType(), cell.width), constant.getValue());
      mapping.map(constant.getResult(), arith::ConstantOp::create(rewriter, loc, value));
      return;
    }
    if (auto index = dyn_cast<linalg::IndexOp>(inner)) {
      Value value = splat(indexOf(cell, index.getDim()), cell.width);
      if (index.getDim() == *vectorLoop) {
        SmallVector<Attribute> lanesOf;
        for (int64_t lane = 0; lane < cell.width; ++lane)
          lanesOf.push_back(rewriter.getIndexAttr(lane));
        Value step = arith::ConstantOp::create(
            rewriter, loc, DenseElementsAttr::get(cast<VectorType>(value.getType()), lanesOf));
        value = arith::AddIOp::create(rewriter, loc, value, step);
      }
      mapping.map(index.getResult(), value);
      return;
    }
    SmallVector<Value> operands;
    SmallVector<Type> types;
    for (Value operand : inner.getOperands())
      operands.push_back(lookup(mapping, operand, cell.width));
    for (Type type : inner.getResultTypes())
      types.push_back(vectorOf(type, cell.width));
    // The bodies of named operations have no place of their own.
    Location place = isa<UnknownLoc>(inner.getLoc()) ? loc : inner.getLoc();
    Operation *vectorOp =
        rewriter.create(place, inner.getName().getIdentifier(), operands, types, inner.getAttrs());
    mapping.map(inner.getResults(), vectorOp->getResults());
  }

  /// Runs the reduction loops from the first of `dims` on, around `emit`, which gets the values so
  /// far and returns the next ones.
  SmallVector<Value> runLoops(ArrayRef<unsigned> dims, SmallVector<Value> values,
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

  /// The number of iterations of loop `dim`, from an operand that has it.
  Value sizeOf(unsigned dim) {
    if (!ShapedType::isDynamic(sizes[dim]))
      return constantIndex(sizes[dim]);
    for (OpOperand &operand : op->getOpOperands())
      if (std::optional<unsigned> position = positionOf(op.getMatchingIndexingMap(&operand), dim))
        return memref::DimOp::create(rewriter, loc, operand.get(), *position);
    llvm_unreachable("every loop of a linalg operation is a dimension of an operand");
  }

  SmallVector<unsigned> reductionLoops() const {
    SmallVector<unsigned> dims;
    for (unsigned dim = 0; dim < iterators.size(); ++dim)
      if (iterators[dim] == utils::IteratorType::reduction && dim != *vectorLoop)
        dims.push_back(dim);
    return dims;
  }

  /// Reductions for a tile of results, vectors along the results.
  void accumulate() {
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

  /// Reductions along rows: vectors of partial results, combined in a fixed order at the end.
  void reduceRows() {
    Operation *combiner = findCombiner(op);
    vector::CombiningKind kind = *linalg::getCombinerOpKind(combiner);
    TypedAttr neutral = *arith::getNeutralElement(combiner);
    int64_t size = sizes[*vectorLoop];
    bool isDynamic = ShapedType::isDynamic(size);
    int64_t width = isDynamic ? lanes : std::min(lanes, size);
    int64_t rest = isDynamic ? 1 : size % width; // In one vector, or in elements one by one.
    auto neutralVector = [&](int64_t lanes) -> Value {
      return arith::ConstantOp::create(
          rewriter, loc,
          DenseElementsAttr::get(vectorOf(neutral.getType(), lanes), Attribute(neutral)));
    };
    for (Cell cell : cells()) {
      SmallVector<Value> partial{neutralVector(width)};
      if (rest != 0)
        partial.push_back(neutralVector(rest));
      partial = runLoops(reductionLoops(), partial, [&](SmallVector<Value> values) {
        Value zero = constantIndex(0), end = sizeOf(*vectorLoop);
        Value whole = constantIndex(isDynamic ? 0 : size - rest);
        if (isDynamic) {
          Value units = rewriter.createOrFold<arith::DivUIOp>(loc, end, constantIndex(width));
          whole = rewriter.createOrFold<arith::MulIOp>(loc, units, constantIndex(width));
        }
        values.front() = combineRow(cell, values.front(), zero, whole, width);
        if (rest != 0)
          values.back() = combineRow(cell, values.back(), whole, end, rest);
        return values;
      });
      AffineMap map = destinationMap(0);
      SmallVector<Value> indices = indicesOf(cell, map);
      Value total =
          fills.front()
              ? fills.front()
              : memref::LoadOp::create(rewriter, loc, destinations.front(), indices).getResult();
      for (Value vector : partial)
        total = vector::ReductionOp::create(rewriter, loc, kind, vector, total);
      memref::StoreOp::create(rewriter, loc, total, destinations.front(), indices);
    }
  }

  /// Combines the elements of a row from `begin` to `end` into `partial`, `width` at a time.
  Value combineRow(Cell cell, Value partial, Value begin, Value end, int64_t width) {
    cell.width = width;
    reads.clear();
    auto loop = scf::ForOp::create(rewriter, loc, begin, end, constantIndex(width), partial);
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointToStart(loop.getBody());
    ivs[*vectorLoop] = loop.getInductionVar();
    Value next = emitBody(cell, loop.getRegionIterArg(0)).front();
    scf::YieldOp::create(rewriter, loc, next);
    ivs[*vectorLoop] = Value();
    return loop.getResult(0);
  }

  RewriterBase &rewriter;
  TileContents &contents;
  linalg::GenericOp op;
  Location loc;
  SmallVector<int64_t> sizes;
  SmallVector<utils::IteratorType> iterators;
  std::optional<unsigned> vectorLoop;
  int64_t lanes = 1;
  SmallVector<Value> ivs;          // Of reduction loops that are being run.
  SmallVector<Value> destinations; // The buffers of the results.
  SmallVector<Value> fills;        // The scalars that results start from.
  llvm::SmallSetVector<linalg::FillOp, 2> fillOps;
  std::map<std::vector<int64_t>, Value> reads;
  std::map<std::vector<int64_t>, SmallVector<Value>> squares; // By operand and place, transposed.
  std::vector<std::tuple<unsigned, Cell, Value>> written;
};

} // namespace

LogicalResult vectorizeRows(RewriterBase &rewriter, linalg::LinalgOp op, const VectorUnit &unit,
                            int64_t maxElements, TileContents &contents) {
  auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
  if (!generic || !generic.hasPureBufferSemantics() || generic.getNumLoops() == 0)
    return failure();
  return RowEmitter(rewriter, generic, unit, contents).run(maxElements);
}

} // namespace nnc::codegen
