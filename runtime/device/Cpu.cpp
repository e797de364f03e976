// The processor as a device, and the choice of a device by name.
#include "runtime/device/Context.h"
#include "runtime/device/CpuFeatures.h"
#include "runtime/device/Device.h"
#include "runtime/device/Processors.h"
#include "runtime/device/ThreadPool.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Memory.h"
#include "runtime/support/Text.h"

#include "nnrt/gpu.h"

#include <array>
#include <cstring>

extern "C" void nnrt_parallel_for(nnrt_context *context,
                                  void (*body)(void *environment, int64_t index), void *environment,
                                  int64_t count) {
  context->pool->parallelFor(body, environment, count);
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
  CpuDevice(unsigned threads, unsigned processors) : pool(threads, processors) {}
  const char *name() const override { return "cpu"; }
  unsigned threads() const override { return pool.threads(); }
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
  void reuse(const Staging &) override {}
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
  ThreadPool pool;
  nnrt_context context = {.pool = &pool};
};
} // namespace

/// The device of that name in a program that was compiled for GPUs; null for others, and where
/// `auto` finds none.
static std::unique_ptr<Device> makeGpuDevice(const std::string &name, const nnrt_model &model) {
  if (!model.gpu)
    return nullptr;
  return std::unique_ptr<Device>(
      reinterpret_cast<Device *>(model.gpu->make_device(&model, name.c_str())));
}

std::unique_ptr<Device> makeDevice(std::string_view name, const nnrt_model &model,
                                   unsigned threads) {
  static constexpr std::array<std::string_view, 4> known = {"auto", "cpu", "cuda", "emulator"};
  const std::string_view kind = name.substr(0, name.find(':'));
  if (name != "cpu" && name != "auto" && kind != "cuda" && kind != "emulator") {
    std::string_view near = closest(name, known);
    throw errors::usage(cat("unknown device '", printable(name), "'"),
                        near.empty() ? "the devices are auto, cpu, cuda and emulator"
                                     : cat("did you mean '", near, "'?"));
  }
  if (name != "cpu")
    if (std::unique_ptr<Device> device = makeGpuDevice(std::string(name), model))
      return device;
  if (kind == "cuda" || kind == "emulator")
    throw errors::deviceNotBuiltIn(name);
  std::string missing = missingCpuFeatures(model.cpu_features);
  if (!missing.empty())
    throw errors::cpuTooOld(model.cpu, missing);
  unsigned processors = availableProcessors();
  return std::make_unique<CpuDevice>(threads ? threads : processors, processors);
}

} // namespace nnrt
