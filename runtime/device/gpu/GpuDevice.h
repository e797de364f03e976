// A GPU, real or emulated, as a device of the runtime.
#pragma once

#include "runtime/device/Context.h"
#include "runtime/device/Device.h"
#include "runtime/device/gpu/LaunchQueue.h"

#include <span>

namespace nnrt::gpu {

/// Everything goes through one stream, in order; the host waits where it reads results, or where it
/// is going to write over what has been submitted.
class GpuDevice final : public Device {
public:
  /// Throws Error: there is no such device, or it can't run the program's kernels. `name` is what
  /// logs call it.
  GpuDevice(const Driver &driver, int driverVersion, int ordinal, const char *name,
            const nnrt_gpu_form &form);

  const char *name() const override { return shownName; }
  /// Of the host, that run entries: one, which launches kernels.
  unsigned threads() const override { return 1; }
  Ahead ahead() const override;
  std::span<const nnrt_entry> entries(const nnrt_model &) const override {
    return {form.entries, form.num_entries};
  }
  Buffer allocate(uint64_t bytes, std::string_view what) override;
  Staging stage(uint64_t bytes, std::string_view what) override;
  void reuse(const Staging &staging) override;
  void submit(const Staging &staging, uint64_t bytes) override;
  void upload(void *to, std::span<const std::byte> from) override;
  void download(std::span<std::byte> to, const void *from) override;
  void clear(void *at, uint64_t bytes) override;
  void run(const nnrt_entry &entry, const int64_t *scalars, void *const *buffers,
           void *workspace) override;

private:
  struct Memory;
  struct Pinned;
  std::unique_ptr<Memory> obtain(uint64_t bytes, std::string_view what);

  const nnrt_gpu_form &form;
  const char *shownName;
  DeviceHandle device;
  LaunchQueue queue;
  nnrt_context context;
};

} // namespace nnrt::gpu
