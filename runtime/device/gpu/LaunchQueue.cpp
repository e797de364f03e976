// What entries launch: the kernels of a program, loaded, and the stream that they go to.
#include "runtime/device/gpu/LaunchQueue.h"

#include "runtime/device/Context.h"
#include "runtime/device/gpu/GpuErrors.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <utility>

namespace nnrt::gpu {

DeviceHandle::DeviceHandle(const Driver &driver, int ordinal, int version)
    : driver(driver), version(version) {
  if (Result result = driver.init(0); result != Result::Success)
    throw errors::noDevice(textOf(result));
  int count = 0;
  if (Result result = driver.deviceGetCount(&count); result != Result::Success || count == 0)
    throw errors::noDevice(result == Result::Success ? "the driver finds none" : textOf(result));
  if (ordinal >= count)
    throw errors::noSuchDevice(ordinal, count);
  check(driver.deviceGet(&device, ordinal), "cuDeviceGet");
  std::array<char, 256> text = {};
  if (driver.deviceGetName(text.data(), int(text.size() - 1), device) == Result::Success)
    name = text.data();
  capability = {attribute(DeviceAttribute::CapabilityMajor),
                attribute(DeviceAttribute::CapabilityMinor)};
  check(driver.devicePrimaryCtxRetain(&context, device), "cuDevicePrimaryCtxRetain");
}

DeviceHandle::~DeviceHandle() { driver.devicePrimaryCtxRelease(device); }

void DeviceHandle::enter() const { check(driver.ctxSetCurrent(context), "cuCtxSetCurrent"); }

int DeviceHandle::attribute(DeviceAttribute attribute) const {
  int value = 0;
  check(driver.deviceGetAttribute(&value, attribute, device), "cuDeviceGetAttribute");
  return value;
}

std::string DeviceHandle::textOf(Result error) const {
  const char *text = nullptr;
  if (driver.getErrorString(error, &text) != Result::Success || !text)
    text = "an unknown error";
  return cat(text, " (CUDA error ", int(error), ")");
}

void DeviceHandle::check(Result result, const char *call) const {
  if (result != Result::Success)
    throw errors::callFailed(call, name.empty() ? "the GPU" : name, textOf(result));
}

} // namespace nnrt::gpu

namespace nnrt {

using namespace gpu;

LaunchQueue::LaunchQueue(const DeviceHandle &device, const nnrt_gpu_code &code)
    : device(device), code(code), graphs(device.driver) {
  const char *wish = getenv("NN_SYNC");
  waitsForEach = wish && *wish && std::string_view(wish) != "0";
  launched.reserve(code.num_kernels);
  try {
    loadFirst();
    device.check(device.driver.streamCreate(&queue, streamNonBlocking), "cuStreamCreate");
  } catch (...) {
    release();
    throw;
  }
}

LaunchQueue::~LaunchQueue() { release(); }

void LaunchQueue::release() {
  graphs.clear();
  if (queue)
    device.driver.streamDestroy(queue);
  if (module)
    device.driver.moduleUnload(module);
}

/// Loads the first image that the driver takes.
void LaunchQueue::loadFirst() {
  if (device.driver.imageOf) {
    device.check(
        device.driver.moduleLoadDataEx(&module, device.driver.imageOf(&code), 0, nullptr, nullptr),
        "cuModuleLoadDataEx");
    findKernels("the emulator");
    return;
  }
  std::optional<Error> refusal;
  for (const nnrt_image *image : imagesFor(code, device.capability))
    if (load(*image, refusal)) {
      findKernels(image->chip);
      return;
    }
  if (refusal)
    throw Error(*refusal);
  const std::vector<std::string> chips = chipsOf(code);
  throw gpu::errors::chipNotBuiltFor(device.name, device.capability,
                                     std::vector<std::string_view>(chips.begin(), chips.end()));
}

/// Whether the driver takes the image; else `refusal` says why, where another can't be the answer.
bool LaunchQueue::load(const nnrt_image &image, std::optional<Error> &refusal) {
  std::array<char, 4096> log = {};
  std::array<JitOption, 2> options = {JitOption::ErrorLog, JitOption::ErrorLogBytes};
  std::array<void *, 2> values = {log.data(), std::bit_cast<void *>(log.size() - 1)};
  const Result result = device.driver.moduleLoadDataEx(
      &module, image.bytes, unsigned(options.size()), options.data(), values.data());
  if (result == Result::Success)
    return true;
  module = nullptr;
  const std::string why = device.textOf(result);
  if (result == Result::OutOfMemory)
    throw gpu::errors::callFailed("cuModuleLoadDataEx", device.name, why);
  if (result == Result::UnsupportedPtxVersion)
    refusal = gpu::errors::ptxTooNew(factsOf(image).version, device.version);
  else if (result != Result::NoBinaryForGpu)
    refusal = gpu::errors::imageRefused(image.chip, why, log.data());
  return false;
}

void LaunchQueue::findKernels(std::string_view chip) {
  const Driver &driver = device.driver;
  constexpr uint32_t withoutAsking = 48 << 10;
  const int processors = device.attribute(DeviceAttribute::Multiprocessors);
  for (const nnrt_kernel &kernel : std::span(code.kernels, code.num_kernels)) {
    Kernel found;
    const Result result = driver.moduleGetFunction(&found.function, module, kernel.name);
    if (result == Result::NotFound)
      throw driver.imageOf ? gpu::errors::emulatorLeftOut(kernel.name)
                           : gpu::errors::kernelMissing(kernel.name, chip);
    device.check(result, "cuModuleGetFunction");
    if (kernel.shared_bytes > withoutAsking) {
      const auto most = uint64_t(device.attribute(DeviceAttribute::MostSharedBytes));
      if (kernel.shared_bytes > most)
        throw gpu::errors::tooMuchShared(kernel, device.name, most);
      device.check(driver.funcSetAttribute(found.function,
                                           FunctionAttribute::MostDynamicSharedBytes,
                                           int(kernel.shared_bytes)),
                   "cuFuncSetAttribute");
    }
    if (kernel.is_cooperative) {
      int blocks = 0;
      device.check(driver.occupancyMaxActiveBlocksPerMultiprocessor(
                       &blocks, found.function, int(kernel.threads), kernel.shared_bytes),
                   "cuOccupancyMaxActiveBlocksPerMultiprocessor");
      found.mostBlocks = int64_t(blocks) * processors;
      if (!found.mostBlocks)
        throw gpu::errors::launchFailed(kernel, device.name, "not one block can be resident");
    }
    kernels.push_back(found);
  }
}

/// Whether a kernel's own doing is what failed.
static bool isOfKernel(Result result) {
  switch (result) {
  case Result::IllegalAddress:
  case Result::LaunchTimeout:
  case Result::HardwareStackError:
  case Result::IllegalInstruction:
  case Result::MisalignedAddress:
  case Result::InvalidAddressSpace:
  case Result::InvalidPc:
  case Result::LaunchFailed:
    return true;
  default:
    return false;
  }
}

Result LaunchQueue::ask(uint32_t number, int64_t blocks, void *const *arguments) {
  const nnrt_kernel &kernel = code.kernels[number];
  const Kernel &loaded = kernels[number];
  LaunchAttribute attribute = {.id = LaunchAttribute::Id::Cooperative,
                               .value = {.cooperative = 1, .rest = {}}};
  const int64_t most = std::min<int64_t>(loaded.mostBlocks, INT32_MAX);
  const LaunchConfig config = {.blocks = {unsigned(std::clamp<int64_t>(blocks, 1, most)), 1, 1},
                               .threads = {kernel.threads, 1, 1},
                               .sharedBytes = kernel.shared_bytes,
                               .stream = queue,
                               .attributes = kernel.is_cooperative ? &attribute : nullptr,
                               .numAttributes = kernel.is_cooperative ? 1u : 0u};
  return device.driver.launchKernelEx(&config, loaded.function, const_cast<void **>(arguments),
                                      nullptr);
}

Result LaunchQueue::askCopy(void *to, const void *from, uint64_t bytes) {
  return device.driver.memcpyDtoDAsync(reinterpret_cast<Address>(to),
                                       reinterpret_cast<Address>(from), bytes, queue);
}

/// The kernel may be what fails next.
void LaunchQueue::note(const nnrt_kernel &kernel) {
  if (auto at = std::find(launched.begin(), launched.end(), &kernel); at != launched.end())
    launched.erase(at);
  launched.push_back(&kernel);
}

void LaunchQueue::start(uint32_t number, int64_t blocks, void *const *arguments) {
  const nnrt_kernel &kernel = code.kernels[number];
  const Result result = ask(number, blocks, arguments);
  if (isOfKernel(result))
    check(result, "cuLaunchKernelEx");
  if (result != Result::Success)
    throw gpu::errors::launchFailed(kernel, device.name, device.textOf(result));
  note(kernel);
  if (waitsForEach)
    synchronize();
}

void LaunchQueue::startCopy(void *to, const void *from, uint64_t bytes) {
  check(askCopy(to, from, bytes), "cuMemcpyDtoDAsync");
}

/// Does something that may throw, unless something has thrown before, and keeps what it throws.
template <typename Action> static void attempt(std::exception_ptr &failure, Action action) {
  if (failure)
    return;
  try {
    action();
  } catch (...) { // the host's memory may be used up as well
    failure = std::current_exception();
  }
}

void LaunchQueue::launch(uint32_t kernel, int64_t blocks, void *const *arguments) noexcept {
  attempt(failure, [&] {
    if (recording)
      recording->addLaunch(kernel, blocks, arguments);
    else
      start(kernel, blocks, arguments);
  });
}

void LaunchQueue::copy(void *to, const void *from, uint64_t bytes) noexcept {
  attempt(failure, [&] {
    if (!bytes)
      return;
    if (recording)
      recording->addCopy(to, from, bytes);
    else
      startCopy(to, from, bytes);
  });
}

/// The driver keeps a copy of what doesn't lie in its own (pinned) memory, or waits until it is
/// there.
void LaunchQueue::set(void *to, const void *from, uint64_t bytes) noexcept {
  attempt(failure, [&] {
    if (recording)
      throw gpu::errors::notRepeatable("nnrt_set");
    if (bytes)
      check(device.driver.memcpyHtoDAsync(reinterpret_cast<Address>(to), from, bytes, queue),
            "cuMemcpyHtoDAsync");
  });
}

void LaunchQueue::repeat(void (*body)(void *environment, int64_t pass), void *environment,
                         int64_t passes) noexcept {
  attempt(failure, [&] {
    if (recording)
      throw gpu::errors::notRepeatable("nnrt_repeat");
    if (passes <= 0)
      return;
    LaunchList list(kernelsOfCode());
    recording = &list;
    body(environment, 0);
    recording = nullptr;
    if (failure || !list.size())
      return;
    // A graph that is launched once isn't worth making. What remains of passes is launched by
    // itself: that is less than one graph holds, and so costs less than to make a second graph.
    const int64_t each = passesOfGraph(list.size());
    if (passes / each >= 2)
      if (GraphExec graph = graphFor(list)) {
        startGraphs(list, graph, passes / each);
        passes %= each;
      }
    startPasses(list, passes);
  });
}

void LaunchQueue::startPasses(const LaunchList &list, int64_t passes) {
  for (int64_t i = 0; i < passes; ++i)
    list.forEach(
        [&](uint32_t kernel, int64_t blocks, void *const *arguments) {
          start(kernel, blocks, arguments);
          return true;
        },
        [&](void *to, const void *from, uint64_t bytes) {
          startCopy(to, from, bytes);
          return true;
        });
}

void LaunchQueue::startGraphs(const LaunchList &list, GraphExec graph, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    check(device.driver.graphLaunch(graph, queue), "cuGraphLaunch");
    if (i == 0)
      list.forEach(
          [&](uint32_t kernel, int64_t, void *const *) {
            note(code.kernels[kernel]);
            return true;
          },
          [](void *, const void *, uint64_t) { return true; });
  }
}

/// Null: there are to be no graphs. Whatever keeps the driver from making one, launches without it
/// either do or tell.
GraphExec LaunchQueue::graphFor(const LaunchList &list) {
  if (waitsForEach || !makesGraphs)
    return nullptr;
  if (GraphExec graph = graphs.find(list))
    return graph;
  const GraphExec graph = captureGraph(device.driver, queue, passesOfGraph(list.size()), [&] {
    return list.forEach(
        [&](uint32_t kernel, int64_t blocks, void *const *arguments) {
          return ask(kernel, blocks, arguments) == Result::Success;
        },
        [&](void *to, const void *from, uint64_t bytes) {
          return askCopy(to, from, bytes) == Result::Success;
        });
  });
  if (graph)
    graphs.add(list, graph);
  else
    makesGraphs = false;
  return graph;
}

void LaunchQueue::rethrow() {
  if (!failure)
    return;
  std::rethrow_exception(std::exchange(failure, nullptr));
}

void LaunchQueue::synchronize() {
  rethrow();
  check(device.driver.streamSynchronize(queue), "cuStreamSynchronize");
  launched.clear();
}

void LaunchQueue::check(Result result, const char *call) {
  if (result == Result::Success)
    return;
  if (device.driver.streamTakeFindings)
    if (std::string found = device.driver.streamTakeFindings(queue); !found.empty())
      throw gpu::errors::findings(found);
  if (isOfKernel(result))
    throw gpu::errors::kernelFailed(launched, device.name, device.textOf(result));
  device.check(result, call);
}

} // namespace nnrt

extern "C" void nnrt_launch(nnrt_context *context, uint32_t kernel, int64_t blocks,
                            void *const *arguments) {
  context->launches->launch(kernel, blocks, arguments);
}

extern "C" void nnrt_copy(nnrt_context *context, void *to, const void *from, uint64_t bytes) {
  context->launches->copy(to, from, bytes);
}

extern "C" void nnrt_set(nnrt_context *context, void *to, const void *from, uint64_t bytes) {
  context->launches->set(to, from, bytes);
}

extern "C" void nnrt_repeat(nnrt_context *context, void (*body)(void *environment, int64_t pass),
                            void *environment, int64_t passes) {
  context->launches->repeat(body, environment, passes);
}
