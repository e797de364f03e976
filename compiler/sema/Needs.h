// What a function needs of its symbolic sizes.
#pragma once

#include "compiler/sema/Program.h"

namespace nnc::sema {

/// Every tensor has at least one element along each dimension. Where a size is computed, as that of
/// a slice or of windows is, only a run can tell: `size` must be at least `least`. And so where
/// listed indices choose from a dimension.
struct Need {
  enum class Of { Size, Indices };
  Dim size;
  int64_t least;
  const Node *node; ///< whose size it is, or which chooses
  Of of = Of::Size;
};

/// What the sizes of the function's tensors and its listed indices need, those in bodies too,
/// beyond each symbol being at least 1: one need for each size, in order of appearance.
std::vector<Need> needsOf(const Function &function);

/// The least batch that the model can be trained and evaluated with.
int64_t leastBatch(const Model &model);

/// The constant integers that `node` has, be it of another type or shape; null where there are
/// none.
const Node *findConstant(const Node *node);

/// The numbers of a constant of integers; none of one that comes from a file.
llvm::ArrayRef<int64_t> wholeNumbers(const Node &constant);

} // namespace nnc::sema
