// How a block of threads computes a part of a matrix product.
//
// A block computes `rows` x `columns` sums. It takes the reduced loop in steps of `depth`: both
// operands' parts are copied to shared memory, while those of the step before are multiplied. Its
// threads form `groups`, each of which multiplies its own part of every step; the groups' sums are
// added in the end, in their order. A thread of a group has `threadRows` x `threadColumns` sums in
// registers.
//
// The cost of a block is that of its multiply-adds (128 a cycle and multiprocessor), or of the loads
// from shared memory that feed them (a vector of four for a warp takes two cycles) where that is
// more, and a quarter of the other; a step that is shorter than the latency of its copies takes
// that. Blocks are spread over the multiprocessors of an H100. The plan is the cheapest: it depends
// on nothing but sizes, and so does the order of sums.
#ifndef NNC_COMPILER_CODEGEN_GPU_BLOCKPLAN_H
#define NNC_COMPILER_CODEGEN_GPU_BLOCKPLAN_H

#include "compiler/codegen/Target.h"

#include <cstdint>
#include <optional>

namespace nnc::codegen {

/// Sizes of products of matrices; a dynamic one is taken for 256.
struct ProductSizes {
  int64_t batch, rows, columns, depth;
  /// How many products of these sizes are computed together.
  int64_t products = 1;
};

struct BlockPlan {
  int64_t rows, columns, depth;
  int64_t threadRows, threadColumns;
  int64_t groups;
  /// How many steps are in shared memory at once.
  int64_t stages;
  Precision precision = Precision::F32;

  int64_t groupThreads() const;
  /// The part of a step that a group multiplies.
  int64_t groupDepth() const { return depth / groups; }
};

/// Bytes of shared memory that a block may have without asking the driver for more.
inline constexpr int64_t kSharedBytes = 48 << 10;

/// The elements of f32 between lines of an operand in shared memory: lines begin at multiples of 16
/// bytes, and what a warp reads at once lies in different banks.
int64_t linePitch(int64_t length, bool isAlongDepth, Precision precision);

/// How the operands' parts lie in shared memory: with the reduced loop innermost or not.
struct OperandOrders {
  bool isLhsAlongDepth, isRhsAlongDepth;
};
/// Elements of f32 that one step of an operand with `extent` rows or columns takes there.
int64_t stepElements(const BlockPlan &plan, int64_t extent, bool isAlongDepth);

/// Elements of f32 that the sums of all groups take.
int64_t partialElements(const BlockPlan &plan, int64_t products);

/// None where the products are too few to be worth a block.
std::optional<BlockPlan> planBlock(const ProductSizes &sizes, OperandOrders orders,
                                   Precision precision);

} // namespace nnc::codegen

#endif
