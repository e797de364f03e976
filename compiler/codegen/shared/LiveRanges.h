// When buffers are in use, in terms of the operations of a block.
#ifndef NNC_COMPILER_CODEGEN_SHARED_LIVERANGES_H
#define NNC_COMPILER_CODEGEN_SHARED_LIVERANGES_H

#include "mlir/IR/Block.h"
#include "mlir/IR/Operation.h"

namespace nnc::codegen {

/// The first and last operation that use a buffer, by number in their block.
struct LiveRange {
  unsigned first = ~0u;
  unsigned last = 0;

  bool overlaps(const LiveRange &other) const { return first <= other.last && other.first <= last; }
};

/// Live ranges of buffers used in one block and the regions within. An operation that holds a
/// region counts as one: what is used anywhere in a loop is in use in all of it.
class LiveRanges {
public:
  explicit LiveRanges(mlir::Block &block);

  /// The range of `buffer` and everything that may alias it: views, and values that loops and
  /// branches carry on.
  LiveRange of(mlir::Value buffer) const;

private:
  mlir::Block &block;
  mlir::DenseMap<mlir::Operation *, unsigned> numbers;
};

} // namespace nnc::codegen

#endif
