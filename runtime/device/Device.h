// What runs the entries of a model.
#pragma once

#include "runtime/support/Memory.h"

#include "nnrt/abi.h"

#include <memory>
#include <string_view>

namespace nnrt {

/// The place where tensors lie and entries run. One thread at a time uses a device.
class Device {
public:
  virtual ~Device();
  virtual const char *name() const = 0;
  virtual unsigned threads() const = 0;
  /// Zeroed memory that both the host and this device's entries can use, aligned to 64. Throws
  /// Error: not enough.
  virtual Memory allocate(uint64_t bytes, std::string_view what) = 0;
  /// Runs an entry to its end.
  virtual void run(const nnrt_entry &entry, const int64_t *scalars, void *const *buffers,
                   void *workspace) = 0;
};

/// Throws Error: an unknown device, one that is not built in, a processor that lacks what `model`
/// was compiled for.
std::unique_ptr<Device> makeDevice(std::string_view name, const nnrt_model &model,
                                   unsigned threads);

} // namespace nnrt
