// Models written by hand, in forms for GPUs.
#pragma once

#include "nnrt/gpu.h"

namespace toy {

/// toy::model with kernels of its own: the same arithmetic in the same order, a task a thread.
extern const nnrt_model onGpu;

/// A model whose kernels run the model's entries whole, each in one thread. What they do is not
/// looked at, but it is done as late as on a GPU. The model must be there for as long; one at a
/// time.
nnrt_model deferred(const nnrt_model &model);

/// The same, where the kernels run those of inTables(): the entries for processors stay what they
/// are. Where the model has fields, it has a dimension for rows.
nnrt_model deferredInTables(const nnrt_model &model);

} // namespace toy
