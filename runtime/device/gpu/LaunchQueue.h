// What entries launch: the kernels of a program, loaded, and the stream that they go to.
#pragma once

#include "runtime/device/gpu/Driver.h"
#include "runtime/device/gpu/Images.h"
#include "runtime/support/Error.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace nnrt::gpu {

/// A device of a driver, in use: its primary context.
class DeviceHandle {
public:
  /// Throws Error: there is no such device.
  DeviceHandle(const Driver &driver, int ordinal, int version);
  ~DeviceHandle();
  DeviceHandle(const DeviceHandle &) = delete;
  DeviceHandle &operator=(const DeviceHandle &) = delete;

  /// Makes it the calling thread's.
  void enter() const;
  void tryEnter() const noexcept { driver.ctxSetCurrent(context); }
  int attribute(DeviceAttribute attribute) const;
  /// What the driver calls an error: "out of memory".
  std::string textOf(Result error) const;
  /// Throws Error where a call of the driver failed.
  void check(Result result, const char *call) const;

  const Driver driver;
  const int version; ///< of the driver
  std::string name;  ///< "NVIDIA H100"
  Capability capability;

private:
  int device = 0;
  Context context = nullptr;
};

} // namespace nnrt::gpu

namespace nnrt {

/// Entries call it through nnrt_launch and nnrt_copy, and can't be unwound: it throws nothing
/// there, and keeps the first error.
class LaunchQueue {
public:
  /// Loads the kernels. Throws Error: no image is for this device, or the driver refuses them.
  LaunchQueue(const gpu::DeviceHandle &device, const nnrt_gpu_code &code);
  ~LaunchQueue();
  LaunchQueue(const LaunchQueue &) = delete;
  LaunchQueue &operator=(const LaunchQueue &) = delete;

  void launch(uint32_t kernel, int64_t blocks, void *const *arguments) noexcept;
  void copy(void *to, const void *from, uint64_t bytes) noexcept;
  void set(void *to, const void *from, uint64_t bytes) noexcept;

  /// Throws the error of a launch since the last call, if any.
  void rethrow();
  /// Waits for all. Throws Error: a kernel has failed.
  void synchronize();
  /// Throws Error where a call of the driver failed: by itself, or since a kernel before has.
  void check(gpu::Result result, const char *call);
  gpu::Stream stream() const { return queue; }

private:
  void loadFirst();
  bool load(const nnrt_image &image, std::optional<Error> &refusal);
  void findKernels(std::string_view chip);
  void start(uint32_t kernel, int64_t blocks, void *const *arguments);
  void release();

  struct Kernel {
    gpu::Function function = nullptr;
    int64_t mostBlocks = INT64_MAX; ///< that can be resident, of a cooperative kernel
  };
  const gpu::DeviceHandle &device;
  const nnrt_gpu_code &code;
  gpu::Module module = nullptr;
  gpu::Stream queue = nullptr;
  std::vector<Kernel> kernels;
  std::vector<const nnrt_kernel *> launched; ///< since the last wait; each once, the last ones
  bool waitsForEach;                         ///< for a debugging person
  std::optional<Error> failure;
};

} // namespace nnrt
