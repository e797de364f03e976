// The emulator as a driver: kernels run on the host, a fiber per thread.
#include "runtime/device/emulator/EmulatorDriver.h"

#include "runtime/device/emulator/Emulation.h"
#include "runtime/support/Error.h"

#include <array>
#include <bit>
#include <cstdlib>
#include <cstring>
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

EmulatedDevice &deviceOf(int ordinal) {
  return ordinal == checkingDevice ? state().checking : state().fast;
}
EmulatedDevice *deviceOf(Context context) { return reinterpret_cast<EmulatedDevice *>(context); }
std::byte *pointerOf(Address address) { return std::bit_cast<std::byte *>(address); }

/// The allocation that holds all of these bytes; null: none.
Region *regionOf(EmulatedDevice &device, Address address, uint64_t bytes) {
  Region *region = device.machine.regionAt(pointerOf(address));
  return region && region->contains(pointerOf(address), bytes) ? region : nullptr;
}

//===-- Devices ------------------------------------------------------------------------------===//

Result init(unsigned) { return Result::Success; }

Result driverGetVersion(int *version) {
  *version = 12000;
  return Result::Success;
}

const char *textOf(Result error) {
  switch (error) {
  case Result::OutOfMemory:
    return "out of memory";
  case Result::LaunchFailed:
    return "a launch has failed";
  case invalidHandle:
    return "there is no such graph, or none any more";
  case illegalState:
    return "the stream captures, or it doesn't";
  case launchTooLarge:
    return "too many blocks in a cooperative launch";
  case captureUnsupported:
    return "the operation is not permitted while a stream captures";
  case captureInvalidated:
    return "the capture has become invalid by an error before";
  case captureIsolation:
    return "what a stream captures must not depend on what isn't captured";
  case capturedEvent:
    return "the event was last recorded in a stream that captured";
  case captureWrongThread:
    return "another thread has begun the capture";
  default:
    return "invalid argument";
  }
}

Result getErrorString(Result error, const char **text) {
  *text = textOf(error);
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
  currentDevice = deviceOf(context);
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
  return submit(stream, [call = std::move(call)](EmulatedStream &to) { return add(to, call); });
}

//===-- Memory -------------------------------------------------------------------------------===//

Result memGetInfo(size_t *free, size_t *total) {
  const auto page = size_t(sysconf(_SC_PAGESIZE));
  *free = size_t(sysconf(_SC_AVPHYS_PAGES)) * page;
  *total = size_t(sysconf(_SC_PHYS_PAGES)) * page;
  return Result::Success;
}

Result memAlloc(Address *address, size_t bytes) {
  if (!currentDevice || !bytes)
    return Result::InvalidValue;
  auto lock = locked();
  if (Result refused = refuseWhileCapturing(); refused != Result::Success)
    return refused;
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
        std::make_unique<Region>(base, bytes, /*isShared=*/false, currentDevice->machine.checks);
    currentDevice->machine.regions.emplace(base, std::move(region));
    *address = reinterpret_cast<Address>(base);
    currentDevice->allocations.emplace(*address, std::move(memory));
    return Result::Success;
  } catch (const Error &) {
    return Result::OutOfMemory;
  }
}

Result memFree(Address address) {
  auto lock = locked();
  if (Result refused = refuseWhileCapturing(); refused != Result::Success)
    return refused;
  for (EmulatedDevice *device : {&state().checking, &state().fast})
    if (device->allocations.erase(address)) {
      device->machine.forgetRegions();
      device->machine.regions.erase(pointerOf(address));
      return Result::Success;
    }
  return Result::InvalidValue;
}

Result memHostAlloc(void **address, size_t bytes, unsigned) {
  auto lock = locked();
  if (Result refused = refuseWhileCapturing(); refused != Result::Success)
    return refused;
  *address = calloc(bytes, 1);
  if (!*address)
    return Result::OutOfMemory;
  state().pinned[static_cast<std::byte *>(*address)] = bytes;
  return Result::Success;
}

Result memFreeHost(void *address) {
  auto lock = locked();
  if (Result refused = refuseWhileCapturing(); refused != Result::Success)
    return refused;
  state().pinned.erase(static_cast<std::byte *>(address));
  free(address);
  return Result::Success;
}

void memSetPurpose(Address address, const char *what) {
  auto lock = locked();
  if (Region *region = currentDevice->machine.regionAt(pointerOf(address)))
    region->purpose = what;
}

bool isPinned(const void *address) {
  const auto *byte = static_cast<const std::byte *>(address);
  auto after = state().pinned.upper_bound(byte);
  return after != state().pinned.begin() &&
         byte < std::prev(after)->first + std::prev(after)->second;
}

/// What isn't pinned has been read when the call returns: no capture can read it later.
Result memcpyHtoDAsync(Address to, const void *from, size_t bytes, Stream stream) {
  auto lock = locked();
  EmulatedStream &queue = streamOf(stream);
  const auto *source = static_cast<const std::byte *>(from);
  const bool readsLate = isPinned(from);
  if (queue.capture && !readsLate)
    return refuse(queue, captureUnsupported);
  return submit(queue, [=](EmulatedStream &into) {
    Region *region = regionOf(*into.device, to, bytes);
    if (!region || readsLate != isPinned(source))
      return Result::InvalidValue;
    auto copy = [=](const std::byte *source) {
      memcpy(pointerOf(to), source, bytes);
      region->markInitialised(region->offsetOf(pointerOf(to)), bytes);
    };
    if (readsLate)
      return add(into, [=] { copy(source); });
    return add(into, [copy, kept = std::vector(source, source + bytes)] { copy(kept.data()); });
  });
}

Result memcpyDtoHAsync(void *to, Address from, size_t bytes, Stream stream) {
  auto lock = locked();
  EmulatedStream &queue = streamOf(stream);
  const bool isLasting = isPinned(to);
  if (queue.capture && !isLasting)
    return refuse(queue, captureUnsupported);
  return submit(queue, [=](EmulatedStream &into) {
    if (!regionOf(*into.device, from, bytes) || isLasting != isPinned(to))
      return Result::InvalidValue;
    return add(into, [=] { memcpy(to, pointerOf(from), bytes); });
  });
}

Result memcpyDtoDAsync(Address to, Address from, size_t bytes, Stream stream) {
  auto lock = locked();
  return submit(streamOf(stream), [=](EmulatedStream &into) {
    Region *target = regionOf(*into.device, to, bytes);
    Region *source = regionOf(*into.device, from, bytes);
    if (!target || !source)
      return Result::InvalidValue;
    return add(into, [=] {
      memmove(pointerOf(to), pointerOf(from), bytes);
      target->copyInitialised(target->offsetOf(pointerOf(to)), *source,
                              source->offsetOf(pointerOf(from)), bytes);
    });
  });
}

Result memsetD8Async(Address to, unsigned char value, size_t bytes, Stream stream) {
  auto lock = locked();
  return submit(streamOf(stream), [=](EmulatedStream &into) {
    Region *region = regionOf(*into.device, to, bytes);
    if (!region)
      return Result::InvalidValue;
    return add(into, [=] {
      memset(pointerOf(to), value, bytes);
      region->markInitialised(region->offsetOf(pointerOf(to)), bytes);
    });
  });
}

Result memDiscardAsync(Address address, Stream stream) {
  auto lock = locked();
  return submit(streamOf(stream), [=](EmulatedStream &into) {
    Region *region = regionOf(*into.device, address, 1);
    if (!region)
      return Result::InvalidValue;
    return add(into, [=] {
      const uint64_t offset = region->offsetOf(pointerOf(address));
      region->markUninitialised(offset, region->size() - offset);
    });
  });
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
      .streamBeginCapture = streamBeginCapture,
      .streamEndCapture = streamEndCapture,
      .graphInstantiateWithFlags = graphInstantiateWithFlags,
      .graphLaunch = graphLaunch,
      .graphExecDestroy = graphExecDestroy,
      .graphDestroy = graphDestroy,
      .imageOf = imageOf,
      .memSetPurpose = memSetPurpose,
      .memDiscardAsync = memDiscardAsync,
      .streamTakeFindings = streamTakeFindings,
  };
  return driver;
}

} // namespace nnrt::emulator
