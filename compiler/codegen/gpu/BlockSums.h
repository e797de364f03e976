// The sums that the threads of a block keep in registers.
#ifndef NNC_COMPILER_CODEGEN_GPU_BLOCKSUMS_H
#define NNC_COMPILER_CODEGEN_GPU_BLOCKSUMS_H

#include "compiler/codegen/gpu/BlockStaging.h"

#include <memory>

namespace nnc::codegen {

/// A thread's part of a block's sums: those at the crossings of some rows and columns.
class BlockSums {
public:
  virtual ~BlockSums() = default;

  /// Emits, once for a block, where the thread's sums are.
  virtual void prepare(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value thread) = 0;
  /// Zeros. The operands' ways to shared memory are asked for until the last step is emitted.
  virtual mlir::SmallVector<mlir::Value> start(mlir::OpBuilder &builder, mlir::Location loc) = 0;
  /// `sums` with the products of the step that lies in `stage`.
  virtual mlir::SmallVector<mlir::Value> step(mlir::OpBuilder &builder, mlir::Location loc,
                                              mlir::Value stage, mlir::ValueRange sums) = 0;

  /// The thread's rows and columns, within the block's.
  mlir::ArrayRef<mlir::Value> getRows() const { return rows; }
  mlir::ArrayRef<mlir::Value> getColumns() const { return columns; }
  /// The sum at one of each.
  virtual mlir::Value get(mlir::OpBuilder &builder, mlir::Location loc, mlir::ValueRange sums,
                          unsigned row, unsigned column) = 0;
  /// The thread's group.
  mlir::Value getGroup() const { return group; }

protected:
  BlockSums(const BlockPlan &plan, const BlockStaging &lhs, const BlockStaging &rhs)
      : plan(plan), lhs(lhs), rhs(rhs) {}

  const BlockPlan &plan;
  const BlockStaging &lhs, &rhs;
  mlir::SmallVector<mlir::Value> rows, columns;
  mlir::Value group;
};

/// Sums by fused multiply-adds, or by tensor cores, as the plan's precision has it.
std::unique_ptr<BlockSums> createBlockSums(const BlockPlan &plan, const BlockStaging &lhs,
                                           const BlockStaging &rhs);

} // namespace nnc::codegen

#endif
