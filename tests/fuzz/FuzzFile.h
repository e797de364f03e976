// Hands the bytes of a fuzzer to code that reads files.
#pragma once

#include "runtime/support/Error.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

namespace nnrt::fuzz {

/// Calls `read` with the path of a file in memory of this content. An Error is what bad input
/// should get; anything else that is thrown ends the process, as libFuzzer wants it.
template <typename Read> int withFile(const uint8_t *bytes, size_t size, const Read &read) {
  int fd = memfd_create("input", MFD_CLOEXEC);
  if (fd < 0 || write(fd, bytes, size) != ssize_t(size))
    abort();
  try {
    read("/proc/self/fd/" + std::to_string(fd));
  } catch (const Error &) {
  }
  close(fd);
  return 0;
}

} // namespace nnrt::fuzz
