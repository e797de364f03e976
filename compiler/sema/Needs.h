// What a function needs of its symbolic sizes.
#pragma once

#include "compiler/sema/Program.h"

namespace nnc::sema {

/// Every tensor has at least one element along each dimension. Where a size is computed, as that of
/// a slice or of windows is, only a run can tell: `size` must be at least `least`.
struct Need {
  Dim size;
  int64_t least;
  const Node *node; ///< whose size it is
};

/// What the sizes of the function's tensors need, those in bodies too, beyond each symbol being at
/// least 1: one need for each size, in order of appearance.
std::vector<Need> needsOf(const Function &function);

/// The least batch that the model can be trained and evaluated with.
int64_t leastBatch(const Model &model);

} // namespace nnc::sema
