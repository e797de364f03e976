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

/// Live ranges of the buffers of a function. Operations are numbered in program order; one that
/// holds regions spans those within. What is allocated in a loop and stays there lives from its
/// first to its last use in one iteration; what comes from outside, or is carried on, is in use in
/// all of the loop.
class LiveRanges {
public:
  explicit LiveRanges(mlir::Region &body);

  /// The range of `buffer` and everything that may alias it: views, and values that loops and
  /// branches carry on.
  LiveRange of(mlir::Value buffer) const;

private:
  mlir::DenseMap<mlir::Operation *, LiveRange> numbers;
};

} // namespace nnc::codegen

#endif
