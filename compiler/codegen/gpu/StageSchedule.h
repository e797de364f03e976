// In which stages of a merged kernel its calls are.
#ifndef NNC_COMPILER_CODEGEN_GPU_STAGESCHEDULE_H
#define NNC_COMPILER_CODEGEN_GPU_STAGESCHEDULE_H

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

namespace nnc::codegen {

/// Gives each call a slot: 2r is the r-th stage of the whole grid, and 2r + 1 are the stages of few
/// tasks between that and the next one, which are one block's. Large calls come as early as they
/// can. Small ones come as late as they can, but rather beside a large one than on their own: so
/// few barriers of the grid are left, and what waits for none of them isn't waited for.
class StageSchedule {
public:
  /// Whether the second call, which comes later, has to wait for the first one.
  using Depends = llvm::function_ref<bool(unsigned, unsigned)>;

  /// `lengths` has the stages of each large call, and 0 for a small one, which is one.
  StageSchedule(llvm::ArrayRef<unsigned> lengths, Depends depends);

  /// The stages of each call, in order.
  llvm::ArrayRef<llvm::SmallVector<unsigned>> getStages() const { return stages; }
  unsigned getNumStages() const { return numStages; }

private:
  unsigned endOf(unsigned i) const { return slots[i] + 2 * lengths[i] - 1; }
  bool isIn(unsigned i, unsigned slot) const;
  unsigned findLatest(unsigned i) const;
  void placeLarge();
  void placeSmall();
  void countStages();

  llvm::ArrayRef<unsigned> lengths;
  Depends depends;
  llvm::SmallVector<unsigned> slots;    ///< the first of each
  llvm::SmallVector<unsigned> earliest; ///< that it could have
  llvm::DenseSet<unsigned> gridSlots;   ///< those of large calls
  unsigned lastGridSlot = 0;
  llvm::SmallVector<llvm::SmallVector<unsigned>> stages;
  unsigned numStages = 0;
};

} // namespace nnc::codegen

#endif
