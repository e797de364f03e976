// Loss and metrics over a whole split.
#pragma once

#include "runtime/data/Dataset.h"
#include "runtime/metrics/Averages.h"
#include "runtime/model/Session.h"

namespace nnrt {

/// The batch to evaluate in: what `eval` was compiled for, else the recipe's.
uint64_t evaluationBatch(const nnrt_model &model, const Split &split);

/// Returns no examples where it was interrupted.
Averages evaluateSplit(Session &session, const Split &split, uint64_t seed);

} // namespace nnrt
