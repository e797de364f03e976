// How the threads of blocks reduce what single threads would take long to.
//
// A block has `results` results at once, and `parts` threads for each. Thread `p` of a result's
// takes the elements p, p + parts * chunks, ..., counted through all reduced loops, and the
// threads' partial results are combined in a fixed order. Where the reduced elements lie side by
// side in memory, the threads of a result are neighbours (lanes of a warp); where the results do,
// threads of neighbouring results are. A few results of very many elements are computed in
// `chunks`, by one block each, which a second round combines.
//
// The plan depends on nothing but sizes, and so does the order of sums.
#ifndef NNC_COMPILER_CODEGEN_GPU_REDUCTIONPLAN_H
#define NNC_COMPILER_CODEGEN_GPU_REDUCTIONPLAN_H

#include "mlir/Support/LLVM.h"

#include <cstdint>
#include <optional>

namespace nnc::codegen {

/// What lies side by side in memory.
enum class ReductionOrder {
  Elements, ///< of a result
  Results
};

struct ReductionPlan {
  ReductionOrder order;
  int64_t results; ///< of a block; times `parts` they are its threads
  int64_t parts;
  int64_t chunks = 1;
};

/// Sizes are ShapedType::kDynamic where they aren't known: taken for 256. None where single threads
/// do as well.
std::optional<ReductionPlan> planReduction(int64_t results, mlir::ArrayRef<int64_t> depths,
                                           ReductionOrder order);

/// How `chunks` partial results of each of `results` are combined.
ReductionPlan planChunks(int64_t results);

/// "elements:parts:chunks" or "results:parts:chunks"; none where it is something else.
std::optional<ReductionPlan> parseReductionPlan(llvm::StringRef text);

} // namespace nnc::codegen

#endif
