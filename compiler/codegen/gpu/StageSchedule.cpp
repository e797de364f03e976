// In which stages of a merged kernel its calls are.
#include "compiler/codegen/gpu/StageSchedule.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

namespace nnc::codegen {

StageSchedule::StageSchedule(llvm::ArrayRef<unsigned> lengths, Depends depends)
    : lengths(lengths), depends(depends), slots(lengths.size()), earliest(lengths.size()),
      stages(lengths.size()) {
  placeLarge();
  placeSmall();
  countStages();
}

void StageSchedule::placeLarge() {
  for (unsigned i = 0; i < lengths.size(); ++i) {
    for (unsigned j = 0; j < i; ++j)
      if (depends(j, i))
        earliest[i] = std::max(earliest[i], lengths[j] > 0 ? endOf(j) : earliest[j] | 1);
    if (lengths[i] == 0)
      continue;
    slots[i] = llvm::alignTo(earliest[i], 2);
    for (unsigned stage = 0; stage < lengths[i]; ++stage)
      gridSlots.insert(slots[i] + 2 * stage);
    lastGridSlot = std::max(lastGridSlot, endOf(i) - 1);
  }
}

/// The latest slot of a small call, where those that depend on it have theirs.
unsigned StageSchedule::findLatest(unsigned i) const {
  unsigned latest = lastGridSlot + 1;
  for (unsigned j = i + 1; j < lengths.size(); ++j)
    if (depends(i, j)) // Before it, or among those of one block with it.
      latest = std::min(latest, slots[j] % 2 == 0 ? slots[j] - 1 : slots[j]);
  return latest;
}

void StageSchedule::placeSmall() {
  // Where stages of one block have to be, whatever the others do.
  llvm::DenseSet<unsigned> blockSlots;
  for (unsigned i = lengths.size(); i-- > 0;) {
    if (lengths[i] > 0)
      continue;
    slots[i] = findLatest(i);
    if (slots[i] == earliest[i])
      blockSlots.insert(slots[i]);
  }
  for (unsigned i = lengths.size(); i-- > 0;) {
    if (lengths[i] > 0)
      continue;
    unsigned latest = findLatest(i);
    bool waitsForSmall = false;
    for (unsigned j = 0; j < i; ++j)
      waitsForSmall |= lengths[j] == 0 && depends(j, i);
    bool isBeside = gridSlots.contains(latest - 1) && earliest[i] < latest &&
                    (!waitsForSmall || blockSlots.contains(latest - 2));
    slots[i] = isBeside ? latest - 1 : latest;
  }
}

/// Whether a stage of the call is in a slot.
bool StageSchedule::isIn(unsigned i, unsigned slot) const {
  if (lengths[i] == 0)
    return slot == slots[i];
  return slot >= slots[i] && slot < endOf(i) && (slot - slots[i]) % 2 == 0;
}

void StageSchedule::countStages() {
  for (unsigned slot = 0; slot <= lastGridSlot + 1; ++slot) {
    unsigned begin = numStages;
    for (unsigned i = 0; i < lengths.size(); ++i) {
      if (!isIn(i, slot))
        continue;
      unsigned stage = begin;
      if (slot % 2 == 1)
        for (unsigned j = 0; j < i; ++j)
          if (slots[j] == slot && depends(j, i))
            stage = std::max(stage, stages[j].back() + 1);
      stages[i].push_back(stage);
      numStages = std::max(numStages, stage + 1);
    }
  }
}

} // namespace nnc::codegen
