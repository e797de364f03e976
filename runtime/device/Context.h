// What compiled entries hand back to the functions of the runtime that they call.
#pragma once

#include "nnrt/abi.h"

namespace nnrt {
class ThreadPool;
class LaunchQueue;
} // namespace nnrt

/// Of a device: one of the two.
struct nnrt_context {
  nnrt::ThreadPool *pool = nullptr;      ///< for nnrt_parallel_for
  nnrt::LaunchQueue *launches = nullptr; ///< for nnrt_launch and the like
};
