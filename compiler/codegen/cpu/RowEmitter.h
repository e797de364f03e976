// Emits the vector code of one operation; RowVectorizer.cpp says which have any.
#ifndef NNC_COMPILER_CODEGEN_CPU_ROWEMITTER_H
#define NNC_COMPILER_CODEGEN_CPU_ROWEMITTER_H

#include "compiler/codegen/cpu/RowVectorizer.h"
#include "compiler/codegen/cpu/TransposeSquare.h"
#include "compiler/codegen/shared/LinalgUtils.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace nnc::codegen {

/// A vector's worth of the iteration space: a position for each loop that isn't run, and where the
/// vector starts.
struct Cell {
  mlir::SmallVector<int64_t> position;
  int64_t width;
};

/// Emits the code for one operation.
class RowEmitter {
public:
  RowEmitter(mlir::RewriterBase &rewriter, mlir::linalg::GenericOp op, const VectorUnit &unit,
             TileContents &contents)
      : rewriter(rewriter), contents(contents), op(op), loc(op.getLoc()), sizes(loopSizes(op)),
        iterators(op.getIteratorTypesArray()), maxRows(unit.forDots().registers - 1),
        ivs(op.getNumLoops()) {
    vectorLoop = findVectorLoop(op);
    lanes = unit.lanes(rewriter.getI8Type());
    for (mlir::Type type : op.getBody()->getArgumentTypes())
      lanes = std::min(lanes, unit.lanes(type));
    for (mlir::Operation &inner : op.getBody()->without_terminator())
      for (mlir::Type type : inner.getResultTypes())
        if (type.isIntOrFloat())
          lanes = std::min(lanes, unit.lanes(type));
  }

  mlir::LogicalResult run(int64_t maxElements);

private:
  bool isSupported(int64_t maxElements);

  /// All vectors of the iteration space that are computed at once, row by row.
  mlir::SmallVector<Cell> cells() const {
    mlir::SmallVector<Cell> all;
    mlir::SmallVector<int64_t> position(sizes.size(), 0);
    collectCells(0, position, all);
    return all;
  }

  void collectCells(unsigned dim, mlir::SmallVector<int64_t> &position,
                    mlir::SmallVector<Cell> &all) const {
    if (dim == sizes.size()) {
      int64_t size = sizes[*vectorLoop];
      if (iterators[*vectorLoop] == mlir::utils::IteratorType::reduction) {
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
    bool isRow = iterators[dim] == mlir::utils::IteratorType::parallel && dim != *vectorLoop;
    for (int64_t i = 0, e = isRow ? sizes[dim] : 1; i < e; ++i) {
      position[dim] = i;
      collectCells(dim + 1, position, all);
    }
    position[dim] = 0;
  }

  /// Where the result is written, and a scalar that it starts from instead of what is there.
  void startDestination(mlir::OpOperand &init) {
    mlir::linalg::FillOp fill = findFillBefore(op, init.get());
    destinations.push_back(init.get());
    fills.push_back(fill ? fill.getInputs().front() : mlir::Value());
    if (fill)
      fillOps.insert(fill); // Results that nothing reads may share one.
  }

  mlir::Value constantIndex(int64_t value) {
    return rewriter.createOrFold<mlir::arith::ConstantIndexOp>(loc, value);
  }

  /// The index of loop `dim` at `cell`.
  mlir::Value indexOf(const Cell &cell, unsigned dim) {
    if (ivs[dim])
      return ivs[dim];
    return constantIndex(cell.position[dim]);
  }

  /// The indices at which `map` reads for lane `lane` of `cell`.
  mlir::SmallVector<mlir::Value> indicesOf(const Cell &cell, mlir::AffineMap map,
                                           int64_t lane = 0) {
    mlir::SmallVector<mlir::Value> indices;
    for (auto [i, fixed] : llvm::enumerate(positionsOf(cell, map, lane))) {
      LinearIndex index = *getLinearIndex(map.getResult(i), map.getNumDims());
      mlir::Value sum;
      for (auto [dim, factor] : llvm::enumerate(index.factors)) {
        if (factor == 0 || !ivs[dim])
          continue;
        mlir::Value term = ivs[dim];
        if (factor != 1)
          term = rewriter.createOrFold<mlir::arith::MulIOp>(loc, term, constantIndex(factor));
        sum = sum ? rewriter.createOrFold<mlir::arith::AddIOp>(loc, sum, term) : term;
      }
      if (sum && fixed != 0)
        sum = rewriter.createOrFold<mlir::arith::AddIOp>(loc, sum, constantIndex(fixed));
      indices.push_back(sum ? sum : constantIndex(fixed));
    }
    return indices;
  }

  /// The part of these that no loop changes.
  mlir::SmallVector<int64_t> positionsOf(const Cell &cell, mlir::AffineMap map,
                                         int64_t lane = 0) const {
    mlir::SmallVector<int64_t> positions;
    for (mlir::AffineExpr expr : map.getResults()) {
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

  mlir::VectorType vectorOf(mlir::Type element, int64_t width) {
    return mlir::VectorType::get({width}, element);
  }

  mlir::Value splat(mlir::Value scalar, int64_t width) {
    return mlir::vector::BroadcastOp::create(rewriter, loc, vectorOf(scalar.getType(), width),
                                             scalar);
  }

  /// The elements of `buffer` at `cell`: a vector along the vector loop, or one element for all
  /// lanes.
  mlir::Value read(mlir::Value buffer, mlir::AffineMap map, const Cell &cell) {
    auto type = mlir::dyn_cast<mlir::MemRefType>(buffer.getType());
    if (!type)
      return splat(buffer, cell.width);
    Walk walk = walkAlong(map, *vectorLoop);
    bool isFixed = true;
    for (unsigned dim = 0; dim < map.getNumDims(); ++dim)
      isFixed &= !ivs[dim] || !involves(map, dim);
    // What is known is rows: a column that starts where a row does isn't the row.
    if (walk == Walk::Row && isFixed)
      if (mlir::Value known = contents.get(buffer, positionsOf(cell, map), cell.width))
        return known;
    if (walk == Walk::Stays)
      return splat(mlir::memref::LoadOp::create(rewriter, loc, buffer, indicesOf(cell, map)),
                   cell.width);
    mlir::VectorType vectorType = vectorOf(type.getElementType(), cell.width);
    if (walk == Walk::Row)
      return mlir::vector::TransferReadOp::create(
          rewriter, loc, vectorType, buffer, indicesOf(cell, map),
          /*padding=*/std::nullopt, mlir::ArrayRef<bool>{true});
    mlir::SmallVector<mlir::Value> elements;
    for (int64_t lane = 0; lane < cell.width; ++lane)
      elements.push_back(
          mlir::memref::LoadOp::create(rewriter, loc, buffer, indicesOf(cell, map, lane)));
    return mlir::vector::FromElementsOp::create(rewriter, loc, vectorType, elements);
  }

  mlir::AffineMap destinationMap(unsigned result) {
    return op.getMatchingIndexingMap(op.getDpsInitOperand(result));
  }

  /// What is at `cell` of result `result` before this operation.
  mlir::Value readDestination(unsigned result, const Cell &cell) {
    if (fills[result])
      return splat(fills[result], cell.width);
    return read(destinations[result], destinationMap(result), cell);
  }

  /// The same for all results whose old value is used; null for the others.
  mlir::SmallVector<mlir::Value> readDestinations(const Cell &cell) {
    mlir::SmallVector<mlir::Value> values;
    for (auto [i, init] : llvm::enumerate(op.getDpsInitsMutable()))
      values.push_back(op.payloadUsesValueFromOperand(&init) ? readDestination(i, cell)
                                                             : mlir::Value());
    return values;
  }

  void storeCell(const Cell &cell, mlir::ArrayRef<mlir::Value> values) {
    for (auto [i, value] : llvm::enumerate(values)) {
      mlir::AffineMap map = destinationMap(i);
      if (walkAlong(map, *vectorLoop) == Walk::Row) {
        mlir::vector::TransferWriteOp::create(rewriter, loc, value, destinations[i],
                                              indicesOf(cell, map), mlir::ArrayRef<bool>{true});
        written.push_back({unsigned(i), cell, value});
        continue;
      }
      for (int64_t lane = 0; lane < cell.width; ++lane) {
        mlir::Value element = mlir::vector::ExtractOp::create(rewriter, loc, value, lane);
        mlir::memref::StoreOp::create(rewriter, loc, element, destinations[i],
                                      indicesOf(cell, map, lane));
      }
    }
  }

  /// The body at `cell`; `old` are the values of the results so far. Reads made since `reads` was
  /// last cleared are shared.
  mlir::SmallVector<mlir::Value> emitBody(const Cell &cell, mlir::ArrayRef<mlir::Value> old) {
    mlir::IRMapping mapping;
    for (mlir::OpOperand *input : op.getDpsInputOperands())
      if (op.payloadUsesValueFromOperand(input))
        mapping.map(op.getMatchingBlockArgument(input), readInput(*input, cell));
    for (auto [argument, value] : llvm::zip_equal(op.getRegionOutputArgs(), old))
      if (value)
        mapping.map(argument, value);
    for (mlir::Operation &inner : op.getBody()->without_terminator())
      emitVector(inner, cell, mapping);
    mlir::SmallVector<mlir::Value> results;
    for (mlir::Value value : op.getBody()->getTerminator()->getOperands())
      results.push_back(lookup(mapping, value, cell.width));
    return results;
  }

  mlir::Value readInput(mlir::OpOperand &input, const Cell &cell) {
    mlir::AffineMap map = op.getMatchingIndexingMap(&input);
    mlir::SmallVector<int64_t> positions = positionsOf(cell, map);
    std::vector<int64_t> key{int64_t(input.getOperandNumber()), cell.width};
    key.insert(key.end(), positions.begin(), positions.end());
    mlir::Value &value = reads[key];
    if (!value)
      value = readTransposed(input, cell);
    if (!value)
      value = read(input.get(), map, cell);
    return value;
  }

  /// The elements of `input` at `cell`, of a square that is read along its rows and transposed in
  /// registers; null where it isn't one.
  mlir::Value readTransposed(mlir::OpOperand &input, const Cell &cell) {
    std::optional<unsigned> other = findTransposedLoop(op, input, *vectorLoop);
    if (!other || cell.width != sizes[*other] || cell.width < 4 || !llvm::isPowerOf2_64(cell.width))
      return {};
    std::vector<int64_t> key{int64_t(input.getOperandNumber())};
    key.insert(key.end(), cell.position.begin(), cell.position.end());
    key[*other + 1] = 0;
    mlir::SmallVector<mlir::Value> &rows = squares[key];
    if (!rows.empty())
      return rows[cell.position[*other]];
    mlir::AffineMap map = op.getMatchingIndexingMap(&input);
    mlir::VectorType type = vectorOf(getElementTypeOrSelf(input.get().getType()), cell.width);
    Cell first = cell;
    first.position[*other] = 0;
    for (int64_t lane = 0; lane < cell.width; ++lane)
      rows.push_back(mlir::vector::TransferReadOp::create(rewriter, loc, type, input.get(),
                                                          indicesOf(first, map, lane), std::nullopt,
                                                          mlir::ArrayRef<bool>{true}));
    transposeSquare(rewriter, loc, rows);
    return rows[cell.position[*other]];
  }

  mlir::Value lookup(mlir::IRMapping &mapping, mlir::Value value, int64_t width) {
    if (mlir::Value mapped = mapping.lookupOrNull(value))
      return mapped;
    return splat(value, width); // From outside the operation.
  }

  void emitVector(mlir::Operation &inner, const Cell &cell, mlir::IRMapping &mapping) {
    if (auto constant = mlir::dyn_cast<mlir::arith::ConstantOp>(inner)) {
      auto value = mlir::DenseElementsAttr::get(vectorOf(constant.getType(), cell.width),
                                                constant.getValue());
      mapping.map(constant.getResult(), mlir::arith::ConstantOp::create(rewriter, loc, value));
      return;
    }
    if (auto index = mlir::dyn_cast<mlir::linalg::IndexOp>(inner)) {
      mlir::Value value = splat(indexOf(cell, index.getDim()), cell.width);
      if (index.getDim() == *vectorLoop) {
        mlir::SmallVector<mlir::Attribute> lanesOf;
        for (int64_t lane = 0; lane < cell.width; ++lane)
          lanesOf.push_back(rewriter.getIndexAttr(lane));
        mlir::Value step = mlir::arith::ConstantOp::create(
            rewriter, loc,
            mlir::DenseElementsAttr::get(mlir::cast<mlir::VectorType>(value.getType()), lanesOf));
        value = mlir::arith::AddIOp::create(rewriter, loc, value, step);
      }
      mapping.map(index.getResult(), value);
      return;
    }
    mlir::SmallVector<mlir::Value> operands;
    mlir::SmallVector<mlir::Type> types;
    for (mlir::Value operand : inner.getOperands())
      operands.push_back(lookup(mapping, operand, cell.width));
    for (mlir::Type type : inner.getResultTypes())
      types.push_back(vectorOf(type, cell.width));
    // The bodies of named operations have no place of their own.
    mlir::Location place = mlir::isa<mlir::UnknownLoc>(inner.getLoc()) ? loc : inner.getLoc();
    mlir::Operation *vectorOp =
        rewriter.create(place, inner.getName().getIdentifier(), operands, types, inner.getAttrs());
    mapping.map(inner.getResults(), vectorOp->getResults());
  }

  /// Runs the reduction loops from the first of `dims` on, around `emit`, which gets the values so
  /// far and returns the next ones.
  mlir::SmallVector<mlir::Value>
  runLoops(mlir::ArrayRef<unsigned> dims, mlir::SmallVector<mlir::Value> values,
           llvm::function_ref<mlir::SmallVector<mlir::Value>(mlir::SmallVector<mlir::Value>)> emit);

  /// The number of iterations of loop `dim`, from an operand that has it.
  mlir::Value sizeOf(unsigned dim);

  mlir::SmallVector<unsigned> reductionLoops() const;

  /// Reductions for a tile of results, vectors along the results.
  void accumulate();

  /// Reductions along rows: vectors of partial results, combined in a fixed order at the end. As
  /// many rows as registers have room for go side by side, and share what they read.
  void reduceRows();

  void reduceGroup(mlir::ArrayRef<Cell> group);

  /// Combines the elements of rows from `begin` to `end` into `partial`, which has each part of
  /// them in turn, `width` elements of a part at a time.
  void combineRows(mlir::ArrayRef<Cell> group, mlir::MutableArrayRef<mlir::Value> partial,
                   mlir::Value begin, mlir::Value end, int64_t width);

  mlir::RewriterBase &rewriter;
  TileContents &contents;
  mlir::linalg::GenericOp op;
  mlir::Location loc;
  mlir::SmallVector<int64_t> sizes;
  mlir::SmallVector<mlir::utils::IteratorType> iterators;
  std::optional<unsigned> vectorLoop;
  int64_t lanes = 1;
  size_t maxRows;                              // Of a reduction along rows, side by side.
  mlir::SmallVector<mlir::Value> ivs;          // Of reduction loops that are being run.
  mlir::SmallVector<mlir::Value> destinations; // The buffers of the results.
  mlir::SmallVector<mlir::Value> fills;        // The scalars that results start from.
  llvm::SmallSetVector<mlir::linalg::FillOp, 2> fillOps;
  std::map<std::vector<int64_t>, mlir::Value> reads;
  std::map<std::vector<int64_t>, mlir::SmallVector<mlir::Value>>
      squares; // By operand and place, transposed.
  std::vector<std::tuple<unsigned, Cell, mlir::Value>> written;
};

} // namespace nnc::codegen

#endif
