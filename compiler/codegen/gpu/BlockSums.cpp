// The sums that the threads of a block keep in registers; see the header.
#include "compiler/codegen/gpu/BlockSums.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace nnc::codegen {

using namespace mlir;

namespace {

/// A thread's sums by fused multiply-adds, in rows of vectors of up to four.
class ThreadSums final : public BlockSums {
public:
  ThreadSums(const BlockPlan &plan, const BlockStaging &lhs, const BlockStaging &rhs)
      : BlockSums(plan, lhs, rhs),
        // Neighbours are multiplied in pairs where they come as such from memory.
        lanes(rhs.isAlongDepth() ? 1 : std::min<int64_t>(4, plan.threadColumns)) {}

  void prepare(OpBuilder &builder, Location loc, Value thread) override {
    IndexMath math(builder, loc);
    int64_t across = plan.columns / plan.threadColumns;
    group = math.div(thread, plan.groupThreads());
    Value inGroup = math.rem(thread, plan.groupThreads());
    place(math, math.div(inGroup, across), plan.rows / plan.threadRows, plan.threadRows, lhs, rows);
    place(math, math.rem(inGroup, across), across, plan.threadColumns, rhs, columns);
    firstDepth = math.mul(group, plan.groupDepth());
  }

  SmallVector<Value> start(OpBuilder &builder, Location loc) override {
    auto type = VectorType::get(lanes, builder.getF32Type());
    Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
    return SmallVector<Value>(plan.threadRows * plan.threadColumns / lanes, zero);
  }

  SmallVector<Value> step(OpBuilder &builder, Location loc, Value stage,
                          ValueRange before) override {
    IndexMath math(builder, loc);
    SmallVector<Value> sums(before);
    int64_t vectors = plan.threadColumns / lanes;
    auto type = VectorType::get(lanes, builder.getF32Type());
    for (int64_t depth = 0; depth < plan.groupDepth(); depth += kUnrolled) {
      Value at = math.add(firstDepth, depth);
      // [which of the depths][row or column]
      auto left = loadAll(builder, loc, lhs, stage, rows, at);
      auto right = loadAll(builder, loc, rhs, stage, columns, at);
      for (int64_t k = 0; k < kUnrolled; ++k)
        for (int64_t vector = 0; vector < vectors; ++vector) {
          auto factors = ArrayRef(right[k]).slice(vector * lanes, lanes);
          Value row = vector::FromElementsOp::create(builder, loc, type, factors);
          for (int64_t i = 0; i < plan.threadRows; ++i) {
            Value factor = vector::BroadcastOp::create(builder, loc, type, left[k][i]);
            Value &sum = sums[i * vectors + vector];
            sum = math::FmaOp::create(builder, loc, factor, row, sum);
          }
        }
    }
    return sums;
  }

  Value get(OpBuilder &builder, Location loc, ValueRange sums, unsigned row,
            unsigned column) override {
    Value vector = sums[(row * plan.threadColumns + column) / lanes];
    return vector::ExtractOp::create(builder, loc, vector, column % lanes);
  }

private:
  /// The depths whose factors are loaded together: those of a vector along them.
  static constexpr int64_t kUnrolled = 4;

  /// Elements that a thread loads at once, of an operand that doesn't lie along the reduced loop.
  static int64_t chunkOf(int64_t count, const BlockStaging &operand) {
    return operand.isAlongDepth() ? 1 : std::min<int64_t>(4, count);
  }

  /// Chunks of neighbouring threads are neighbours.
  static void place(IndexMath &math, Value thread, int64_t threads, int64_t count,
                    const BlockStaging &operand, SmallVector<Value> &places) {
    int64_t chunk = chunkOf(count, operand);
    Value first = math.mul(thread, chunk);
    for (int64_t i = 0; i < count; ++i)
      places.push_back(math.add(first, i / chunk * threads * chunk + i % chunk));
  }

  static std::vector<SmallVector<Value>> loadAll(OpBuilder &builder, Location loc,
                                                 const BlockStaging &operand, Value stage,
                                                 ArrayRef<Value> places, Value depth) {
    IndexMath math(builder, loc);
    std::vector<SmallVector<Value>> factors(kUnrolled);
    auto take = [&](Value vector, int64_t lane) -> Value {
      return vector::ExtractOp::create(builder, loc, vector, lane);
    };
    if (operand.isAlongDepth()) {
      for (Value place : places) {
        Value line = operand.load(builder, loc, stage, place, depth, kUnrolled);
        for (int64_t k = 0; k < kUnrolled; ++k)
          factors[k].push_back(take(line, k));
      }
      return factors;
    }
    int64_t chunk = chunkOf(places.size(), operand);
    for (int64_t k = 0; k < kUnrolled; ++k)
      for (size_t i = 0; i < places.size(); i += chunk) {
        Value line = operand.load(builder, loc, stage, places[i], math.add(depth, k), chunk);
        for (int64_t lane = 0; lane < chunk; ++lane)
          factors[k].push_back(take(line, lane));
      }
    return factors;
  }

  int64_t lanes;
  Value firstDepth;
};

/// A warp's sums in tensor cores, in fragments of 16 rows and 8 columns.
class WarpSums final : public BlockSums {
public:
  using BlockSums::BlockSums;
  WarpSums(const BlockPlan &plan, const BlockStaging &lhs, const BlockStaging &rhs)
      : BlockSums(plan, lhs, rhs) {}

  void prepare(OpBuilder &builder, Location loc, Value thread) override {
    IndexMath math(builder, loc);
    int64_t across = plan.columns / plan.threadColumns;
    Value warp = math.div(thread, 32), lane = math.rem(thread, 32);
    group = math.div(thread, plan.groupThreads());
    Value inGroup = math.rem(warp, plan.groupThreads() / 32);
    quad = math.div(lane, 4);
    inQuad = math.rem(lane, 4);
    firstDepth = math.mul(group, plan.groupDepth());
    firstRow = math.add(math.mul(math.div(inGroup, across), plan.threadRows), quad);
    firstColumn = math.mul(math.rem(inGroup, across), plan.threadColumns);
    for (int64_t row = 0; row < plan.threadRows; row += 8)
      rows.push_back(math.add(firstRow, row));
    Value pair = math.add(firstColumn, math.mul(inQuad, 2));
    for (int64_t column = 0; column < plan.threadColumns; column += 8)
      for (int64_t i : {0, 1})
        columns.push_back(math.add(pair, column + i));
    firstColumn = math.add(firstColumn, quad);
  }

  SmallVector<Value> start(OpBuilder &builder, Location loc) override {
    Value zero = arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(0));
    return SmallVector<Value>(plan.threadRows * plan.threadColumns / 32, zero);
  }

  SmallVector<Value> step(OpBuilder &builder, Location loc, Value stage,
                          ValueRange before) override {
    SmallVector<Value> sums(before);
    IndexMath math(builder, loc);
    int64_t deep = plan.precision == Precision::Tf32 ? 8 : 16;
    for (int64_t depth = 0; depth < plan.groupDepth(); depth += deep) {
      Value at = math.add(firstDepth, depth);
      SmallVector<SmallVector<Value>> left, right;
      for (int64_t row = 0; row < plan.threadRows; row += 16) {
        // By halves of the depth, then of the rows.
        SmallVector<Value> words;
        for (int64_t half : {0, 1})
          for (int64_t upper : {0, 8})
            words.push_back(loadWord(builder, loc, lhs, stage, math.add(firstRow, row + upper), at,
                                     half * deep / 2));
        left.push_back(words);
      }
      for (int64_t column = 0; column < plan.threadColumns; column += 8) {
        SmallVector<Value> words;
        for (int64_t half : {0, 1})
          words.push_back(loadWord(builder, loc, rhs, stage, math.add(firstColumn, column), at,
                                   half * deep / 2));
        right.push_back(words);
      }
      for (auto [i, a] : llvm::enumerate(left))
        for (auto [j, b] : llvm::enumerate(right))
          multiply(builder, loc, a, b,
                   MutableArrayRef(sums).slice((i * right.size() + j) * 4, 4), deep);
    }
    return sums;
  }

  Value get(OpBuilder &, Location, ValueRange sums, unsigned row, unsigned column) override {
    unsigned fragment = row / 2 * (plan.threadColumns / 8) + column / 2;
    return sums[fragment * 4 + row % 2 * 2 + column % 2];
  }

private:
  /// One register of a fragment: what the lane has of a row or column, from `depth` + `offset` on.
  Value loadWord(OpBuilder &builder, Location loc, const BlockStaging &operand, Value stage,
                 Value extent, Value depth, int64_t offset) {
    IndexMath math(builder, loc);
    auto load = [&](Value at) -> Value {
      Value one = operand.load(builder, loc, stage, extent, at, 1);
      return vector::ExtractOp::create(builder, loc, one, 0);
    };
    Type word = builder.getI32Type();
    if (plan.precision == Precision::Tf32)
      return NVVM::ConvertFloatToTF32Op::create(
          builder, loc, word, load(math.add(math.add(depth, offset), inQuad)),
          NVVM::FPRoundingModeAttr::get(builder.getContext(), NVVM::FPRoundingMode::RNA));
    Value at = math.add(math.add(depth, offset), math.mul(inQuad, 2));
    Value low, high;
    if (operand.isAlongDepth()) {
      Value pair = operand.load(builder, loc, stage, extent, at, 2);
      low = vector::ExtractOp::create(builder, loc, pair, 0);
      high = vector::ExtractOp::create(builder, loc, pair, 1);
    } else {
      low = load(at);
      high = load(math.add(at, 1));
    }
    auto type = VectorType::get(2, builder.getBF16Type());
    Value both = NVVM::ConvertF32x2ToBF16x2Op::create(
        builder, loc, type, high, low, /*random_bits=*/Value(),
        NVVM::FPRoundingModeAttr::get(builder.getContext(), NVVM::FPRoundingMode::RN));
    return LLVM::BitcastOp::create(builder, loc, word, both);
  }

  void multiply(OpBuilder &builder, Location loc, ArrayRef<Value> a, ArrayRef<Value> b,
                MutableArrayRef<Value> sums, int64_t deep) {
    Type f32 = builder.getF32Type();
    auto type = LLVM::LLVMStructType::getLiteral(builder.getContext(), {f32, f32, f32, f32});
    auto kind = plan.precision == Precision::Tf32 ? NVVM::MMATypes::tf32 : NVVM::MMATypes::bf16;
    Value result = NVVM::MmaOp::create(
        builder, loc, type, a, b, SmallVector<Value>(sums), ArrayRef<int64_t>{16, 8, deep},
        /*b1Op=*/std::nullopt, /*intOverflow=*/std::nullopt,
        std::array<NVVM::MMATypes, 2>{kind, kind},
        std::array<NVVM::MMALayout, 2>{NVVM::MMALayout::row, NVVM::MMALayout::col});
    for (auto [i, sum] : llvm::enumerate(sums))
      sum = LLVM::ExtractValueOp::create(builder, loc, result, i);
  }

  Value quad, inQuad, firstDepth, firstRow, firstColumn;
};

} // namespace

std::unique_ptr<BlockSums> createBlockSums(const BlockPlan &plan, const BlockStaging &lhs,
                                           const BlockStaging &rhs) {
  if (plan.precision == Precision::F32)
    return std::make_unique<ThreadSums>(plan, lhs, rhs);
  return std::make_unique<WarpSums>(plan, lhs, rhs);
}

} // namespace nnc::codegen
