// A driver library that stands in for NVIDIA's, for tests without a GPU.
#include "tests/unit/gpu/FakeCuda.h"

#include <cstring>

using namespace nnrt;
using nnrt::gpu::Result;

static test::FakeCuda *fake() {
  static test::FakeCuda only;
  return &only;
}

extern "C" Result cuDriverGetVersion(int *version) {
  *version = fake()->version;
  return Result::Success;
}

namespace {

/// What every function does first.
Result called(const char *name) {
  ++fake()->calls[name];
  auto failing = fake()->failing.find(name);
  return failing == fake()->failing.end() ? Result::Success : failing->second;
}

/// A function that asks the backend's of the same type, unless it is to fail.
template <auto member> struct Forwarding;
template <typename... Arguments, Result (*gpu::Driver::*member)(Arguments...)>
struct Forwarding<member> {
  static const char *name;
  static Result call(Arguments... arguments) {
    Result result = called(name);
    return result == Result::Success ? (fake()->backend->*member)(arguments...) : result;
  }
};
template <typename... Arguments, Result (*gpu::Driver::*member)(Arguments...)>
const char *Forwarding<member>::name = "";

template <auto member> void *forwarding(const char *name) {
  Forwarding<member>::name = name;
  return reinterpret_cast<void *>(Forwarding<member>::call);
}

Result getErrorString(Result error, const char **text) {
  *text = error == Result::OutOfMemory      ? "out of memory"
          : error == Result::IllegalAddress ? "an illegal memory access was encountered"
          : error == Result::NoDevice       ? "no CUDA-capable device is detected"
                                            : "some error";
  return Result::Success;
}
Result getCount(int *count) {
  *count = fake()->count;
  return called("cuDeviceGetCount");
}
Result getDevice(int *device, int ordinal) {
  fake()->ordinal = ordinal;
  return fake()->backend->deviceGet(device, 0);
}
Result getName(char *name, int bytes, int) {
  strncpy(name, "Fake H100", size_t(bytes));
  return Result::Success;
}
Result getAttribute(int *value, gpu::DeviceAttribute attribute, int device) {
  if (attribute == gpu::DeviceAttribute::CapabilityMajor)
    *value = fake()->major;
  else if (attribute == gpu::DeviceAttribute::CapabilityMinor)
    *value = fake()->minor;
  else
    return fake()->backend->deviceGetAttribute(value, attribute, device);
  return Result::Success;
}
Result getMemory(size_t *free, size_t *total) {
  const Result result = fake()->backend->memGetInfo(free, total);
  if (fake()->free)
    *free = fake()->free;
  return result;
}
Result loadModule(gpu::Module *module, const void *image, unsigned numOptions,
                  gpu::JitOption *options, void **values) {
  const auto *text = static_cast<const char *>(image);
  const std::string word(text, strcspn(text, " \n"));
  fake()->loaded.push_back(word);
  if (numOptions && options[0] == gpu::JitOption::ErrorLog && fake()->refused.contains(word))
    strcpy(static_cast<char *>(values[0]), "ptxas: line 3: oops");
  if (auto refused = fake()->refused.find(word); refused != fake()->refused.end())
    return refused->second;
  return fake()->backend->moduleLoadDataEx(module, fake()->backend->imageOf(fake()->code), 0,
                                           nullptr, nullptr);
}

void *find(const char *name) {
  const std::string_view wanted = name;
  if (wanted == fake()->missing)
    return nullptr;
  auto is = [&](const char *other) { return wanted == other; };
  if (is("cuDriverGetVersion"))
    return reinterpret_cast<void *>(cuDriverGetVersion);
  if (is("cuGetErrorString"))
    return reinterpret_cast<void *>(getErrorString);
  if (is("cuDeviceGetCount"))
    return reinterpret_cast<void *>(getCount);
  if (is("cuDeviceGet"))
    return reinterpret_cast<void *>(getDevice);
  if (is("cuDeviceGetName"))
    return reinterpret_cast<void *>(getName);
  if (is("cuDeviceGetAttribute"))
    return reinterpret_cast<void *>(getAttribute);
  if (is("cuMemGetInfo"))
    return reinterpret_cast<void *>(getMemory);
  if (is("cuModuleLoadDataEx"))
    return reinterpret_cast<void *>(loadModule);
  if (is("cuInit"))
    return forwarding<&gpu::Driver::init>("cuInit");
  if (is("cuMemAlloc"))
    return forwarding<&gpu::Driver::memAlloc>("cuMemAlloc");
  if (is("cuLaunchKernelEx"))
    return forwarding<&gpu::Driver::launchKernelEx>("cuLaunchKernelEx");
  if (is("cuStreamSynchronize"))
    return forwarding<&gpu::Driver::streamSynchronize>("cuStreamSynchronize");
  if (is("cuMemcpyHtoDAsync"))
    return forwarding<&gpu::Driver::memcpyHtoDAsync>("cuMemcpyHtoDAsync");
  if (is("cuFuncSetAttribute"))
    return forwarding<&gpu::Driver::funcSetAttribute>("cuFuncSetAttribute");
  if (is("cuStreamBeginCapture"))
    return forwarding<&gpu::Driver::streamBeginCapture>("cuStreamBeginCapture");
  if (is("cuStreamEndCapture"))
    return forwarding<&gpu::Driver::streamEndCapture>("cuStreamEndCapture");
  if (is("cuGraphInstantiateWithFlags"))
    return forwarding<&gpu::Driver::graphInstantiateWithFlags>("cuGraphInstantiateWithFlags");
  if (is("cuGraphLaunch"))
    return forwarding<&gpu::Driver::graphLaunch>("cuGraphLaunch");
  if (is("cuGraphExecDestroy"))
    return forwarding<&gpu::Driver::graphExecDestroy>("cuGraphExecDestroy");
  if (is("cuGraphDestroy"))
    return forwarding<&gpu::Driver::graphDestroy>("cuGraphDestroy");
  // All others are the backend's own.
  void *found = nullptr;
  gpu::forEachSymbol(*fake()->backend, [&](const char *symbol, auto member) {
    if (wanted == symbol)
      found = reinterpret_cast<void *>(member);
  });
  return found;
}

} // namespace

extern "C" {
test::FakeCuda *fake_cuda() { return fake(); }

Result cuGetProcAddress_v2(const char *symbol, void **address, int version, uint64_t flags,
                           int *status) {
  *address = version == 12000 && flags == 0 ? find(symbol) : nullptr;
  *status = *address ? 0 : 1;
  return *address ? Result::Success : Result::NotFound;
}
}
