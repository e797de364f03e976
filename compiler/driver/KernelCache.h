// The cache of compiled kernels, which the builds of all programs share.
#pragma once

#include "compiler/pipeline/SeparateKernels.h"

#include <memory>

namespace nnc::driver {

/// The kernels in the folder that $NNC_CACHE names; null where it names none, or there can be no
/// such folder. A kernel is kept in one file, which is written in one piece and says what its
/// content's hash is: builds may run side by side, and one that is broken counts as missing. When
/// the last build ends, those used longest ago go where all take more than 512 MiB.
std::unique_ptr<KernelStore> openKernelCache();

} // namespace nnc::driver
