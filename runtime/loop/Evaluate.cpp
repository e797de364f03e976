// Loss and metrics over a whole split.
#include "runtime/loop/Evaluate.h"

#include "runtime/data/Batches.h"
#include "runtime/loop/Interrupt.h"

#include <algorithm>

namespace nnrt {

uint64_t evaluationBatch(const nnrt_model &model, const Split &split) {
  return std::min(uint64_t(std::max<int64_t>(1, model.recipe->batch)), split.examples);
}

Averages evaluateSplit(Session &session, const Split &split, uint64_t seed) {
  const uint64_t batch = evaluationBatch(session.model(), split);
  Batches batches(split, batch, /*shuffled=*/false);
  std::vector<void *> rows(split.columns.size());
  Averages averages(session.metrics().size());
  for (uint64_t first = 0; first < split.examples; first += batch) {
    if (interrupted())
      return Averages(session.metrics().size());
    uint64_t count = std::min(batch, split.examples - first);
    batches.get(first, count, rows);
    session.evaluate(rows, count, seed);
    averages.add(session.loss(), session.metrics(), count);
  }
  return averages;
}

} // namespace nnrt
