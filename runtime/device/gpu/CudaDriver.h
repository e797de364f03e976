// NVIDIA's driver library, looked for when a program runs: neither building nor starting one needs
// it.
#pragma once

#include "runtime/device/gpu/Driver.h"

namespace nnrt::gpu {

/// The functions of the driver library, which stays loaded, with its version in `version`. Throws
/// Error: there is no such library, or an old one.
Driver loadCudaDriver(int &version, const char *library = "libcuda.so.1");

} // namespace nnrt::gpu
