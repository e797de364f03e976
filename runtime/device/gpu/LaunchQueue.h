// What entries launch: the kernels of a program, loaded, and the stream that they go to.
#pragma once

#include "runtime/device/gpu/Driver.h"
#include "runtime/device/gpu/Graphs.h"
#include "runtime/device/gpu/Images.h"
#include "runtime/device/gpu/LaunchList.h"
#include "runtime/support/Error.h"

#include <exception>
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

/// Entries call it through nnrt_launch, nnrt_copy, nnrt_set and nnrt_repeat, and can't be unwound:
/// it throws nothing there, and keeps the first error.
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
  /// As nnrt_repeat says. Many passes are made by graphs, where the driver makes any and nobody
  /// wants to wait for each launch.
  void repeat(void (*body)(void *environment, int64_t pass), void *environment,
              int64_t passes) noexcept;

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
  gpu::Result ask(uint32_t kernel, int64_t blocks, void *const *arguments);
  gpu::Result askCopy(void *to, const void *from, uint64_t bytes);
  void start(uint32_t kernel, int64_t blocks, void *const *arguments);
  void startCopy(void *to, const void *from, uint64_t bytes);
  void startPasses(const gpu::LaunchList &list, int64_t passes);
  void startGraphs(const gpu::LaunchList &list, gpu::GraphExec graph, int64_t count);
  gpu::GraphExec graphFor(const gpu::LaunchList &list);
  void note(const nnrt_kernel &kernel);
  std::span<const nnrt_kernel> kernelsOfCode() const { return {code.kernels, code.num_kernels}; }
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
  gpu::LaunchList *recording = nullptr;      ///< of the body that is being called
  gpu::Graphs graphs;
  bool makesGraphs = true; ///< until the driver refuses one
  std::exception_ptr failure;
};

} // namespace nnrt
