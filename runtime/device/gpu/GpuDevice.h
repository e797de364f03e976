// A GPU, real or emulated, as a device of the runtime.
#pragma once

#include "runtime/device/Context.h"
#include "runtime/device/Device.h"
#include "runtime/device/gpu/LaunchQueue.h"

#include <span>

namespace nnrt::gpu {

/// How far the host is ahead of a GPU. Seconds: Ctrl-C, or a loss that is not finite, is to be
/// noticed soon. Blocks: a copy of a MiB is as fast as a larger one, the first does not keep the
/// device waiting for long, and all of them stay in the caches of the host that fills them. Passes:
/// an epoch of MNIST is one call. Calls: a few such calls, so that the next one is there before the
/// device is done with one.
constexpr Ahead aheadOfGpu = {.calls = 8192,
                              .seconds = 0.1,
                              .blocks = 8,
                              .blockBytes = 1 << 20,
                              .passes = 2048,
                              .keepsTables = true};

/// Launches and copies of results go through one stream, in order; what is submitted comes through
/// another, while kernels run. The host waits where it reads results, or where it is going to write
/// over what has been submitted.
class GpuDevice final : public Device {
public:
  /// Throws Error: there is no such device, or it can't run the program's kernels. `name` is what
  /// logs call it.
  GpuDevice(const Driver &driver, int driverVersion, int ordinal, const char *name,
            const nnrt_gpu_form &form, Ahead ahead = aheadOfGpu);

  const char *name() const override { return shownName; }
  /// Of the host, that run entries: one, which launches kernels.
  unsigned threads() const override { return 1; }
  Ahead ahead() const override { return farthest; }
  std::span<const nnrt_entry> entries(const nnrt_model &) const override {
    return {form.entries, form.num_entries};
  }
  Buffer allocate(uint64_t bytes, std::string_view what) override;
  /// No more than half of what is free: the other half is for workspace.
  Buffer keep(uint64_t bytes, std::string_view what) override;
  Staging stage(uint64_t bytes, std::string_view what) override;
  void reuse(const Staging &staging) override;
  void submit(const Staging &staging, uint64_t bytes) override;
  void release(const Staging &staging) override;
  void upload(void *to, std::span<const std::byte> from) override;
  void download(std::span<std::byte> to, const void *from) override;
  void clear(void *at, uint64_t bytes) override;
  void run(const nnrt_entry &entry, const int64_t *scalars, void *const *buffers,
           void *workspace) override;

private:
  struct Memory;
  struct Pinned;
  /// The stream that brings what is submitted.
  struct CopyStream {
    explicit CopyStream(const DeviceHandle &device);
    ~CopyStream();
    CopyStream(const CopyStream &) = delete;
    CopyStream &operator=(const CopyStream &) = delete;
    const DeviceHandle &device;
    Stream stream = nullptr;
  };
  std::unique_ptr<Memory> obtain(uint64_t bytes, std::string_view what);

  const nnrt_gpu_form &form;
  const char *shownName;
  Ahead farthest;
  DeviceHandle device;
  LaunchQueue queue;
  CopyStream copies;
  nnrt_context context;
};

} // namespace nnrt::gpu
