// The emulator as a driver: kernels run on the host, a fiber per thread.
#include "runtime/device/emulator/EmulatorDriver.h"

#include "runtime/device/emulator/Launch.h"
#include "runtime/support/Error.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace nnrt::emulator {

using namespace nnrt::gpu;

namespace {

/// Blocks that can be resident: few, since each has a stack per thread.
constexpr int multiprocessors = 4;
/// As much as an H100's.
constexpr uint32_t mostSharedBytes = 227 << 10;
constexpr uint64_t guardBytes = 4096;
constexpr auto launchTooLarge = Result(720);

struct EmulatedDevice {
  explicit EmulatedDevice(bool checks) : machine(checks) {}
  Machine machine;
  std::map<Address, Memory> allocations;
};

struct EmulatedStream {
  EmulatedDevice *device;
  std::deque<std::function<void()>> operations;
  uint64_t added = 0, done = 0; ///< operations
  Findings findings;            ///< of the operation that has failed: nothing is done after it
  bool hasFailed() const { return findings.count(); }
};

struct EmulatedEvent {
  EmulatedStream *stream = nullptr;
  uint64_t at = 0; ///< operations of the stream before it
};

/// One driver in a process, as with a real one.
struct Emulation {
  std::mutex mutex;
  EmulatedDevice checking{true}, fast{false};
  std::map<const std::byte *, size_t> pinned; ///< memory of the host that copies read late
};
Emulation &state() {
  static Emulation *only = new Emulation; // outlives whatever static objects still use
  return *only;
}
thread_local EmulatedDevice *current = nullptr;

EmulatedDevice &deviceOf(int ordinal) {
  return ordinal == checkingDevice ? state().checking : state().fast;
}
EmulatedDevice *deviceOf(Context context) { return reinterpret_cast<EmulatedDevice *>(context); }
EmulatedStream &streamOf(Stream stream) { return *reinterpret_cast<EmulatedStream *>(stream); }
EmulatedEvent &eventOf(Event event) { return *reinterpret_cast<EmulatedEvent *>(event); }
std::byte *pointerOf(Address address) { return std::bit_cast<std::byte *>(address); }

/// The allocation that holds all of these bytes; null: none.
Region *regionOf(EmulatedDevice &device, Address address, uint64_t bytes) {
  Region *region = device.machine.regionAt(pointerOf(address));
  return region && region->contains(pointerOf(address), bytes) ? region : nullptr;
}

/// Does what is in the stream, up to operation `last`.
Result runUntil(EmulatedStream &stream, uint64_t last) {
  while (!stream.hasFailed() && stream.done < last && !stream.operations.empty()) {
    std::function<void()> operation = std::move(stream.operations.front());
    stream.operations.pop_front();
    ++stream.done;
    try {
      operation();
    } catch (const Error &) {
      return Result::OutOfMemory; // the host's, which the emulator needs for itself
    }
    stream.findings = std::exchange(stream.device->machine.findings, {});
  }
  return stream.hasFailed() ? Result::LaunchFailed : Result::Success;
}

Result add(EmulatedStream &stream, std::function<void()> operation) {
  if (stream.hasFailed())
    return Result::LaunchFailed;
  stream.operations.push_back(std::move(operation));
  ++stream.added;
  // A host that never waits must not fill the memory.
  constexpr size_t most = 4096;
  return stream.operations.size() < most ? Result::Success : runUntil(stream, stream.added);
}

std::unique_lock<std::mutex> locked() { return std::unique_lock(state().mutex); }

//===-- Devices ------------------------------------------------------------------------------===//

Result init(unsigned) { return Result::Success; }

Result driverGetVersion(int *version) {
  *version = 12000;
  return Result::Success;
}

Result getErrorString(Result error, const char **text) {
  *text = error == Result::OutOfMemory    ? "out of memory"
          : error == Result::LaunchFailed ? "a launch has failed"
          : error == launchTooLarge       ? "too many blocks in a cooperative launch"
                                          : "invalid argument";
  return Result::Success;
}

Result deviceGetCount(int *count) {
  *count = 2;
  return Result::Success;
}

Result deviceGet(int *device, int ordinal) {
  *device = ordinal;
  return ordinal == checkingDevice || ordinal == fastDevice ? Result::Success
                                                            : Result::InvalidDevice;
}

Result deviceGetName(char *name, int bytes, int) {
  strncpy(name, "the emulator", size_t(bytes));
  return Result::Success;
}

Result deviceGetAttribute(int *value, DeviceAttribute attribute, int) {
  switch (attribute) {
  case DeviceAttribute::Multiprocessors:
    *value = multiprocessors;
    return Result::Success;
  case DeviceAttribute::CapabilityMajor:
    *value = 9;
    return Result::Success;
  case DeviceAttribute::CapabilityMinor:
    *value = 0;
    return Result::Success;
  case DeviceAttribute::MostSharedBytes:
    *value = int(mostSharedBytes);
    return Result::Success;
  }
  return Result::InvalidValue;
}

Result devicePrimaryCtxRetain(Context *context, int device) {
  *context = reinterpret_cast<Context>(&deviceOf(device));
  return Result::Success;
}

Result devicePrimaryCtxRelease(int) { return Result::Success; }

Result ctxSetCurrent(Context context) {
  current = deviceOf(context);
  return Result::Success;
}

//===-- Kernels ------------------------------------------------------------------------------===//

const void *imageOf(const nnrt_gpu_code *code) { return code; }

Result moduleLoadDataEx(Module *module, const void *image, unsigned, JitOption *, void **) {
  *module = reinterpret_cast<Module>(const_cast<void *>(image));
  return Result::Success;
}

Result moduleUnload(Module) { return Result::Success; }

const nnrt_kernel *kernelOf(Function function) {
  return reinterpret_cast<const nnrt_kernel *>(function);
}

Result moduleGetFunction(Function *function, Module module, const char *name) {
  const auto *code = reinterpret_cast<const nnrt_gpu_code *>(module);
  for (const nnrt_kernel &kernel : std::span(code->kernels, code->num_kernels))
    if (kernel.emulated && strcmp(kernel.name, name) == 0) {
      *function = reinterpret_cast<Function>(const_cast<nnrt_kernel *>(&kernel));
      return Result::Success;
    }
  return Result::NotFound;
}

Result funcSetAttribute(Function, FunctionAttribute, int value) {
  return value >= 0 && uint32_t(value) <= mostSharedBytes ? Result::Success : Result::InvalidValue;
}

Result occupancy(int *blocks, Function, int, size_t sharedBytes) {
  *blocks = sharedBytes <= mostSharedBytes;
  return Result::Success;
}

/// What a launch needs when its turn comes.
struct LaunchCall {
  EmulatedDevice &device;
  const nnrt_kernel &kernel;
  uint32_t blocks;
  std::vector<std::array<std::byte, 8>> values;
  void operator()() {
    std::vector<void *> arguments;
    for (auto &value : values)
      arguments.push_back(value.data());
    Launch(device.machine, kernel, blocks, arguments.data()).run();
  }
};

Result launchKernelEx(const LaunchConfig *config, Function function, void **arguments, void **) {
  const nnrt_kernel &kernel = *kernelOf(function);
  if (config->blocks[1] != 1 || config->blocks[2] != 1 || config->threads[0] != kernel.threads ||
      config->threads[1] != 1 || config->threads[2] != 1 || kernel.threads % lanesOfWarp ||
      !kernel.threads || config->sharedBytes != kernel.shared_bytes ||
      uint64_t(kernel.declared_bytes) + kernel.shared_bytes > mostSharedBytes ||
      uint64_t(config->blocks[0]) * kernel.threads > UINT32_MAX)
    return Result::InvalidValue;
  if (kernel.is_cooperative && config->blocks[0] > unsigned(multiprocessors))
    return launchTooLarge;
  EmulatedStream &stream = streamOf(config->stream);
  LaunchCall call = {*stream.device, kernel, config->blocks[0], {}};
  for (uint32_t i = 0; i < kernel.num_arguments; ++i)
    memcpy(call.values.emplace_back().data(), arguments[i], kernel.argument_bytes[i]);
  auto lock = locked();
  return add(stream, std::move(call));
}

//===-- Memory -------------------------------------------------------------------------------===//

Result memGetInfo(size_t *free, size_t *total) {
  const auto page = size_t(sysconf(_SC_PAGESIZE));
  *free = size_t(sysconf(_SC_AVPHYS_PAGES)) * page;
  *total = size_t(sysconf(_SC_PHYS_PAGES)) * page;
  return Result::Success;
}

Result memAlloc(Address *address, size_t bytes) {
  if (!current || !bytes)
    return Result::InvalidValue;
  auto lock = locked();
  try {
    uint64_t whole = 0;
    if (__builtin_add_overflow(bytes, 3 * guardBytes, &whole))
      return Result::OutOfMemory;
    Memory memory(whole / guardBytes * guardBytes, "an emulated allocation");
    // Pages before and behind it that nobody can touch.
    (void)mprotect(memory.data(), guardBytes, PROT_NONE);
    (void)mprotect(memory.data() + memory.size() - guardBytes, guardBytes, PROT_NONE);
    std::byte *base = memory.data() + guardBytes;
    auto region =
        std::make_unique<Region>(base, bytes, /*isShared=*/false, current->machine.checks);
    current->machine.regions.emplace(base, std::move(region));
    *address = reinterpret_cast<Address>(base);
    current->allocations.emplace(*address, std::move(memory));
    return Result::Success;
  } catch (const Error &) {
    return Result::OutOfMemory;
  }
}

Result memFree(Address address) {
  auto lock = locked();
  for (EmulatedDevice *device : {&state().checking, &state().fast})
    if (device->allocations.erase(address)) {
      device->machine.forgetRegions();
      device->machine.regions.erase(pointerOf(address));
      return Result::Success;
    }
  return Result::InvalidValue;
}

Result memHostAlloc(void **address, size_t bytes, unsigned) {
  *address = calloc(bytes, 1);
  if (!*address)
    return Result::OutOfMemory;
  auto lock = locked();
  state().pinned[static_cast<std::byte *>(*address)] = bytes;
  return Result::Success;
}

Result memFreeHost(void *address) {
  auto lock = locked();
  state().pinned.erase(static_cast<std::byte *>(address));
  free(address);
  return Result::Success;
}

void memSetPurpose(Address address, const char *what) {
  auto lock = locked();
  if (Region *region = current->machine.regionAt(pointerOf(address)))
    region->purpose = what;
}

bool isPinned(const void *address) {
  const auto *byte = static_cast<const std::byte *>(address);
  auto after = state().pinned.upper_bound(byte);
  return after != state().pinned.begin() &&
         byte < std::prev(after)->first + std::prev(after)->second;
}

Result memcpyHtoDAsync(Address to, const void *from, size_t bytes, Stream stream) {
  auto lock = locked();
  EmulatedStream &queue = streamOf(stream);
  Region *region = regionOf(*queue.device, to, bytes);
  if (!region)
    return Result::InvalidValue;
  auto copy = [=](const std::byte *source) {
    memcpy(pointerOf(to), source, bytes);
    region->markInitialised(region->offsetOf(pointerOf(to)), bytes);
  };
  const auto *source = static_cast<const std::byte *>(from);
  if (isPinned(from))
    return add(queue, [=] { copy(source); });
  // What isn't pinned has been read when the call returns.
  return add(queue, [copy, kept = std::vector(source, source + bytes)] { copy(kept.data()); });
}

Result memcpyDtoHAsync(void *to, Address from, size_t bytes, Stream stream) {
  auto lock = locked();
  EmulatedStream &queue = streamOf(stream);
  if (!regionOf(*queue.device, from, bytes))
    return Result::InvalidValue;
  return add(queue, [=] { memcpy(to, pointerOf(from), bytes); });
}

Result memcpyDtoDAsync(Address to, Address from, size_t bytes, Stream stream) {
  auto lock = locked();
  EmulatedStream &queue = streamOf(stream);
  Region *target = regionOf(*queue.device, to, bytes);
  Region *source = regionOf(*queue.device, from, bytes);
  if (!target || !source)
    return Result::InvalidValue;
  return add(queue, [=] {
    memmove(pointerOf(to), pointerOf(from), bytes);
    target->copyInitialised(target->offsetOf(pointerOf(to)), *source,
                            source->offsetOf(pointerOf(from)), bytes);
  });
}

Result memsetD8Async(Address to, unsigned char value, size_t bytes, Stream stream) {
  auto lock = locked();
  EmulatedStream &queue = streamOf(stream);
  Region *region = regionOf(*queue.device, to, bytes);
  if (!region)
    return Result::InvalidValue;
  return add(queue, [=] {
    memset(pointerOf(to), value, bytes);
    region->markInitialised(region->offsetOf(pointerOf(to)), bytes);
  });
}

Result memDiscardAsync(Address address, Stream stream) {
  auto lock = locked();
  EmulatedStream &queue = streamOf(stream);
  Region *region = regionOf(*queue.device, address, 1);
  if (!region)
    return Result::InvalidValue;
  return add(queue, [=] {
    const uint64_t offset = region->offsetOf(pointerOf(address));
    region->markUninitialised(offset, region->size() - offset);
  });
}

//===-- Streams ------------------------------------------------------------------------------===//

Result streamCreate(Stream *stream, unsigned) {
  if (!current)
    return Result::InvalidValue;
  *stream = reinterpret_cast<Stream>(
      new EmulatedStream{.device = current, .operations = {}, .findings = {}});
  return Result::Success;
}

Result streamDestroy(Stream stream) {
  auto lock = locked();
  delete &streamOf(stream);
  return Result::Success;
}

Result streamSynchronize(Stream stream) {
  auto lock = locked();
  EmulatedStream &queue = streamOf(stream);
  return runUntil(queue, queue.added);
}

/// The event is what it is now, whatever is recorded later.
Result streamWaitEvent(Stream stream, Event event, unsigned) {
  auto lock = locked();
  return add(streamOf(stream), [mark = eventOf(event)] {
    if (mark.stream)
      (void)runUntil(*mark.stream, mark.at); // what fails there is told there
  });
}

std::string streamTakeFindings(Stream stream) {
  auto lock = locked();
  EmulatedStream &queue = streamOf(stream);
  queue.operations.clear();
  queue.done = queue.added;
  return queue.findings.take();
}

Result eventCreate(Event *event, unsigned) {
  *event = reinterpret_cast<Event>(new EmulatedEvent);
  return Result::Success;
}

Result eventDestroy(Event event) {
  delete &eventOf(event);
  return Result::Success;
}

Result eventRecord(Event event, Stream stream) {
  auto lock = locked();
  eventOf(event) = {&streamOf(stream), streamOf(stream).added};
  return Result::Success;
}

Result eventSynchronize(Event event) {
  auto lock = locked();
  const EmulatedEvent &mark = eventOf(event);
  return mark.stream ? runUntil(*mark.stream, mark.at) : Result::Success;
}

} // namespace

const Driver &emulatorDriver() {
  static constexpr Driver driver = {
      .init = init,
      .driverGetVersion = driverGetVersion,
      .getErrorString = getErrorString,
      .deviceGetCount = deviceGetCount,
      .deviceGet = deviceGet,
      .deviceGetName = deviceGetName,
      .deviceGetAttribute = deviceGetAttribute,
      .devicePrimaryCtxRetain = devicePrimaryCtxRetain,
      .devicePrimaryCtxRelease = devicePrimaryCtxRelease,
      .ctxSetCurrent = ctxSetCurrent,
      .moduleLoadDataEx = moduleLoadDataEx,
      .moduleUnload = moduleUnload,
      .moduleGetFunction = moduleGetFunction,
      .funcSetAttribute = funcSetAttribute,
      .occupancyMaxActiveBlocksPerMultiprocessor = occupancy,
      .memGetInfo = memGetInfo,
      .memAlloc = memAlloc,
      .memFree = memFree,
      .memHostAlloc = memHostAlloc,
      .memFreeHost = memFreeHost,
      .memcpyHtoDAsync = memcpyHtoDAsync,
      .memcpyDtoHAsync = memcpyDtoHAsync,
      .memcpyDtoDAsync = memcpyDtoDAsync,
      .memsetD8Async = memsetD8Async,
      .streamCreate = streamCreate,
      .streamDestroy = streamDestroy,
      .streamSynchronize = streamSynchronize,
      .streamWaitEvent = streamWaitEvent,
      .eventCreate = eventCreate,
      .eventDestroy = eventDestroy,
      .eventRecord = eventRecord,
      .eventSynchronize = eventSynchronize,
      .launchKernelEx = launchKernelEx,
      .imageOf = imageOf,
      .memSetPurpose = memSetPurpose,
      .memDiscardAsync = memDiscardAsync,
      .streamTakeFindings = streamTakeFindings,
  };
  return driver;
}

} // namespace nnrt::emulator
