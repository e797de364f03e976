// How much memory this process may still take.
#pragma once

#include <cstdint>

namespace nnrt {

/// The least of what the system has left, what the process's control groups allow beside what they
/// hold, and what its own limits (`ulimit -v`, `ulimit -d`) leave; UINT64_MAX where nothing says.
uint64_t availableMemory();

} // namespace nnrt
