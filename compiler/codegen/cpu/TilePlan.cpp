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

/// Of many divisors, so that remainders don't decide.
static constexpr int64_t kMany = 840;

/// The best tile, and the cycles of all tiles per reduced element.
static std::pair<RegisterTile, double> searchTiles(int64_t rows, int64_t columns, int64_t lanes,
                                                   const VectorUnit &unit) {
  int64_t knownRows = ShapedType::isDynamic(rows) ? kMany : rows;
  if (ShapedType::isDynamic(columns))
    columns = kMany * lanes;
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
      constexpr double kRowEdge = 1.05, kColumnEdge = 1.02;
      if (restRows)
        cycles *= kRowEdge;
      if (restVectors)
        cycles *= kColumnEdge;
      // Of equals the one with more rows: it streams fewer vectors.
      if (cycles <= bestCycles) {
        bestCycles = cycles;
        best = {tileRows, width};
      }
    }
  }
  return {best, bestCycles};
}

RegisterTile planRegisterTile(int64_t rows, int64_t columns, int64_t lanes,
                              const VectorUnit &unit) {
  return searchTiles(rows, columns, lanes, unit).first;
}

std::optional<ContractionRoles> findRoles(linalg::LinalgOp contraction, bool anyOrder) {
  AffineMap result = contraction.getMatchingIndexingMap(contraction.getDpsInitOperand(0));
  if (result.getNumResults() == 0)
    return std::nullopt;
  ContractionRoles roles;
  roles.column = result.getDimPosition(result.getNumResults() - 1);
  AffineMap withColumns;
  for (OpOperand *operand : contraction.getDpsInputOperands()) {
    AffineMap map = contraction.getMatchingIndexingMap(operand);
    if (contraction.payloadUsesValueFromOperand(operand) &&
        (walkAlong(map, roles.column) == Walk::Row || (anyOrder && positionOf(map, roles.column))))
      withColumns = map;
  }
  if (!withColumns)
    return std::nullopt;
  for (unsigned i = result.getNumResults() - 1; i-- > 0;)
    if (unsigned dim = result.getDimPosition(i); !involves(withColumns, dim))
      roles.rows.push_back(dim);
  return roles;
}

/// Whether every input that has loop `dim` has it innermost, and at least one does.
static bool isInnermost(linalg::LinalgOp op, unsigned dim) {
  bool found = false;
  for (OpOperand *operand : op.getDpsInputOperands()) {
    if (!op.payloadUsesValueFromOperand(operand))
      continue;
    Walk walk = walkAlong(op.getMatchingIndexingMap(operand), dim);
    if (walk == Walk::Scattered)
      return false;
    found |= walk == Walk::Row;
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
    if (op.getIteratorTypesArray()[dim] == utils::IteratorType::reduction && sizes[dim] != 1 &&
        isInnermost(op, dim))
      return dim;
  return column;
}

std::optional<unsigned> findTransposedLoop(linalg::LinalgOp op, OpOperand &operand,
                                           unsigned vectorLoop) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  auto type = dyn_cast<ShapedType>(operand.get().getType());
  if (op.getNumReductionLoops() != 0 || !type || type.getElementType().isInteger(1) ||
      walkAlong(map, vectorLoop) != Walk::Scattered)
    return std::nullopt;
  for (unsigned dim = 0; dim < op.getNumLoops(); ++dim)
    if (dim != vectorLoop && walkAlong(map, dim) == Walk::Row)
      return dim;
  return std::nullopt;
}

/// The square that is transposed in registers, where `root` reads an operand along another loop
/// than it writes by; whether there is one.
static bool planTransposed(linalg::LinalgOp root, unsigned innermost, const VectorUnit &unit,
                           MutableArrayRef<int64_t> tiles) {
  int64_t lanes = unit.lanes(IntegerType::get(root.getContext(), 8));
  for (Type type : root.getBlock()->getArgumentTypes())
    lanes = std::min(lanes, unit.lanes(type));
  for (OpOperand *input : root.getDpsInputOperands()) {
    std::optional<unsigned> other = findTransposedLoop(root, *input, innermost);
    if (!other || tiles[*other] != 1)
      continue;
    for (unsigned dim : {innermost, *other}) {
      int64_t size = loopSizes(root)[dim];
      tiles[dim] = ShapedType::isDynamic(size) ? lanes : std::min(lanes, size);
    }
    return true;
  }
  return false;
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
  if (!innermost || findVectorLoop(root) != innermost.getPosition())
    return tiles;
  if (planTransposed(root, innermost.getPosition(), unit, tiles))
    return tiles;
  int64_t size = sizes[innermost.getPosition()];
  int64_t tile = kVectors * unit.lanes(Float32Type::get(root.getContext()));
  tiles[innermost.getPosition()] = ShapedType::isDynamic(size) ? tile : std::min(tile, size);
  return tiles;
}

/// Whether the operand that is read at `map` can be cut where tiles of `tiles` begin: a slice of it
/// is read at the same map.
static bool canSlice(AffineMap map, ArrayRef<int64_t> tiles) {
  return llvm::all_of(map.getResults(), [&](AffineExpr expr) {
    std::optional<LinearIndex> index = getLinearIndex(expr, map.getNumDims());
    if (!index)
      return false;
    bool isCut = false, isPlain = index->constant == 0;
    for (auto [factor, tile] : llvm::zip_equal(index->factors, tiles)) {
      isCut |= factor != 0 && tile != 0;
      isPlain &= factor >= 0;
    }
    return !isCut || isPlain;
  });
}

/// Rows of a tile by loop, innermost first: more than one loop where the inner ones are short.
static SmallVector<int64_t> planRows(ArrayRef<int64_t> sizes, int64_t innermost, int64_t vectors,
                                     const VectorUnit &unit) {
  SmallVector<int64_t> rows(sizes.size(), 1);
  int64_t budget = (int64_t(unit.registers) - 1 - vectors) / std::max<int64_t>(1, vectors);
  int64_t tile = innermost;
  for (auto [i, size] : llvm::enumerate(sizes)) {
    rows[i] = ShapedType::isDynamic(size) ? tile : std::min(tile, size);
    budget /= std::max<int64_t>(1, rows[i]);
    if (ShapedType::isDynamic(size) || rows[i] != size || budget < 2)
      break;
    // What divides the next loop leaves no remainder, each of which is code of its own.
    tile = budget;
    if (i + 1 < sizes.size() && !ShapedType::isDynamic(sizes[i + 1]))
      while (sizes[i + 1] > tile ? sizes[i + 1] % tile != 0 : false)
        --tile;
  }
  return rows;
}

/// Tiles in vectors along the result's columns by loop of `contraction`.
static SmallVector<int64_t> planRowTiles(linalg::LinalgOp contraction,
                                         const ContractionRoles &roles, const VectorUnit &unit) {
  SmallVector<int64_t> sizes = loopSizes(contraction), tiles(sizes.size(), 0);
  Type element = getElementTypeOrSelf(contraction->getResult(0).getType());
  int64_t lanes = unit.lanes(element);
  RegisterTile tile = planRegisterTile(roles.rows.empty() ? 1 : sizes[roles.rows.front()],
                                       sizes[roles.column], lanes, unit);
  AffineMap result = contraction.getMatchingIndexingMap(contraction.getDpsInitOperand(0));
  for (AffineExpr expr : result.getResults())
    tiles[cast<AffineDimExpr>(expr).getPosition()] = 1;
  tiles[roles.column] = tile.columns;
  auto rowSizes = llvm::map_to_vector(roles.rows, [&](unsigned dim) { return sizes[dim]; });
  for (auto [dim, rows] : llvm::zip(
           roles.rows, planRows(rowSizes, tile.rows, llvm::divideCeil(tile.columns, lanes), unit)))
    tiles[dim] = rows;
  return tiles;
}

/// The loops of a contraction's result by the operands that have them, innermost first.
struct ResultLoops {
  OpOperand *lhs = nullptr, *rhs = nullptr; ///< The right side has the result's innermost loop.
  SmallVector<unsigned> rows, columns, shared;
};

static std::optional<ResultLoops> findResultLoops(linalg::LinalgOp contraction) {
  AffineMap result = contraction.getMatchingIndexingMap(contraction.getDpsInitOperand(0));
  if (result.getNumResults() == 0)
    return std::nullopt;
  ResultLoops loops;
  auto mapOf = [&](OpOperand *operand) { return contraction.getMatchingIndexingMap(operand); };
  for (OpOperand *operand : contraction.getDpsInputOperands()) {
    if (!contraction.payloadUsesValueFromOperand(operand))
      continue;
    bool hasColumns = involves(mapOf(operand), result.getDimPosition(result.getNumResults() - 1));
    (hasColumns && !loops.rhs ? loops.rhs : loops.lhs) = operand;
  }
  if (!loops.lhs || !loops.rhs)
    return std::nullopt;
  for (unsigned i = result.getNumResults(); i-- > 0;) {
    unsigned dim = result.getDimPosition(i);
    bool inLhs = involves(mapOf(loops.lhs), dim), inRhs = involves(mapOf(loops.rhs), dim);
    (inLhs && inRhs ? loops.shared : inLhs ? loops.rows : loops.columns).push_back(dim);
  }
  return loops;
}

/// Tiles of dot products by loop of `contraction`; empty where it isn't computed in such.
static SmallVector<int64_t> planDots(linalg::LinalgOp contraction, const VectorUnit &unit) {
  std::optional<unsigned> along = findVectorLoop(contraction);
  std::optional<ResultLoops> loops = findResultLoops(contraction);
  if (!along || !loops ||
      contraction.getIteratorTypesArray()[*along] != utils::IteratorType::reduction)
    return {};
  SmallVector<int64_t> sizes = loopSizes(contraction), tiles(sizes.size(), 0);
  for (ArrayRef<unsigned> dims : {loops->rows, loops->columns, loops->shared})
    for (unsigned dim : dims)
      tiles[dim] = 1;
  // Where both sides have all loops, no product shares anything with another.
  ArrayRef<unsigned> columns = loops->columns.empty() ? loops->shared : loops->columns;
  RegisterTile tile = planRegisterTile(loops->rows.empty() ? 1 : sizes[loops->rows.front()],
                                       sizes[columns.front()], /*lanes=*/1, unit.forDots());
  // Columns that no rows share come from memory, each a stream of its own.
  constexpr int64_t kStreams = 4;
  tiles[columns.front()] = tile.rows == 1 ? std::min(tile.columns, kStreams) : tile.columns;
  if (!loops->rows.empty())
    tiles[loops->rows.front()] = tile.rows;
  return tiles;
}

bool prefersDots(linalg::LinalgOp contraction, const VectorUnit &unit) {
  // Cycles: to add up a vector, to copy an element so that another loop is innermost, to fetch a
  // byte; the last two from near and from beyond a second cache of 512 KiB.
  constexpr double kAddUp = 8, kCopy[] = {1, 4}, kFetch[] = {0, 0.1};
  constexpr int64_t kSecondCache = 512 << 10;
  std::optional<ResultLoops> loops = findResultLoops(contraction);
  if (!loops || loops->columns.size() != 1 || contraction.getNumReductionLoops() != 1)
    return false;
  SmallVector<unsigned> reduced;
  contraction.getReductionDims(reduced);
  SmallVector<int64_t> sizes = loopSizes(contraction);
  AffineMap lhs = contraction.getMatchingIndexingMap(loops->lhs),
            rhs = contraction.getMatchingIndexingMap(loops->rhs);
  int64_t depth = sizes[reduced.front()], columns = sizes[loops->columns.front()], rows = 1;
  if (!lhs.isProjectedPermutation() || !rhs.isProjectedPermutation() ||
      walkAlong(lhs, reduced.front()) != Walk::Row || ShapedType::isDynamic(depth) ||
      ShapedType::isDynamic(columns))
    return false;
  for (unsigned dim : loops->rows)
    rows *= ShapedType::isDynamic(sizes[dim]) ? kMany : sizes[dim];
  Type element = getElementTypeOrSelf(contraction->getResult(0).getType());
  int64_t lanes = unit.lanes(element), bytes = unit.bits / 8 / lanes;
  bool isFar = columns * depth * bytes > kSecondCache;
  auto copy = [&](unsigned innermost) {
    return walkAlong(rhs, innermost) == Walk::Row ? 0 : double(columns * depth) * kCopy[isFar];
  };
  auto [tile, perVector] = searchTiles(rows, columns, /*lanes=*/1, unit.forDots());
  double dots = perVector * double(llvm::divideCeil(depth, lanes)) +
                double(rows * columns) * kAddUp + copy(reduced.front()) +
                double(llvm::divideCeil(rows, tile.rows) * columns * depth * bytes) * kFetch[isFar];
  double rowsOfColumns =
      searchTiles(rows, columns, lanes, unit).second * double(depth) + copy(loops->columns.front());
  return dots < rowsOfColumns;
}

/// From loops of the contraction to loops of the root, by the tensor between them.
static SmallVector<int64_t> findRootTiles(linalg::LinalgOp root, linalg::LinalgOp contraction,
                                          ArrayRef<int64_t> ofContraction) {
  AffineMap result = contraction.getMatchingIndexingMap(contraction.getDpsInitOperand(0));
  AffineMap read = result;
  for (OpOperand &operand : root->getOpOperands())
    if (contraction != root && operand.get() == contraction->getResult(0))
      read = root.getMatchingIndexingMap(&operand);
  SmallVector<int64_t> tiles(root.getNumLoops(), 0);
  for (auto [i, expr] : llvm::enumerate(result.getResults()))
    tiles[read.getDimPosition(i)] = ofContraction[cast<AffineDimExpr>(expr).getPosition()];
  return tiles;
}

/// Tiles in vectors along the columns of a product whose right side may lie transposed, by loop of
/// `contraction`; empty where it is none, or costs less in dot products.
static SmallVector<int64_t> planColumns(linalg::LinalgOp contraction, const VectorUnit &unit) {
  std::optional<ContractionRoles> roles = findRoles(contraction, /*anyOrder=*/true);
  return roles && !prefersDots(contraction, unit) ? planRowTiles(contraction, *roles, unit)
                                                  : SmallVector<int64_t>();
}

/// The same where it is computed in blocks, which copy the right side as they need it. Else empty.
static SmallVector<int64_t>
planTransposedBlocks(linalg::LinalgOp root, linalg::LinalgOp contraction, const VectorUnit &unit) {
  SmallVector<int64_t> tiles = planColumns(contraction, unit);
  StringRef why;
  bool isBlocked =
      !tiles.empty() &&
      planBlocks(root, contraction, findRootTiles(root, contraction, tiles), unit, why).has_value();
  return isBlocked ? tiles : SmallVector<int64_t>();
}

SmallVector<int64_t> planTiles(linalg::LinalgOp root, linalg::LinalgOp contraction,
                               const VectorUnit &unit) {
  // A loop of no iterations computes nothing.
  if (llvm::is_contained(loopSizes(root), 0) ||
      (contraction && llvm::is_contained(loopSizes(contraction), 0)))
    return {};
  auto areSliced = [](linalg::LinalgOp op, ArrayRef<int64_t> tiles) {
    return llvm::all_of(op.getIndexingMapsArray(),
                        [&](AffineMap map) { return canSlice(map, tiles); });
  };
  SmallVector<int64_t> ofContraction;
  if (contraction) {
    std::optional<ContractionRoles> roles = findRoles(contraction);
    if (!roles) {
      ofContraction = planTransposedBlocks(root, contraction, unit);
      if (ofContraction.empty())
        ofContraction = planDots(contraction, unit);
      if (!ofContraction.empty() && !areSliced(contraction, ofContraction))
        ofContraction.clear();
    } else {
      ofContraction = planRowTiles(contraction, *roles, unit);
      if (!areSliced(contraction, ofContraction))
        return {};
    }
  }
  SmallVector<int64_t> tiles = ofContraction.empty()
                                   ? planElementwise(root, unit)
                                   : findRootTiles(root, contraction, ofContraction);
  return !tiles.empty() && areSliced(root, tiles) ? tiles : SmallVector<int64_t>();
}

/// The operands of a product of matrices, rows times columns; none where `op` is anything else.
static std::optional<BlockPlan> matchProduct(linalg::LinalgOp op) {
  AffineMap result = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  std::optional<ContractionRoles> roles = findRoles(op, isa<linalg::GenericOp>(op));
  if (!roles || roles->rows.size() != 1 || op.getNumLoops() != 3 || result.getNumResults() != 2 ||
      op.getNumDpsInputs() != 2 || !op.getDpsInits().front().getDefiningOp<linalg::FillOp>())
    return std::nullopt;
  BlockPlan plan{};
  plan.row = roles->rows.front();
  plan.column = roles->column;
  plan.reduced = 3 - plan.row - plan.column;
  for (OpOperand *operand : op.getDpsInputOperands()) {
    AffineMap map = op.getMatchingIndexingMap(operand);
    if (!map.isProjectedPermutation() || map.getNumResults() != 2 || !involves(map, plan.reduced))
      return std::nullopt;
    (involves(map, plan.row) ? plan.lhs : plan.rhs) = operand;
  }
  if (!plan.lhs || !plan.rhs)
    return std::nullopt;
  plan.isTransposed = op.getMatchingIndexingMap(plan.rhs).getDimPosition(0) == plan.column;
  plan.rhsSource = plan.rhs->get();
  return plan;
}

/// `size` in as few equal parts of at most `most` as possible, each a multiple of `unit`.
static int64_t divideEvenly(int64_t size, int64_t most, int64_t unit) {
  int64_t parts = llvm::divideCeil(size, std::max<int64_t>(1, most));
  return llvm::alignTo(llvm::divideCeil(size, parts), unit);
}

std::optional<BlockPlan> planBlocks(linalg::LinalgOp root, linalg::LinalgOp contraction,
                                    ArrayRef<int64_t> tiles, const VectorUnit &unit,
                                    StringRef &why) {
  constexpr int64_t kFirstCache = 32 << 10, kPanel = 32 << 10, kPanels = 128 << 10,
                    kSums = 128 << 10;
  constexpr int64_t kLeastUses = 8, kLeastDepth = 64, kLargeDepth = 512;
  std::optional<BlockPlan> plan = contraction ? matchProduct(contraction) : std::nullopt;
  why = "it is not one whole product of two matrices";
  if (!plan || root.getNumLoops() != (root == contraction ? 3u : 2u) ||
      (root != contraction && findFusedContractions(root).size() != 1))
    return std::nullopt;
  for (auto [result, init] : llvm::zip_equal(root->getResults(), root.getDpsInitsMutable()))
    if (!result.use_empty() && root.getMatchingIndexingMap(&init).getNumResults() != 2)
      return std::nullopt;
  if (plan->isTransposed) {
    why = "it is computed in dot products";
    SmallVector<int64_t> along = planColumns(contraction, unit);
    if (along.empty() || ArrayRef(findRootTiles(root, contraction, along)) != tiles)
      return std::nullopt;
  }
  SmallVector<int64_t> sizes = loopSizes(contraction);
  int64_t rows = sizes[plan->row], columns = sizes[plan->column], depth = sizes[plan->reduced];
  why = "rows or columns are known only when it runs";
  if (ShapedType::isDynamic(rows) || ShapedType::isDynamic(columns))
    return std::nullopt;
  plan->tileRows = tiles[root == contraction ? plan->row : 0];
  plan->tileColumns = tiles[root == contraction ? plan->column : 1];

  auto bytesOf = [](Value value) {
    return std::max<int64_t>(1, getElementTypeOrSelf(value.getType()).getIntOrFloatBitWidth() / 8);
  };
  int64_t bytes = bytesOf(plan->rhs->get());
  bool isDynamic = ShapedType::isDynamic(depth);
  int64_t known = isDynamic ? kLargeDepth : depth;
  why = "its right side fits the first cache";
  if (known * columns * bytes <= kFirstCache)
    return std::nullopt;
  why = "too few rows use what would be copied";
  if (rows < kLeastUses * plan->tileRows)
    return std::nullopt;
  why = "it has few columns, or sums of few products";
  if (columns < 2 * plan->tileColumns || known < kLeastDepth)
    return std::nullopt;

  int64_t width = plan->tileColumns * bytes;
  int64_t deepest = std::max<int64_t>(kLeastDepth, kPanel / width);
  plan->depth = isDynamic ? deepest : divideEvenly(depth, deepest, 1);
  plan->columns = divideEvenly(columns, kPanels / (plan->depth * bytes), plan->tileColumns);
  int64_t sum = bytesOf(contraction->getResult(0));
  plan->rows = divideEvenly(rows, kSums / (plan->columns * sum), plan->tileRows);
  plan->padding = unit.lanes(getElementTypeOrSelf(plan->lhs->get().getType()));
  plan->leastWork = uint64_t(rows) * uint64_t(columns) * uint64_t(isDynamic ? kLeastDepth : depth);
  return plan;
}

uint64_t countFlops(linalg::LinalgOp op) {
  uint64_t count = 0;
  for (Operation &inner : op.getBlock()->without_terminator())
    count += inner.getNumResults() == 1 && isa<FloatType>(inner.getResult(0).getType());
  return count;
}

uint64_t countWork(linalg::LinalgOp op) {
  uint64_t bytes = 0;
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = dyn_cast<ShapedType>(operand.get().getType());
    AffineMap map = op.getMatchingIndexingMap(&operand);
    auto isRunOver = [&](unsigned dim) { return involves(map, dim); };
    // A result is written; what only says how large it is isn't read.
    bool isMoved = op.isDpsInit(&operand) || op.payloadUsesValueFromOperand(&operand);
    if (type && isMoved && llvm::all_of(llvm::seq(op.getNumLoops()), isRunOver))
      bytes +=
          type.getElementType().isIndex() ? 8 : llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  }
  return countFlops(op) + uint64_t{kFlopsOfByte} * bytes;
}

} // namespace nnc::codegen
