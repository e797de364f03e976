// One function per kind of error of a GPU: what was asked for, what there is, what to do.
#include "runtime/device/gpu/GpuErrors.h"

#include "runtime/support/Text.h"

#include <algorithm>

namespace nnrt::gpu::errors {

static constexpr const char *onTheCpu = "--device cpu runs the program on the processor";

/// 12040 -> "CUDA 12.4".
static std::string versionText(int version) {
  return version ? cat("CUDA ", version / 1000, ".", version % 1000 / 10) : "an unknown version";
}

Error noDriver(std::string_view library, std::string_view why) {
  // The system's word often begins with the name.
  if (why.starts_with(cat(library, ": ")))
    why.remove_prefix(library.size() + 2);
  return Error(cat("there is no NVIDIA driver: ", library, " cannot be loaded",
                   why.empty() ? "" : " (", why, why.empty() ? "" : ")"),
               cat("install the driver of the GPU; ", onTheCpu));
}

Error driverTooOld(int version, int needed) {
  return Error(cat("the NVIDIA driver is too old: it supports ", versionText(version),
                   ", and this program needs ", versionText(needed), " at least"),
               cat("update the driver; ", onTheCpu));
}

Error driverWithout(std::string_view symbol, int version) {
  return Error(cat("the NVIDIA driver (", versionText(version), ") has no '", symbol,
                   "', which this program needs"),
               cat("update the driver, or install it again; ", onTheCpu));
}

Error noDevice(std::string_view why) {
  return Error(cat("no GPU can be used: ", why),
               cat("CUDA_VISIBLE_DEVICES may hide it; ", onTheCpu));
}

Error noSuchDevice(int ordinal, int count) {
  return Error(
      cat("there is no device cuda:", ordinal, "; ",
          count == 1 ? "the only one is cuda:0" : cat("they are cuda:0 to cuda:", count - 1)),
      "CUDA_VISIBLE_DEVICES chooses and orders them, too");
}

Error badDeviceName(std::string_view name) {
  return Error(cat("unknown device '", printable(name), "'"),
               "say cuda, cuda:1 for the second GPU, emulator or emulator:fast",
               Status::BadCommandLine);
}

Error chipNotBuiltFor(std::string_view device, Capability capability,
                      std::span<const std::string_view> chips) {
  const std::string chip = capability.chip();
  const bool isTooOld = capability.major < 8;
  std::vector<std::string> names(chips.begin(), chips.end());
  return Error(cat("this program was not built for ", device, ", which is ", chip, "; it has ",
                   names.empty() ? "no code for any GPU" : joined(names)),
               cat(isTooOld ? std::string("kernels need sm_80 or newer")
                            : cat("build it with `nnc build --target cuda --gpu ", chip, "`"),
                   "; ", onTheCpu));
}

Error ptxTooNew(std::string_view ptxVersion, int driverVersion) {
  return Error(cat("the NVIDIA driver (", versionText(driverVersion),
                   ") is too old for this program's kernels (PTX ", ptxVersion, ")"),
               cat("update the driver; ", onTheCpu));
}

Error imageRefused(std::string_view chip, std::string_view why, std::string_view log) {
  return Error(
      cat("the driver does not load the kernels (", chip, "): ", why, log.empty() ? "" : "\n", log),
      {}, Status::Internal);
}

Error kernelMissing(std::string_view kernel, std::string_view chip) {
  return Error(cat("kernel '", kernel, "' is not among those for ", chip), {}, Status::Internal);
}

Error emulatorLeftOut(std::string_view kernel) {
  return Error(cat("kernel '", kernel, "' was compiled for GPUs alone, not for the emulator"));
}

Error outOfMemory(std::string_view device, std::string_view what, uint64_t bytes, uint64_t free,
                  uint64_t total) {
  return Error(cat("not enough memory on ", device, " for ", what, ": ", byteCount(bytes),
                   " are needed, ", byteCount(free), " of ", byteCount(total), " are free"),
               "a smaller --batch takes less; another program may use the GPU");
}

/// "kernel 'k' (net.nn:12)".
static std::string named(const nnrt_kernel &kernel) {
  return cat("kernel '", kernel.name, "'", *kernel.places ? " (" : "", kernel.places,
             *kernel.places ? ")" : "");
}

Error tooMuchShared(const nnrt_kernel &kernel, std::string_view device, uint64_t most) {
  return Error(cat(named(kernel), " needs ", byteCount(kernel.shared_bytes),
                   " of shared memory a block; ", device, " has ", byteCount(most)),
               "build the program for this GPU: nnc build --gpu");
}

Error callFailed(std::string_view call, std::string_view device, std::string_view why) {
  return Error(cat(call, " failed on ", device, ": ", why));
}

Error launchFailed(const nnrt_kernel &kernel, std::string_view device, std::string_view why) {
  return Error(cat(named(kernel), " cannot be launched on ", device, ": ", why), {},
               Status::Internal);
}

Error notRepeatable(std::string_view function) {
  return Error(cat(function, " was called among launches that are to be repeated"), {},
               Status::Internal);
}

Error kernelFailed(std::span<const nnrt_kernel *const> kernels, std::string_view device,
                   std::string_view why) {
  if (kernels.empty())
    return Error(cat(device, " failed: ", why));
  if (kernels.size() == 1)
    return Error(cat(named(*kernels.front()), " failed on ", device, ": ", why), {},
                 Status::Internal);
  std::string list;
  constexpr size_t most = 12;
  for (const nnrt_kernel *kernel : kernels.last(std::min(most, kernels.size())))
    list += cat("\n  ", named(*kernel));
  return Error(cat("a kernel failed on ", device, ": ", why, "; it is one of", list),
               "with NN_SYNC=1 in the environment the kernel is known", Status::Internal);
}

Error findings(std::string_view findings) {
  return Error(cat("the emulator has found faults in kernels\n", findings), {}, Status::Internal);
}

} // namespace nnrt::gpu::errors
