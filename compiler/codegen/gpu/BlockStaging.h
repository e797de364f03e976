// Copies parts of a product's operands to a block's shared memory.
#ifndef NNC_COMPILER_CODEGEN_GPU_BLOCKSTAGING_H
#define NNC_COMPILER_CODEGEN_GPU_BLOCKSTAGING_H

#include "compiler/codegen/gpu/BlockPlan.h"
#include "compiler/codegen/gpu/IndexMath.h"
#include "compiler/codegen/gpu/TaskContraction.h"

namespace nnc::codegen {

/// Whether the elements of `operand` lie in memory along the last reduced loop, of
/// `numTaskLoops` + `numDepths` loops, rather than along another one.
bool liesAlongDepth(const TaskOperand &operand, unsigned numTaskLoops, unsigned numDepths);

/// Where a block is among the products: the values that all of its copies share.
struct BlockPlace {
  /// Of the tasks' loops, those of the batch are set.
  mlir::SmallVector<mlir::Value> loops;
  mlir::Value thread;
};

/// One operand's way to shared memory.
class BlockStaging {
public:
  /// `extentLoops` are the loops of the tasks that are the operand's rows (or columns), of sizes
  /// `extents`, of which a block has `blockExtent`. Its parts begin at `begin` elements into
  /// `shared`, `stride` elements from one stage to the next.
  BlockStaging(const TaskOperand &operand, mlir::ArrayRef<unsigned> extentLoops,
               mlir::ArrayRef<mlir::OpFoldResult> extents,
               mlir::ArrayRef<mlir::OpFoldResult> depths, unsigned numTaskLoops,
               const BlockPlan &plan, int64_t blockExtent, mlir::Value shared, int64_t begin,
               int64_t stride);

  /// Emits, once before the steps, what they share. `first` is the block's first row (or column).
  void prepare(mlir::OpBuilder &builder, mlir::Location loc, const BlockPlace &place,
               mlir::Value first);
  /// Emits the copies of the step that begins at `depth` to stage `number`.
  void copy(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value depth, mlir::Value number);

  bool isAlongDepth() const { return alongDepth; }
  /// The `count` elements of `stage` from (extent, depth) on, along whichever lies innermost.
  mlir::Value load(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value stage,
                   mlir::Value extent, mlir::Value depth, int64_t count) const;

private:
  int64_t findWidth() const;
  void copyBy(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value depth, mlir::Value stage,
              int64_t width);
  void copyPiece(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value depth, mlir::Value stage,
                 mlir::Value piece, int64_t width);

  const TaskOperand &operand;
  mlir::SmallVector<unsigned> extentLoops;
  mlir::SmallVector<mlir::OpFoldResult> extents, depths;
  unsigned numTaskLoops;
  const BlockPlan &plan;
  int64_t blockExtent;
  mlir::Value shared;
  int64_t begin, stride;
  bool alongDepth;
  int64_t pitch;
  /// Elements of a copy where the buffer begins at a multiple of 16 bytes.
  int64_t width;
  // From prepare().
  BlockPlace place;
  mlir::Value first, isAligned, extentSize, depthSize;
};

} // namespace nnc::codegen

#endif
