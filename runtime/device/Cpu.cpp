// The processor as a device, and the choice of a device by name.
#include "runtime/device/CpuFeatures.h"
#include "runtime/device/Device.h"
#include "runtime/device/Processors.h"
#include "runtime/device/ThreadPool.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Memory.h"
#include "runtime/support/Text.h"

#include <array>
#include <cstring>

/// What compiled code hands back to nnrt_parallel_for.
struct nnrt_context {
  nnrt_context(unsigned threads, unsigned processors) : pool(threads, processors) {}
  nnrt::ThreadPool pool;
};

extern "C" void nnrt_parallel_for(nnrt_context *context,
                                  void (*body)(void *environment, int64_t index), void *environment,
                                  int64_t count) {
  context->pool.parallelFor(body, environment, count);
}

namespace nnrt {

Allocation::~Allocation() = default;
Device::~Device() = default;

namespace {
/// Memory of the host is memory of this device.
struct HostAllocation final : Allocation {
  HostAllocation(uint64_t bytes, std::string_view what) : memory(bytes, what) {}
  Memory memory;
};

class CpuDevice final : public Device {
public:
  CpuDevice(unsigned threads, unsigned processors) : context(threads, processors) {}
  const char *name() const override { return "cpu"; }
  unsigned threads() const override { return context.pool.threads(); }
  Buffer allocate(uint64_t bytes, std::string_view what) override {
    auto owner = std::make_unique<HostAllocation>(bytes, what);
    void *base = owner->memory.data();
    return {std::move(owner), base, bytes};
  }
  Staging stage(uint64_t bytes, std::string_view what) override {
    auto owner = std::make_unique<HostAllocation>(bytes, what);
    std::byte *base = owner->memory.data();
    return {std::move(owner), base, base, bytes};
  }
  void submit(const Staging &, uint64_t) override {}
  void upload(void *to, std::span<const std::byte> from) override {
    if (!from.empty())
      memcpy(to, from.data(), from.size());
  }
  void download(std::span<std::byte> to, const void *from) override {
    if (!to.empty())
      memcpy(to.data(), from, to.size());
  }
  void clear(void *at, uint64_t bytes) override {
    if (bytes)
      memset(at, 0, bytes);
  }
  void run(const nnrt_entry &entry, const int64_t *scalars, void *const *buffers,
           void *workspace) override {
    entry.function(&context, scalars, buffers, workspace);
  }

private:
  nnrt_context context;
};
} // namespace

std::unique_ptr<Device> makeDevice(std::string_view name, const nnrt_model &model,
                                   unsigned threads) {
  static constexpr std::array<std::string_view, 4> known = {"auto", "cpu", "cuda", "emulator"};
  if (name == "cuda" || name == "emulator")
    throw errors::deviceNotBuiltIn(name);
  if (name != "cpu" && name != "auto") {
    std::string_view near = closest(name, known);
    throw errors::usage(cat("unknown device '", printable(name), "'"),
                        near.empty() ? "the devices are auto, cpu, cuda and emulator"
                                     : cat("did you mean '", near, "'?"));
  }
  std::string missing = missingCpuFeatures(model.cpu_features);
  if (!missing.empty())
    throw errors::cpuTooOld(model.cpu, missing);
  unsigned processors = availableProcessors();
  return std::make_unique<CpuDevice>(threads ? threads : processors, processors);
}

} // namespace nnrt
