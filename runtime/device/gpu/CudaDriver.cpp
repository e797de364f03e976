// NVIDIA's driver library, looked for when a program runs.
#include "runtime/device/gpu/CudaDriver.h"

#include "runtime/device/gpu/GpuErrors.h"

#include <dlfcn.h>

namespace nnrt::gpu {

namespace {
/// The interface that Driver.h states: that of CUDA 12.0, the first that loads PTX 8.0.
constexpr int neededVersion = 12000;

/// cuGetProcAddress in its first and its second version; the latter also says why.
using GetAddress = Result (*)(const char *symbol, void **address, int version, uint64_t flags);
using GetAddress2 = Result (*)(const char *symbol, void **address, int version, uint64_t flags,
                               int *status);

/// Finds the versions of functions that a program of CUDA 12.0 gets.
class Symbols {
public:
  explicit Symbols(void *library)
      : current(reinterpret_cast<GetAddress2>(dlsym(library, "cuGetProcAddress_v2"))),
        first(reinterpret_cast<GetAddress>(dlsym(library, "cuGetProcAddress"))) {}

  void *find(const char *name) const {
    void *address = nullptr;
    int ignored = 0;
    Result result = current ? current(name, &address, neededVersion, 0, &ignored)
                    : first ? first(name, &address, neededVersion, 0)
                            : Result::NotFound;
    return result == Result::Success ? address : nullptr;
  }

private:
  GetAddress2 current;
  GetAddress first;
};

/// 0 where it has none to say. Libraries of all ages export that function, which has one version.
int versionOf(void *library) {
  int version = 0;
  auto get = reinterpret_cast<Result (*)(int *)>(dlsym(library, "cuDriverGetVersion"));
  return get && get(&version) == Result::Success ? version : 0;
}
} // namespace

Driver loadCudaDriver(int &version, const char *library) {
  void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *why = dlerror();
    throw errors::noDriver(library, why ? why : "");
  }
  version = versionOf(handle);
  if (version < neededVersion)
    throw errors::driverTooOld(version, neededVersion);
  const Symbols symbols(handle);
  Driver driver = {};
  forEachSymbol(driver, [&]<typename Member>(const char *name, Member &member) {
    member = reinterpret_cast<Member>(symbols.find(name));
    if (!member)
      throw errors::driverWithout(name, version);
  });
  return driver;
}

} // namespace nnrt::gpu
