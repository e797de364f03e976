// Tile sizes for a vector unit; see the header for the cost model.
#include "compiler/codegen/cpu/TilePlan.h"
#include "compiler/codegen/shared/LinalgUtils.h"

namespace nnc::codegen {

using namespace mlir;

int64_t VectorUnit::lanes(Type type) const {
  unsigned elementBits = 8;
  if (type.isIndex())
    elementBits = 64;
  else if (type.isIntOrFloat())
    elementBits = std::max(8u, type.getIntOrFloatBitWidth());
  return std::max<int64_t>(1, bits / elementBits);
}

/// Cycles per reduced element of one tile.
static double tileCycles(int64_t rows, int64_t vectors) {
  double multiplyAdds = double(rows * vectors) / 2;
  double loads = double(rows + vectors) / 2;
  return std::max({multiplyAdds, loads, 4.5}) + 0.5;
}

RegisterTile planRegisterTile(int64_t rows, int64_t columns, int64_t lanes,
                              const VectorUnit &unit) {
  if (ShapedType::isDynamic(columns))
    return {1, 1};
  int64_t knownRows = ShapedType::isDynamic(rows) ? 1 : rows;
  auto vectorsIn = [&](int64_t width) { return llvm::divideCeil(width, lanes); };
  int64_t maxRows = std::min<int64_t>(knownRows, unit.registers);
  int64_t maxVectors = std::min<int64_t>(vectorsIn(columns), unit.registers);

  RegisterTile best;
  double bestCycles = std::numeric_limits<double>::infinity();
  for (int64_t tileRows = 1; tileRows <= maxRows; ++tileRows) {
    for (int64_t vectors = 1; vectors <= maxVectors; ++vectors) {
      int64_t loaded = tileRows == 1 ? 0 : vectors;
      if (tileRows * vectors + loaded + 1 > int64_t(unit.registers))
        break;
      int64_t width = std::min(columns, vectors * lanes);
      int64_t fullRows = knownRows / tileRows, restRows = knownRows % tileRows;
      int64_t fullColumns = columns / width, restVectors = vectorsIn(columns % width);
      double cycles = double(fullRows * fullColumns) * tileCycles(tileRows, vectors);
      if (restRows)
        cycles += double(fullColumns) * tileCycles(restRows, vectors);
      if (restVectors)
        cycles += double(fullRows) * tileCycles(tileRows, restVectors);
      if (restRows && restVectors)
        cycles += tileCycles(restRows, restVectors);
      constexpr double kEdge = 1.02;
      if (restRows)
        cycles *= kEdge;
      if (restVectors)
        cycles *= kEdge;
      // Of equals the one with more rows: it streams fewer vectors.
      if (cycles <= bestCycles) {
        bestCycles = cycles;
        best = {tileRows, width};
      }
    }
  }
  return best;
}

std::optional<ContractionRoles> findRoles(linalg::LinalgOp contraction) {
  AffineMap result = contraction.getMatchingIndexingMap(contraction.getDpsInitOperand(0));
  if (result.getNumResults() == 0)
    return std::nullopt;
  ContractionRoles roles;
  roles.column = result.getDimPosition(result.getNumResults() - 1);
  AffineMap withColumns;
  for (OpOperand *operand : contraction.getDpsInputOperands()) {
    AffineMap map = contraction.getMatchingIndexingMap(operand);
    std::optional<unsigned> position = positionOf(map, roles.column);
    if (position && *position + 1 == map.getNumResults())
      withColumns = map;
  }
  if (!withColumns)
    return std::nullopt;
  for (unsigned i = result.getNumResults() - 1; i-- > 0;) {
    unsigned dim = result.getDimPosition(i);
    if (!positionOf(withColumns, dim)) {
      roles.row = dim;
      break;
    }
  }
  return roles;
}

/// Whether every input that has loop `dim` has it innermost, and at least one does.
static bool isInnermost(linalg::LinalgOp op, unsigned dim) {
  bool found = false;
  for (OpOperand *operand : op.getDpsInputOperands()) {
    AffineMap map = op.getMatchingIndexingMap(operand);
    std::optional<unsigned> position = positionOf(map, dim);
    if (position && *position + 1 != map.getNumResults())
      return false;
    found |= position.has_value();
  }
  return found;
}

std::optional<unsigned> findVectorLoop(linalg::LinalgOp op) {
  if (op.getNumDpsInits() == 0)
    return std::nullopt;
  AffineMap result = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  std::optional<unsigned> column;
  if (result.getNumResults() > 0)
    if (auto dim = dyn_cast<AffineDimExpr>(result.getResults().back()))
      column = dim.getPosition();
  if (op.getNumReductionLoops() == 0 || (column && isInnermost(op, *column)))
    return column;
  SmallVector<int64_t> sizes = loopSizes(op);
  for (unsigned dim = op.getNumLoops(); dim-- > 0;)
    if (op.getIteratorTypesArray()[dim] == utils::IteratorType::reduction &&
        !ShapedType::isDynamic(sizes[dim]) && sizes[dim] > 1 && isInnermost(op, dim))
      return dim;
  return column;
}

/// Elementwise tiles are one row of a few vectors; a row that is hardly longer is taken whole.
static SmallVector<int64_t> planElementwise(linalg::LinalgOp root, const VectorUnit &unit) {
  SmallVector<int64_t> sizes = loopSizes(root);
  AffineMap result = root.getMatchingIndexingMap(root.getDpsInitOperand(0));
  SmallVector<int64_t> tiles(root.getNumLoops(), 0);
  for (AffineExpr expr : result.getResults())
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      tiles[dim.getPosition()] = 1;
  if (result.getNumResults() == 0)
    return {};
  constexpr int64_t kVectors = 4;
  auto innermost = dyn_cast<AffineDimExpr>(result.getResults().back());
  if (!innermost)
    return tiles;
  int64_t size = sizes[innermost.getPosition()];
  if (ShapedType::isDynamic(size) || findVectorLoop(root) != innermost.getPosition())
    return tiles;
  int64_t tile = kVectors * unit.lanes(Float32Type::get(root.getContext()));
  tiles[innermost.getPosition()] = std::min(tile, size);
  return tiles;
}

SmallVector<int64_t> planTiles(linalg::LinalgOp root, linalg::LinalgOp contraction,
                               const VectorUnit &unit) {
  // A loop of no iterations computes nothing, and MLIR can't tile it.
  if (llvm::is_contained(loopSizes(root), 0) ||
      (contraction && llvm::is_contained(loopSizes(contraction), 0)))
    return {};
  std::optional<ContractionRoles> roles;
  if (contraction)
    roles = findRoles(contraction);
  if (!roles)
    return planElementwise(root, unit);

  SmallVector<int64_t> sizes = loopSizes(contraction);
  AffineMap result = contraction.getMatchingIndexingMap(contraction.getDpsInitOperand(0));
  Type element = getElementTypeOrSelf(contraction->getResult(0).getType());
  RegisterTile tile = planRegisterTile(roles->row ? sizes[*roles->row] : 1, sizes[roles->column],
                                       unit.lanes(element), unit);
  // From loops of the contraction to loops of the root, by the tensor between them.
  AffineMap read = result;
  for (OpOperand &operand : root->getOpOperands())
    if (contraction != root && operand.get() == contraction->getResult(0))
      read = root.getMatchingIndexingMap(&operand);
  SmallVector<int64_t> tiles(root.getNumLoops(), 0);
  for (auto [i, expr] : llvm::enumerate(result.getResults())) {
    unsigned dim = cast<AffineDimExpr>(expr).getPosition();
    int64_t size = dim == roles->column ? tile.columns : 1;
    if (roles->row && dim == *roles->row)
      size = tile.rows;
    tiles[read.getDimPosition(i)] = size;
  }
  return tiles;
}

std::optional<uint64_t> countFlops(linalg::LinalgOp op) {
  uint64_t count = 0;
  for (Operation &inner : op.getBlock()->without_terminator())
    count += inner.getNumResults() == 1 && isa<FloatType>(inner.getResult(0).getType());
  for (int64_t size : loopSizes(op)) {
    if (ShapedType::isDynamic(size))
      return std::nullopt;
    count *= uint64_t(size);
  }
  return count;
}

} // namespace nnc::codegen
