// How the threads of blocks reduce; see the header.
#include "compiler/codegen/gpu/ReductionPlan.h"
#include "compiler/codegen/gpu/Gpu.h"

#include "mlir/IR/BuiltinTypeInterfaces.h"
#include "llvm/ADT/StringExtras.h"

namespace nnc::codegen {

using namespace mlir;

/// What a size that isn't known is taken for.
static constexpr int64_t kGuess = 256;
/// Fewer elements are one thread's.
static constexpr int64_t kLeastDepth = 64;
/// As many threads keep a GPU busy, where neighbours read what lies side by side.
static constexpr int64_t kEnoughResults = 1 << 14;
/// More elements are a block's rather than a warp's, or an eighth of a block's, as long as results
/// are few.
static constexpr int64_t kBlockDepth = 1024, kFewResults = 1024;
/// Elements of a thread that are worth a second round; blocks that fill the multiprocessors.
static constexpr int64_t kThreadDepth = 16, kMostBlocks = 512, kMostChunks = 64;
/// Results whose elements of 4 bytes are what memory hands out at once.
static constexpr int64_t kLeastColumns = 8;
static constexpr int64_t kWarp = 32;

static int64_t guess(int64_t size) { return ShapedType::isDynamic(size) ? kGuess : size; }

static ReductionPlan fill(ReductionOrder order, int64_t parts) {
  return {order, kBlockThreads / parts, parts};
}

std::optional<ReductionPlan> planReduction(int64_t results, ArrayRef<int64_t> depths,
                                           ReductionOrder order) {
  int64_t depth = 1, count = guess(results);
  for (int64_t size : depths)
    depth *= guess(size);
  if (depth < kLeastDepth || (order == ReductionOrder::Results && count >= kEnoughResults))
    return std::nullopt;
  bool isLong = depth >= kBlockDepth && count <= kFewResults;
  ReductionPlan plan = fill(order, isLong ? kBlockThreads : kWarp);
  if (order == ReductionOrder::Results) {
    int64_t columns = isLong ? kLeastColumns : kWarp;
    while (columns > kLeastColumns && columns / 2 >= count)
      columns /= 2;
    plan = fill(order, kBlockThreads / columns);
  }
  if (ShapedType::isDynamic(results))
    return plan;
  int64_t blocks = std::max<int64_t>(1, llvm::divideCeil(count, plan.results));
  int64_t worth = std::min({depth / plan.parts / kThreadDepth, kMostBlocks / blocks, kMostChunks});
  while (plan.chunks * 2 <= worth)
    plan.chunks *= 2;
  if (plan.chunks < 4)
    plan.chunks = 1;
  return plan;
}

ReductionPlan planChunks(int64_t results) {
  return results == 1 ? fill(ReductionOrder::Elements, kWarp)
                      : fill(ReductionOrder::Results, kBlockThreads / kWarp);
}

std::optional<ReductionPlan> parseReductionPlan(StringRef text) {
  ReductionPlan plan;
  auto [kind, numbers] = text.split(':');
  auto [parts, chunks] = numbers.split(':');
  if (kind != "elements" && kind != "results")
    return std::nullopt;
  plan.order = kind == "elements" ? ReductionOrder::Elements : ReductionOrder::Results;
  if (parts.getAsInteger(10, plan.parts) || chunks.getAsInteger(10, plan.chunks))
    return std::nullopt;
  bool isKnown = plan.parts >= 1 && plan.parts <= kBlockThreads &&
                 llvm::isPowerOf2_64(uint64_t(plan.parts)) && plan.chunks >= 1;
  plan.results = isKnown ? kBlockThreads / plan.parts : 0;
  return isKnown ? std::optional(plan) : std::nullopt;
}

} // namespace nnc::codegen
