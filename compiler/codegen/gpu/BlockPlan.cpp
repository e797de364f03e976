// How a block computes a part of a matrix product; see the header.
#include "compiler/codegen/gpu/BlockPlan.h"
#include "compiler/codegen/gpu/Gpu.h"

#include "mlir/IR/BuiltinTypeInterfaces.h"
#include "llvm/Support/MathExtras.h"

namespace nnc::codegen {

int64_t BlockPlan::groupThreads() const { return kBlockThreads / groups; }

int64_t linePitch(int64_t length, bool isAlongDepth, Precision precision) {
  // Along the reduced loop eight lines are read at once, each at the same place. Across it, four
  // lines are read at eight places by the fragments of a tensor core, one at many by a thread.
  return length + (isAlongDepth || precision == Precision::F32 ? 4 : 8);
}

int64_t stepElements(const BlockPlan &plan, int64_t extent, bool isAlongDepth) {
  return isAlongDepth ? extent * linePitch(plan.depth, true, plan.precision)
                      : plan.depth * linePitch(extent, false, plan.precision);
}

int64_t partialElements(const BlockPlan &plan, int64_t products) {
  return products * plan.groups * plan.rows * plan.columns;
}

namespace {

/// A dynamic size, in the cost of a plan.
constexpr int64_t kTypicalSize = 256;
/// Multiply-adds from which on a block is worth its copies and barriers.
constexpr int64_t kLeastProducts = 1 << 13;
/// Multiprocessors of an H100.
constexpr int64_t kMultiprocessors = 132;
/// Cycles from a copy's begin to what it brought, a barrier included.
constexpr double kStepLatency = 400;
/// Cycles for the results of 256 elements.
constexpr double kResultCycles = 60;

class Planner {
public:
  Planner(ProductSizes sizes, OperandOrders orders, Precision precision)
      : sizes(sizes), orders(orders), precision(precision) {}

  std::optional<BlockPlan> run() {
    if (sizes.batch * sizes.rows * sizes.columns * sizes.depth < kLeastProducts)
      return std::nullopt;
    if (precision == Precision::F32)
      tryThreadTiles();
    else
      tryWarpTiles();
    return best;
  }

private:
  void tryThreadTiles() {
    for (int64_t rows = 128; rows >= 8; rows /= 2)
      for (int64_t columns = 128; columns >= 8; columns /= 2)
        for (int64_t threadRows : {8, 4, 2, 1})
          for (int64_t threadColumns : {8, 4, 2, 1}) {
            int64_t threads = (rows / threadRows) * (columns / threadColumns);
            if (threads < 32 || threads > kBlockThreads)
              continue;
            for (int64_t groupDepth : {16, 8}) {
              int64_t groups = kBlockThreads / threads;
              consider({rows, columns, groups * groupDepth, threadRows, threadColumns, groups, 3,
                        precision});
            }
          }
  }

  /// Tiles of warps, in 16 rows and 8 columns.
  void tryWarpTiles() {
    for (int64_t rows = 128; rows >= 16; rows /= 2)
      for (int64_t columns = 128; columns >= 16; columns /= 2)
        for (int64_t warpRows : {64, 32, 16})
          for (int64_t warpColumns : {32, 16, 8}) {
            if (warpRows > rows || warpColumns > columns)
              continue;
            int64_t threads = (rows / warpRows) * (columns / warpColumns) * 32;
            if (threads > kBlockThreads)
              continue;
            int64_t groups = kBlockThreads / threads;
            consider({rows, columns, groups * 16, warpRows, warpColumns, groups, 3, precision});
          }
  }

  void consider(BlockPlan plan) {
    int64_t step = stepElements(plan, plan.rows, orders.isLhsAlongDepth) +
                   stepElements(plan, plan.columns, orders.isRhsAlongDepth);
    int64_t steps = llvm::divideCeil(sizes.depth, plan.depth);
    plan.stages = std::min<int64_t>(plan.stages, steps + 1);
    while (plan.stages > 2 && plan.stages * step * 4 > kSharedBytes)
      --plan.stages;
    if (plan.stages * step * 4 > kSharedBytes ||
        (plan.groups > 1 && partialElements(plan, sizes.products) * 4 > kSharedBytes))
      return;
    if (plan.threadRows * plan.threadColumns * sizes.products > 64 * warpFactor())
      return;
    double cost = costOf(plan, steps);
    if (best && cost >= bestCost)
      return;
    best = plan;
    bestCost = cost;
  }

  /// A warp's tile is shared by its threads.
  int64_t warpFactor() const { return precision == Precision::F32 ? 1 : 32; }

  /// Cycles of all steps of a block, if nothing has to be waited for.
  double throughputOf(const BlockPlan &plan) const {
    double multiply, load;
    if (precision == Precision::F32) {
      multiply = plan.threadRows * plan.threadColumns * 2.0;
      load = 16.0 * (llvm::divideCeil(plan.threadRows, 4) + llvm::divideCeil(plan.threadColumns, 4));
    } else {
      // A fragment's loads are of single elements: one cycle for 32 of them.
      multiply = plan.threadRows * plan.threadColumns / (precision == Precision::Tf32 ? 64.0 : 128.0);
      load = (plan.threadRows + plan.threadColumns) * 8 / 32.0 * 1.5;
    }
    double perElement = std::max(multiply, load) + 0.25 * std::min(multiply, load);
    double copies = (plan.rows + plan.columns) * plan.depth / 4.0 / 128;
    return perElement * static_cast<double>(plan.groupDepth()) + copies * 8 + 20;
  }

  double costOf(const BlockPlan &plan, int64_t steps) const {
    int64_t blocks = sizes.batch * llvm::divideCeil(sizes.rows, plan.rows) *
                     llvm::divideCeil(sizes.columns, plan.columns);
    double step = throughputOf(plan);
    double results = static_cast<double>(plan.rows * plan.columns) / kBlockThreads *
                     (kResultCycles + 8.0 * static_cast<double>(plan.groups - 1));
    double latency = steps * std::max(step, kStepLatency / static_cast<double>(plan.stages - 1)) +
                     kStepLatency + results;
    double throughput = steps * step + results;
    auto rounds = static_cast<double>(llvm::divideCeil(blocks, kMultiprocessors));
    return std::max(latency, rounds * throughput) + 0.001 * rounds;
  }

  ProductSizes sizes;
  OperandOrders orders;
  Precision precision;
  std::optional<BlockPlan> best;
  double bestCost = 0;
};

} // namespace

std::optional<BlockPlan> planBlock(const ProductSizes &sizes, OperandOrders orders,
                                   Precision precision) {
  auto guess = [](int64_t size) {
    return mlir::ShapedType::isDynamic(size) ? kTypicalSize : size;
  };
  return Planner({guess(sizes.batch), guess(sizes.rows), guess(sizes.columns), guess(sizes.depth),
                  sizes.products},
                 orders, precision)
      .run();
}

} // namespace nnc::codegen
