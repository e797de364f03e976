// A GPU, real or emulated, as a device of the runtime.
#include "runtime/device/gpu/GpuDevice.h"

#include "runtime/device/gpu/GpuErrors.h"

#include <bit>

namespace nnrt::gpu {

/// Memory of the device.
struct GpuDevice::Memory final : Allocation {
  explicit Memory(GpuDevice &owner) : owner(owner) {}
  ~Memory() override {
    // Whatever was launched may still use it. What has failed is told by the next call that waits.
    owner.device.tryEnter();
    owner.device.driver.streamSynchronize(owner.queue.stream());
    if (address)
      owner.device.driver.memFree(address);
  }
  GpuDevice &owner;
  Address address = 0;
  std::string what; ///< what it is for
};

/// Memory of the host that the device copies from by itself, with its copy there.
struct GpuDevice::Pinned final : Allocation {
  explicit Pinned(GpuDevice &owner) : owner(owner) {}
  ~Pinned() override {
    memory.reset(); // waits
    for (Event event : {copied, released})
      if (event)
        owner.device.driver.eventDestroy(event);
    if (host)
      owner.device.driver.memFreeHost(host);
  }
  GpuDevice &owner;
  std::unique_ptr<Memory> memory;
  void *host = nullptr;
  Event copied = nullptr;   ///< when the last copy has been made
  Event released = nullptr; ///< when nothing reads the device's memory any more, where
  bool isReleased = true;   ///< somebody has said so; at first nothing does
};

static void *pointerOf(Address address) { return std::bit_cast<void *>(address); }
static Address addressOf(const void *pointer) { return reinterpret_cast<Address>(pointer); }

namespace {
/// The context must be current before the kernels are loaded.
const DeviceHandle &entered(const DeviceHandle &device) {
  device.enter();
  return device;
}
} // namespace

GpuDevice::GpuDevice(const Driver &driver, int driverVersion, int ordinal, const char *name,
                     const nnrt_gpu_form &form, Ahead ahead)
    : form(form), shownName(name), farthest(ahead), device(driver, ordinal, driverVersion),
      queue(entered(device), form.code), copies(device),
      context{.pool = nullptr, .launches = &queue} {}

GpuDevice::CopyStream::CopyStream(const DeviceHandle &device) : device(device) {
  device.check(device.driver.streamCreate(&stream, streamNonBlocking), "cuStreamCreate");
}
GpuDevice::CopyStream::~CopyStream() { device.driver.streamDestroy(stream); }

std::unique_ptr<GpuDevice::Memory> GpuDevice::obtain(uint64_t bytes, std::string_view what) {
  const Driver &driver = device.driver;
  auto memory = std::make_unique<Memory>(*this);
  memory->what = what;
  const Result result = driver.memAlloc(&memory->address, bytes);
  if (result != Result::Success) {
    memory->address = 0;
    size_t free = 0, total = 0;
    if (result != Result::OutOfMemory || driver.memGetInfo(&free, &total) != Result::Success)
      queue.check(result, "cuMemAlloc");
    throw errors::outOfMemory(device.name, what, bytes, free, total);
  }
  if (driver.memSetPurpose)
    driver.memSetPurpose(memory->address, memory->what.c_str());
  return memory;
}

Buffer GpuDevice::allocate(uint64_t bytes, std::string_view what) {
  device.enter();
  std::unique_ptr<Memory> memory = obtain(bytes, what);
  void *base = pointerOf(memory->address);
  clear(base, bytes);
  return {std::move(memory), base, bytes};
}

Buffer GpuDevice::keep(uint64_t bytes, std::string_view what) {
  size_t free = 0, total = 0;
  device.enter();
  if (!farthest.keepsTables || device.driver.memGetInfo(&free, &total) != Result::Success ||
      bytes > free / 2)
    return {};
  return allocate(bytes, what);
}

Staging GpuDevice::stage(uint64_t bytes, std::string_view what) {
  device.enter();
  auto pinned = std::make_unique<Pinned>(*this);
  pinned->memory = obtain(bytes, what);
  queue.check(device.driver.memHostAlloc(&pinned->host, bytes, 0), "cuMemHostAlloc");
  for (Event *event : {&pinned->copied, &pinned->released})
    queue.check(device.driver.eventCreate(event, eventWithoutTiming), "cuEventCreate");
  auto *host = static_cast<std::byte *>(pinned->host);
  void *base = pointerOf(pinned->memory->address);
  return {std::move(pinned), host, base, bytes};
}

void GpuDevice::reuse(const Staging &staging) {
  device.enter();
  queue.check(device.driver.eventSynchronize(static_cast<Pinned &>(*staging.owner).copied),
              "cuEventSynchronize");
}

void GpuDevice::release(const Staging &staging) {
  auto &pinned = static_cast<Pinned &>(*staging.owner);
  device.enter();
  queue.check(device.driver.eventRecord(pinned.released, queue.stream()), "cuEventRecord");
  pinned.isReleased = true;
}

void GpuDevice::submit(const Staging &staging, uint64_t bytes) {
  auto &pinned = static_cast<Pinned &>(*staging.owner);
  if (!pinned.isReleased)
    release(staging);
  pinned.isReleased = false;
  device.enter();
  queue.check(device.driver.streamWaitEvent(copies.stream, pinned.released, 0),
              "cuStreamWaitEvent");
  if (bytes)
    queue.check(device.driver.memcpyHtoDAsync(addressOf(staging.device), staging.host, bytes,
                                              copies.stream),
                "cuMemcpyHtoDAsync");
  queue.check(device.driver.eventRecord(pinned.copied, copies.stream), "cuEventRecord");
  queue.check(device.driver.streamWaitEvent(queue.stream(), pinned.copied, 0), "cuStreamWaitEvent");
}

void GpuDevice::upload(void *to, std::span<const std::byte> from) {
  if (from.empty())
    return;
  device.enter();
  queue.check(
      device.driver.memcpyHtoDAsync(addressOf(to), from.data(), from.size(), queue.stream()),
      "cuMemcpyHtoDAsync");
  queue.synchronize(); // the caller's memory is its own again
}

void GpuDevice::download(std::span<std::byte> to, const void *from) {
  device.enter();
  if (!to.empty())
    queue.check(
        device.driver.memcpyDtoHAsync(to.data(), addressOf(from), to.size(), queue.stream()),
        "cuMemcpyDtoHAsync");
  queue.synchronize();
}

void GpuDevice::clear(void *at, uint64_t bytes) {
  if (!bytes)
    return;
  device.enter();
  queue.check(device.driver.memsetD8Async(addressOf(at), 0, bytes, queue.stream()),
              "cuMemsetD8Async");
}

void GpuDevice::run(const nnrt_entry &entry, const int64_t *scalars, void *const *buffers,
                    void *workspace) {
  device.enter();
  // What an entry before has left there is not to be read.
  if (device.driver.memDiscardAsync && workspace)
    queue.check(device.driver.memDiscardAsync(addressOf(workspace), queue.stream()),
                "cuMemDiscardAsync");
  entry.function(&context, scalars, buffers, workspace);
  queue.rethrow();
}

} // namespace nnrt::gpu
